//! Normally distributed numbers.

use rand_chacha::ChaCha8Rng;

use super::stream::unit;

/// Replaces every number by one drawn with this mean and standard deviation.
///
/// Marsaglia's polar method: exact, no tables, two numbers a round (G. Marsaglia and T. A. Bray,
/// "A convenient method for generating normal variables", SIAM Review 6, 1964).
pub(crate) fn fill_normal(random: &mut ChaCha8Rng, mean: f64, stddev: f64, numbers: &mut [f64]) {
    for pair in numbers.chunks_mut(2) {
        let (x, y, square) = loop {
            let x = 2.0 * unit(random) - 1.0;
            let y = 2.0 * unit(random) - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                break (x, y, square);
            }
        };
        let scale = stddev * (-2.0 * square.ln() / square).sqrt();
        for (number, deviate) in pair.iter_mut().zip([x, y]) {
            *number = mean + scale * deviate;
        }
    }
}

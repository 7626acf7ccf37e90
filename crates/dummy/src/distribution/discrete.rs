//! Distributions over consecutive whole numbers, drawn from a table.

use rand_chacha::ChaCha8Rng;

use super::stream::unit;

/// A table of cumulative probabilities of the numbers `first`, `first + 1`, …
#[derive(Debug)]
pub(crate) struct Discrete {
    first: i64,
    cumulative: Vec<f64>,
}

impl Discrete {
    /// Numbers from `first` on with these weights, which need not add up to one.
    pub(crate) fn new(first: i64, weights: &[f64]) -> Self {
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        // A trailing number of weight zero must not be drawn by rounding.
        let drawable = weights
            .iter()
            .rposition(|weight| *weight > 0.0)
            .map_or(0, |last| last + 1);
        cumulative.truncate(drawable.max(1));
        for probability in &mut cumulative {
            *probability /= sum;
        }
        Self { first, cumulative }
    }

    /// A Poisson distribution, without the tails that no run could ever draw from.
    pub(crate) fn poisson(mean: f64) -> Self {
        /// Weights relative to the most likely number; 2^-53 is the finest a draw can tell apart.
        const NEGLIGIBLE: f64 = 1e-25;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "means are bounded by the study's check"
        )]
        let mode = mean.floor() as i64;
        let mut below = Vec::new();
        let mut weight = 1.0;
        let mut number = mode;
        while number > 0 && weight > NEGLIGIBLE {
            weight *= number as f64 / mean;
            below.push(weight);
            number -= 1;
        }
        let mut weights: Vec<f64> = below.into_iter().rev().collect();
        weight = 1.0;
        number = mode;
        while weight > NEGLIGIBLE {
            weights.push(weight);
            number += 1;
            weight *= mean / number as f64;
        }
        let first = number - i64::try_from(weights.len()).unwrap_or(i64::MAX);
        Self::new(first, &weights)
    }

    /// One number.
    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> i64 {
        self.first + i64::try_from(self.draw_position(random)).unwrap_or(0)
    }

    /// The position of one number in the table.
    pub(crate) fn draw_position(&self, random: &mut ChaCha8Rng) -> usize {
        let point = unit(random);
        let position = if self.cumulative.len() <= 16 {
            // Short tables: counting has no branch to mispredict.
            self.cumulative
                .iter()
                .filter(|bound| **bound <= point)
                .count()
        } else {
            self.cumulative.partition_point(|bound| *bound <= point)
        };
        position.min(self.cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream::Stream;
    use super::*;

    #[test]
    fn poisson_has_its_mean_and_variance() {
        for mean in [0.0, 0.1, 1.0, 7.5, 400.0, 1e6] {
            let table = Discrete::poisson(mean);
            let mut random = Stream::of_column(3, "test", "poisson").whole();
            let draws: Vec<f64> = (0..40_000)
                .map(|_| table.draw(&mut random) as f64)
                .collect();
            let count = draws.len() as f64;
            let average = draws.iter().sum::<f64>() / count;
            let variance = draws.iter().map(|x| (x - average).powi(2)).sum::<f64>() / count;
            let error = 5.0 * (mean / count).sqrt();
            assert!((average - mean).abs() <= error, "{mean}: average {average}");
            assert!(
                (variance - mean).abs() <= 0.05 * mean + error,
                "{mean}: variance {variance}"
            );
        }
    }

    #[test]
    fn numbers_of_weight_zero_never_come() {
        let table = Discrete::new(5, &[0.0, 0.5, 0.0, 0.5, 0.0]);
        let mut random = Stream::of_column(1, "test", "zero").whole();
        for _ in 0..10_000 {
            assert!([6, 8].contains(&table.draw(&mut random)));
        }
    }
}

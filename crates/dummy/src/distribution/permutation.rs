//! A random order of `0..size` that is computed rather than stored.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// A keyed bijection of `0..size`: a Feistel network over the next even number of bits, walked
/// until it lands inside (J. Black and P. Rogaway, "Ciphers with arbitrary finite domains", 2002).
///
/// Distinct inputs give distinct outputs, so distinct ids need no memory of the ids given out.
pub(crate) struct Permutation {
    size: u64,
    half_bits: u32,
    keys: [u64; 6],
}

impl Permutation {
    pub(crate) fn new(size: u64, random: &mut ChaCha8Rng) -> Self {
        let bits = 64 - size.saturating_sub(1).leading_zeros();
        Self {
            size,
            half_bits: bits.div_ceil(2).max(1),
            keys: [(); 6].map(|()| random.next_u64()),
        }
    }

    /// The number at a position below `size`.
    pub(crate) fn at(&self, position: u64) -> u64 {
        let mut number = position;
        // The domain is less than four times the size, so that a walk takes few steps on average,
        // and it ends because a permutation's cycle leads back to where it began.
        loop {
            number = self.encipher(number);
            if number < self.size {
                return number;
            }
        }
    }

    fn encipher(&self, number: u64) -> u64 {
        let mask = (1_u64 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// The finaliser of `SplitMix64` (G. L. Steele, D. Lea and C. H. Flood, 2014).
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::stream::Stream;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_comes_once(size in 1..3_000_u64, seed in any::<u64>()) {
            let order = Permutation::new(size, &mut Stream::of_column(seed, "test", "id").whole());
            let mut numbers: Vec<u64> = (0..size).map(|position| order.at(position)).collect();
            numbers.sort_unstable();
            prop_assert!(numbers.into_iter().eq(0..size));
        }
    }

    #[test]
    fn the_first_tenth_is_spread_over_the_whole() {
        let order = Permutation::new(1_000_000, &mut Stream::of_column(9, "test", "id").whole());
        let mut deciles = [0_u32; 10];
        for position in 0..100_000 {
            deciles[usize::try_from(order.at(position) / 100_000).unwrap()] += 1;
        }
        assert!(
            deciles.iter().all(|count| (9_500..10_500).contains(count)),
            "{deciles:?}"
        );
    }
}

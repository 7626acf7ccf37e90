//! One random stream for each case, so that a result depends on nothing but the data and the seed.
//!
//! The generator is `ChaCha` with eight rounds. Its key is the seed (eight bytes, little-endian,
//! then zeros); its stream number is the case's `patient_id` where that is a whole number, and
//! the 64-bit FNV-1a hash of the id's text where it is not. So a case draws the same numbers
//! whatever other cases there are, in whatever order or on whatever thread it is processed, and
//! two cases never share a sequence of draws. (The reference restarts one constant sequence for
//! every case, which makes the draws of different cases depend on each other.)

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::table::Id;

/// The seed when the settings name none: a constant, so that a run can be repeated.
pub const DEFAULT_SEED: u64 = 123;

/// The random numbers of one case.
pub(crate) struct CaseStream(ChaCha8Rng);

impl CaseStream {
    /// The stream of the case called `id` under `seed`.
    pub(crate) fn new(seed: u64, id: Id<'_>) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(match id {
            Id::Number(number) => number.cast_unsigned(),
            Id::Text(text) => fnv1a(text),
        });
        Self(generator)
    }

    /// A whole number from 0 to `bound - 1`, each equally likely; 0 if `bound` is 0.
    ///
    /// Multiplies and rejects the few values that would favour some results (Lemire 2019, "Fast
    /// random integer generation in an interval").
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let reject_below = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
        loop {
            let product = u64::from(self.0.next_u32()) * u64::from(bound);
            let (whole, fraction) = (product >> 32, product & u64::from(u32::MAX));
            if fraction >= u64::from(reject_below) {
                return u32::try_from(whole).unwrap_or(0);
            }
        }
    }
}

fn fnv1a(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(seed: u64, id: Id<'_>) -> Vec<u32> {
        let mut stream = CaseStream::new(seed, id);
        (0..8).map(|_| stream.below(1_000_000)).collect()
    }

    #[test]
    fn a_stream_is_a_function_of_seed_and_case() {
        assert_eq!(draws(1, Id::Number(7)), draws(1, Id::Number(7)));
        assert_ne!(draws(1, Id::Number(7)), draws(2, Id::Number(7)));
        assert_ne!(draws(1, Id::Number(7)), draws(1, Id::Number(8)));
        assert_ne!(draws(1, Id::Number(-1)), draws(1, Id::Number(1)));
        assert_ne!(draws(1, Id::Text(b"a")), draws(1, Id::Text(b"b")));
    }

    /// Written down so that a change of generator, which would change every study's controls,
    /// cannot happen unnoticed.
    #[test]
    fn the_default_seed_gives_these_numbers() {
        assert_eq!(draws(DEFAULT_SEED, Id::Number(1)), FIRST_DRAWS);
    }
    const FIRST_DRAWS: [u32; 8] = [
        109_540, 577_164, 736_688, 377_355, 350_300, 119_753, 205_324, 324_192,
    ];

    #[test]
    fn every_result_is_equally_likely() {
        let mut counts = [0_u32; 7];
        for id in 0..7_000 {
            counts[CaseStream::new(5, Id::Number(id)).below(7) as usize] += 1;
        }
        // Each is binomial with mean 1,000 and standard deviation 29; five of those are allowed.
        assert!(
            counts.iter().all(|count| (855..=1_145).contains(count)),
            "{counts:?}"
        );
        assert_eq!(CaseStream::new(5, Id::Number(1)).below(0), 0);
        assert_eq!(CaseStream::new(5, Id::Number(1)).below(1), 0);
    }
}

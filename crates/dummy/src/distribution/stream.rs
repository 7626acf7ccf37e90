//! Independent random streams, one for each column and block.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Says which version of the generator made a file: change it with anything that changes bytes.
const DOMAIN: &[u8] = b"glovebox dummy data 1";

/// The streams of one column.
pub(crate) struct Stream {
    key: [u8; 32],
}

impl Stream {
    /// Columns of different names or studies have unrelated streams, also under one seed.
    pub(crate) fn of_column(seed: u64, study: &str, column: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(seed.to_le_bytes());
        for name in [study, column] {
            // The length keeps "ab" + "c" apart from "a" + "bc".
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        Self {
            key: hash.finalize().into(),
        }
    }

    /// The stream of values of one block of rows.
    pub(crate) fn block(&self, block: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::from_seed(self.key);
        random.set_stream(block);
        random
    }

    /// The stream of decisions about the column as a whole; no block has this number.
    pub(crate) fn whole(&self) -> ChaCha8Rng {
        self.block(u64::MAX)
    }
}

/// A number uniform in [0, 1), with 53 random bits.
pub(crate) fn unit(random: &mut ChaCha8Rng) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (random.next_u64() >> 11) as f64 * STEP
}

//! Seeds of dummy data, and ids of jobs.

use std::fs::File;
use std::io::{self, Read as _};

/// A seed nobody chose; small enough to be typed again.
pub(crate) fn fresh() -> io::Result<u64> {
    let mut bytes = [0; 4];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from(u32::from_le_bytes(bytes)))
}

/// A job's id: sixteen letters and digits that no other job has, in base 32 as the reference's are.
pub(crate) fn job_id() -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

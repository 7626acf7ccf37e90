//! Copying and hashing in one go, so that what was stored is what was hashed.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
};

use sha2::{Digest as _, Sha256};

/// What a file holds: enough to tell whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    /// SHA-256 in lower case hexadecimal digits.
    pub(crate) hash: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// Reads a file from its start to its end, but no further than one byte past `max_size`.
pub(crate) fn digest(file: &File, max_size: u64) -> io::Result<Digest> {
    run(file, None, max_size)
}

/// Writes the content of `from` into the empty file `to` and makes it durable. Where the file
/// system can share the blocks of both files it does; the result is read back either way it was
/// made. No more than one byte past `max_size` is copied.
pub(crate) fn transfer(from: &File, to: &File, max_size: u64) -> io::Result<Digest> {
    let copied = if rustix::fs::ioctl_ficlone(to, from).is_ok() {
        digest(to, max_size)?
    } else {
        run(from, Some(to), max_size)?
    };
    to.sync_data()?;
    Ok(copied)
}

fn run(mut from: &File, mut to: Option<&File>, max_size: u64) -> io::Result<Digest> {
    from.rewind()?;
    let mut bounded = from.take(max_size.saturating_add(1));
    let mut buffer = vec![0_u8; 128 * 1024];
    let mut hasher = Sha256::new();
    let mut size = 0;
    loop {
        let read = match bounded.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..read]);
        if let Some(to) = &mut to {
            to.write_all(&buffer[..read])?;
        }
        size += read as u64;
    }
    Ok(Digest {
        hash: base16ct::lower::encode_string(&hasher.finalize()),
        size,
    })
}

//! The token that says which backend an agent speaks for.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// No token is longer, in bytes.
const MOST_BYTES: u64 = 4096;

/// A backend's token. It is read from a file, never given as a setting or an argument, which others
/// can see; and it never shows when something is printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// What is wrong with a file that should hold a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is a folder, a pipe or a device.
    #[error("is no regular file")]
    NotAFile,
    /// Other accounts may read or write it.
    #[error(
        "may be read or changed by others (its mode is {0:03o}): type `chmod 600` and its name"
    )]
    Mode(u32),
    /// It belongs to somebody else.
    #[error("belongs to another account: this one, or root, has to own it")]
    Owner,
    /// Nothing is in it, or something that no token looks like.
    #[error("holds no token: it should be one line of visible characters, 4096 at most")]
    Content,
}

impl Token {
    /// Reads the only line of a file that nobody else may read.
    pub(crate) fn read(path: &Path) -> Result<Self, TokenError> {
        // A pipe would be waited for.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?;
        let file = File::from(file);
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(TokenError::NotAFile);
        }
        let mode = found.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenError::Mode(mode));
        }
        if found.uid() != 0 && found.uid() != rustix::process::geteuid().as_raw() {
            return Err(TokenError::Owner);
        }
        let mut text = String::new();
        file.take(MOST_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|_| TokenError::Content)?;
        let text = text.trim();
        let fits = !text.is_empty() && text.len() as u64 <= MOST_BYTES;
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TokenError::Content)
        }
    }

    /// As it is sent.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

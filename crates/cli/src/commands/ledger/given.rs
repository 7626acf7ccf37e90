//! What is given on the command line: a key, and small files.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use glovebox_ledger::VerifierKey;

use super::super::visible::visible;
use super::stop::Stop;

/// The key of the ledger, from somebody you trust; its keeper publishes it.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Key {
    /// The ledger's public key, such as `example.org/ledger+1a2b3c4d+AQ…`.
    #[arg(long, value_name = "KEY")]
    key: Option<VerifierKey>,

    /// A file that holds the public key, as its only line.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Key {
    pub(super) fn read(&self) -> Result<VerifierKey, Stop> {
        /// No key is longer, in bytes.
        const LONGEST: u64 = 1024;
        match (&self.key, &self.key_file) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(path)) => {
                let bytes = small_file(path, LONGEST)?;
                let text = String::from_utf8_lossy(&bytes);
                text.trim_end()
                    .parse()
                    .map_err(|fault| Stop::usage(format!("{}: {fault}", path.display())))
            }
            (None, None) => Err(Stop::usage("give the key, with --key or --key-file")),
        }
    }
}

/// Reads a regular file, without waiting for anything; no more than so many bytes.
pub(super) fn small_file(path: &Path, longest: u64) -> Result<Vec<u8>, Stop> {
    let shown = path.display();
    let unreadable = |error| Stop::usage(format!("{shown} cannot be read: {error}"));
    let no_waiting = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options()
        .read(true)
        .custom_flags(no_waiting)
        .open(path)
        .map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Stop::usage(format!("{shown} is no regular file")));
    }
    let mut bytes = Vec::new();
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > longest {
        return Err(Stop::usage(format!(
            "{shown} is longer than {longest} bytes: name the right file"
        )));
    }
    Ok(bytes)
}

/// A path as it may be shown on a terminal.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

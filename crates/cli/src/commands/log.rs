//! What a service says about itself: one JSON object a line, on standard error or in a file.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

/// Appends it to a file that its owner alone can read, from now on.
pub(super) fn to_file(path: &Path) -> io::Result<()> {
    let file = File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::INFO)
        .with_writer(Mutex::new(file));
    // It is set once in the life of a program, before anything else is.
    let _ = log.try_init();
    Ok(())
}

/// Sends it to standard error from now on.
pub(super) fn to_standard_error() {
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::INFO)
        .with_writer(io::stderr);
    // It is set once in the life of a program, before anything else is.
    let _ = log.try_init();
}

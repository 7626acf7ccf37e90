//! The file to check.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use glovebox_pipeline::MAX_BYTES;

use super::super::visible::visible;

/// A project file and what to call it.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read {name}: {error}. Name a project file, or a folder that holds project.yaml: glovebox check PATH"
)]
pub(super) struct Unreadable {
    name: String,
    error: io::Error,
}

impl Input {
    /// Reads a file, the `project.yaml` of a folder, or, for `-`, standard input.
    pub(super) fn read(path: &Path) -> Result<Self, Unreadable> {
        if path == Path::new("-") {
            return Self::from_reader("standard input".to_owned(), io::stdin().lock());
        }
        let path = if path.is_dir() {
            path.join("project.yaml")
        } else {
            path.to_owned()
        };
        let shown = path.strip_prefix(".").unwrap_or(&path);
        let name = visible(&shown.display().to_string());
        match File::open(&path) {
            Ok(file) => Self::from_reader(name, file),
            Err(error) => Err(Unreadable { name, error }),
        }
    }

    /// Reads one byte more than is allowed at most, so that the check itself refuses what is
    /// longer.
    fn from_reader(name: String, reader: impl Read) -> Result<Self, Unreadable> {
        let mut bytes = Vec::new();
        match reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
            Ok(_) => Ok(Self { name, bytes }),
            Err(error) => Err(Unreadable { name, error }),
        }
    }
}

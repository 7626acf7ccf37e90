//! The two stores of one workspace: where outputs lie after the job that made them.
//!
//! ```text
//! <root>/highly_sensitive/            every output, whatever its level; only other jobs read it
//! <root>/highly_sensitive/manifest.json
//! <root>/moderately_sensitive/        what people may view: outputs that passed the checks,
//! <root>/moderately_sensitive/manifest.json                  and a .txt for each that did not
//! ```
//!
//! Minimally sensitive outputs stay in the first tree too: that they identify nobody is so far
//! only their author's word. Nothing is ever deleted because a job did not make it again; it is
//! marked as out of date.

mod error;
mod filing;
mod intake;
mod notes;
mod out_of_date;
mod reading;
mod shelf;

use std::{
    fs::{DirBuilder, File},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, OFlags},
    io::Errno,
};

pub use error::StoreError;
pub use filing::{Filed, FilingReport, Provenance, Withheld};
pub use reading::{Fault, Mismatch, StoredOutput};

use crate::{beneath::FILE_MODE, level::Level};
use shelf::Shelf;

/// The lock file: one process at a time changes a store.
const LOCK: &str = ".lock";

/// The two stores of one workspace.
#[derive(Debug)]
pub struct Store {
    root: File,
    root_path: PathBuf,
    high: Shelf,
    moderate: Shelf,
}

impl Store {
    /// Opens the stores below `root`, making what is not there; private to this account.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, StoreError> {
        let root_path = root.as_ref().to_path_buf();
        let failed = |error: std::io::Error| StoreError::io("open", &root_path, error);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root_path)
            .map_err(failed)?;
        let root = File::open(&root_path).map_err(failed)?;
        let high = Shelf::open(&root, &root_path, Level::HighlySensitive.as_str())?;
        let moderate = Shelf::open(&root, &root_path, Level::ModeratelySensitive.as_str())?;
        Ok(Self {
            root,
            root_path,
            high,
            moderate,
        })
    }

    /// Where the highly sensitive store is.
    pub fn high_path(&self) -> &Path {
        self.high.path()
    }

    /// Where the moderately sensitive store is.
    pub fn moderate_path(&self) -> &Path {
        self.moderate.path()
    }

    /// Waits until no other process changes the stores; until the answer is dropped none does.
    fn lock(&self) -> Result<File, StoreError> {
        let failed = |error: Errno| StoreError::io("lock", self.root_path.join(LOCK), error);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.root, LOCK, flags, FILE_MODE).map_err(failed)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive).map_err(failed)?;
        Ok(File::from(file))
    }
}

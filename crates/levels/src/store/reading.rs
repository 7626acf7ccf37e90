//! Reading what was filed: inputs for later jobs, and whether everything is still as it was.

use std::{
    os::fd::AsFd,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fs::{AtFlags, Mode},
    io::Errno,
};

use super::{Store, StoreError, shelf::Shelf};
use crate::{
    beneath,
    digest::{self, Digest},
    level::Level,
    manifest::{Manifest, OutputRecord},
};

/// An output that can be given to a later job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutput {
    /// Path relative to the workspace.
    pub path: String,
    /// The level that it was declared at.
    pub level: Level,
    /// SHA-256 in lower case hexadecimal digits.
    pub content_hash: String,
    /// Bytes.
    pub size: u64,
}

/// A filed output that is not what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// How a filed output differs from what was filed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("is missing")]
    Missing,
    /// Its content differs.
    #[error("is not what was filed")]
    Changed,
    /// It is a link, or something else that is no regular file, or cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A file that was withheld stands where it may be viewed.
    #[error("was withheld and is there all the same")]
    NotWithheld,
}

impl StoredOutput {
    /// Whether the regular file at the same path below `directory` has the same content. Links
    /// are not followed. Reads all of it where its size is the same.
    pub fn is_same_in(&self, directory: impl AsFd) -> bool {
        let Ok((file, stat)) = beneath::open_file(directory, &self.path) else {
            return false;
        };
        beneath::is_regular(&stat)
            && beneath::size(&stat) == self.size
            && digest::digest(&file, self.size)
                .is_ok_and(|found| is_same(&found, &self.content_hash, self.size))
    }
}

impl Store {
    /// The manifest of the highly sensitive store: every output.
    pub fn high_manifest(&self) -> Result<Manifest, StoreError> {
        self.high.read_manifest()
    }

    /// The manifest of the moderately sensitive store: what people may know of.
    pub fn moderate_manifest(&self) -> Result<Manifest, StoreError> {
        self.moderate.read_manifest()
    }

    /// The outputs that the last filing of an action made, by path.
    pub fn outputs_of(&self, action: &str) -> Result<Vec<StoredOutput>, StoreError> {
        let manifest = self.high.read_manifest()?;
        Ok(manifest
            .outputs
            .into_iter()
            .filter(|(_, record)| record.action == action && !record.out_of_date_output)
            .filter_map(|(path, record)| {
                let OutputRecord {
                    level,
                    size,
                    content_hash,
                    ..
                } = record;
                Some(StoredOutput {
                    path,
                    level,
                    size,
                    content_hash: content_hash?,
                })
            })
            .collect())
    }

    /// Copies a filed output to the same path below `to` (an open directory), making directories
    /// on the way, and makes sure that the copy is what was filed.
    ///
    /// The copy appears whole or not at all, and replaces a file that is there. It may be read by
    /// everyone who can reach the directory, since a job may run as another user.
    pub fn stage(&self, output: &StoredOutput, to: impl AsFd) -> Result<(), StoreError> {
        /// Tells apart the temporary files of one process.
        static NEXT: AtomicU64 = AtomicU64::new(0);

        let corrupted = || StoreError::Corrupted {
            path: self.high.path_of(&output.path),
        };
        let (from, _) = match self.high.open_output(&output.path) {
            Ok(opened) => opened,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::INVAL) => {
                return Err(corrupted());
            }
            Err(error) => {
                return Err(StoreError::io(
                    "read",
                    self.high.path_of(&output.path),
                    error,
                ));
            }
        };
        let failed =
            |error: std::io::Error| StoreError::io("copy an input to", &output.path, error);
        let (parent, name) =
            beneath::create_parent(to, &output.path).map_err(|error| failed(error.into()))?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary = format!(".glovebox-{}-{number}", std::process::id());
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let copy = beneath::create_file(&parent, &temporary, mode)
            .map_err(|error| failed(error.into()))?;
        let result = digest::transfer(&from, &copy, output.size)
            .map_err(failed)
            .and_then(|copied| {
                if !is_same(&copied, &output.content_hash, output.size) {
                    return Err(corrupted());
                }
                rustix::fs::fchmod(&copy, mode)
                    .and_then(|()| rustix::fs::renameat(&parent, &temporary, &parent, name))
                    .map_err(|error| failed(error.into()))
            });
        if result.is_err() {
            let _ = rustix::fs::unlinkat(&parent, &temporary, AtFlags::empty());
        }
        result
    }

    /// Whether a filed output is still what was filed. Reads all of it.
    pub fn holds(&self, output: &StoredOutput) -> bool {
        let Ok((file, _)) = self.high.open_output(&output.path) else {
            return false;
        };
        digest::digest(&file, output.size)
            .is_ok_and(|found| is_same(&found, &output.content_hash, output.size))
    }

    /// Compares every filed output with its manifest. Reads all of them.
    pub fn verify(&self) -> Result<Vec<Mismatch>, StoreError> {
        let _lock = self.lock()?;
        let mut mismatches = Vec::new();
        for shelf in [&self.high, &self.moderate] {
            let is_viewable = std::ptr::eq(shelf, &raw const self.moderate);
            for (path, record) in shelf.read_manifest()?.outputs {
                let fault = if record.excluded && is_viewable {
                    shelf
                        .open_output(&path)
                        .is_ok()
                        .then_some(Fault::NotWithheld)
                } else {
                    fault(shelf, &path, &record)
                };
                let file = shelf.path_of(&path);
                mismatches.extend(fault.map(|fault| Mismatch { file, fault }));
            }
        }
        Ok(mismatches)
    }
}

fn fault(shelf: &Shelf, path: &str, record: &OutputRecord) -> Option<Fault> {
    let unreadable = |error: std::io::Error| Some(Fault::Unreadable(error.to_string()));
    let file = match shelf.open_output(path) {
        Ok((file, _)) => file,
        Err(Errno::NOENT) => return Some(Fault::Missing),
        Err(error) => return unreadable(error.into()),
    };
    match digest::digest(&file, record.size) {
        Ok(digest) => {
            let hash = record.content_hash.as_deref().unwrap_or_default();
            (!is_same(&digest, hash, record.size)).then_some(Fault::Changed)
        }
        Err(error) => unreadable(error),
    }
}

fn is_same(digest: &Digest, hash: &str, size: u64) -> bool {
    digest.hash == hash && digest.size == size
}

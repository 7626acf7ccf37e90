//! Taking files out of a workspace into a store's incoming corner, and putting them back if it
//! comes to nothing.

use std::{fs::File, os::fd::BorrowedFd};

use rustix::{
    fs::{AtFlags, RenameFlags, Stat},
    io::Errno,
};

use super::{StoreError, shelf::Shelf};
use crate::{
    beneath::{self, FILE_MODE},
    collect::{FoundFile, refuse_holes, refuse_kind},
    digest::{self, Digest},
    reserved::is_output_path,
};

/// Files taken from a workspace. Dropped before [`Self::keep`], it puts back what it moved and
/// removes what it copied.
pub(super) struct Intake<'a> {
    workspace: BorrowedFd<'a>,
    shelf: &'a Shelf,
    taken: Vec<Taken>,
}

struct Taken {
    incoming: String,
    /// Where in the workspace it was, if it was moved.
    moved_from: Option<String>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(workspace: BorrowedFd<'a>, shelf: &'a Shelf) -> Self {
        Self {
            workspace,
            shelf,
            taken: Vec::new(),
        }
    }

    /// Takes one file in under the name `incoming`.
    ///
    /// It is moved if it is ours alone and on the same file system: nobody else can then change it
    /// through another name. Otherwise it is copied. What is hashed is what is kept.
    pub(super) fn take(&mut self, found: &FoundFile, incoming: &str) -> Result<Digest, StoreError> {
        let path = found.path.as_str();
        if !is_output_path(path) {
            return Err(StoreError::Path {
                path: path.to_owned(),
            });
        }
        let changed = || StoreError::Changed {
            path: path.to_owned(),
        };
        let failed = |error: Errno| match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::INVAL => changed(),
            error => StoreError::io("read output", path, error),
        };
        let (parent, name) = beneath::open_parent(self.workspace, path).map_err(failed)?;
        let (file, stat) = beneath::open_file(&parent, name).map_err(failed)?;
        if refuse_kind(path, &stat).is_some()
            || refuse_holes(&file, &stat).is_some()
            || beneath::size(&stat) != found.size
        {
            return Err(changed());
        }

        let moved = self.is_movable(&stat)?
            && rustix::fs::renameat(&parent, name, self.shelf.incoming(), incoming).is_ok();
        let digest = if moved {
            self.took(incoming, Some(path));
            self.own(&stat, incoming, found)?
        } else {
            let to = self.shelf.create_incoming(incoming)?;
            self.took(incoming, None);
            digest::transfer(&file, &to, found.size)
                .map_err(|error| StoreError::io("copy an output to", self.shelf.path(), error))?
        };
        if digest.size == found.size {
            Ok(digest)
        } else {
            Err(changed())
        }
    }

    fn took(&mut self, incoming: &str, moved_from: Option<&str>) {
        let moved_from = moved_from.map(str::to_owned);
        self.taken.push(Taken {
            incoming: incoming.to_owned(),
            moved_from,
        });
    }

    fn put_back(&self, incoming: &str, path: &str) -> rustix::io::Result<()> {
        let (parent, name) = beneath::open_parent(self.workspace, path)?;
        let flags = RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(self.shelf.incoming(), incoming, &parent, name, flags)
    }

    fn is_movable(&self, stat: &Stat) -> Result<bool, StoreError> {
        let incoming = rustix::fs::fstat(self.shelf.incoming())
            .map_err(|error| StoreError::io("read", self.shelf.path(), error))?;
        Ok(stat.st_dev == incoming.st_dev
            && stat.st_nlink == 1
            && stat.st_uid == rustix::process::geteuid().as_raw())
    }

    /// Makes sure that the file that was moved is the one that was looked at, and private.
    fn own(&self, seen: &Stat, incoming: &str, found: &FoundFile) -> Result<Digest, StoreError> {
        let failed = |error: std::io::Error| StoreError::io("file", self.shelf.path(), error);
        let (file, stat): (File, Stat) = match beneath::open_file(self.shelf.incoming(), incoming) {
            Ok(opened) => opened,
            Err(_) => {
                return Err(StoreError::Changed {
                    path: found.path.clone(),
                });
            }
        };
        if (stat.st_dev, stat.st_ino) != (seen.st_dev, seen.st_ino) || stat.st_nlink != 1 {
            return Err(StoreError::Changed {
                path: found.path.clone(),
            });
        }
        rustix::fs::fchmod(&file, FILE_MODE).map_err(|error| failed(error.into()))?;
        let digest = digest::digest(&file, found.size).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(digest)
    }

    /// All is well: what was taken stays.
    pub(super) fn keep(mut self) {
        self.taken.clear();
    }
}

impl Drop for Intake<'_> {
    fn drop(&mut self) {
        // Best effort: an error is already on its way to the caller, and whatever stays behind is
        // cleared before the next filing.
        for Taken {
            incoming,
            moved_from,
        } in std::mem::take(&mut self.taken)
        {
            let _ = match moved_from {
                Some(path) => self.put_back(&incoming, &path),
                None => rustix::fs::unlinkat(self.shelf.incoming(), incoming, AtFlags::empty()),
            };
        }
    }
}

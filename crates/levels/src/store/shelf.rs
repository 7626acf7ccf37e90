//! One level's directory tree: outputs, a manifest, and a corner for files being filed.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Dir, Mode, Stat},
    io::Errno,
};

use super::StoreError;
use crate::{
    beneath::{self, DIRECTORY_MODE, FILE_MODE},
    manifest::{MAX_MANIFEST, Manifest, ManifestFault},
    reserved::{INCOMING, MANIFEST},
};

/// One level's directory tree.
#[derive(Debug)]
pub(super) struct Shelf {
    path: PathBuf,
    directory: OwnedFd,
    incoming: OwnedFd,
}

impl Shelf {
    /// Opens the tree in `root`, making it if it is not there; private to this account.
    pub(super) fn open(root: &File, root_path: &Path, name: &str) -> Result<Self, StoreError> {
        let path = root_path.join(name);
        let failed = |error: Errno| StoreError::io("open", &path, error);
        make_directory(root, name).map_err(failed)?;
        let directory = beneath::open_directory(root, name).map_err(failed)?;
        rustix::fs::fchmod(&directory, DIRECTORY_MODE).map_err(failed)?;
        make_directory(&directory, INCOMING).map_err(failed)?;
        let incoming = beneath::open_directory(&directory, INCOMING).map_err(failed)?;
        Ok(Self {
            path,
            directory,
            incoming,
        })
    }

    /// Where an output is, or would be.
    pub(super) fn path_of(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory for files being filed; on the same file system as the outputs, so that a
    /// rename is all that is left to do.
    pub(super) fn incoming(&self) -> &OwnedFd {
        &self.incoming
    }

    /// Removes what an interrupted filing left behind.
    pub(super) fn clear_incoming(&self) -> Result<(), StoreError> {
        let failed = |error: Errno| StoreError::io("clear", self.path.join(INCOMING), error);
        for entry in Dir::read_from(&self.incoming).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if !matches!(name.to_bytes(), b"." | b"..") {
                rustix::fs::unlinkat(&self.incoming, name, AtFlags::empty()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Makes a file among the incoming ones.
    pub(super) fn create_incoming(&self, name: &str) -> Result<File, StoreError> {
        beneath::create_file(&self.incoming, name, FILE_MODE)
            .map_err(|error| StoreError::io("write to", &self.path, error))
    }

    /// Opens one of the incoming files.
    pub(super) fn open_incoming(&self, name: &str) -> Result<(File, Stat), StoreError> {
        beneath::open_file(&self.incoming, name)
            .map_err(|error| StoreError::io("read back from", &self.path, error))
    }

    /// Writes a text among the incoming files, durably.
    pub(super) fn write_incoming(&self, name: &str, text: &[u8]) -> Result<(), StoreError> {
        let mut file = self.create_incoming(name)?;
        file.write_all(text)
            .and_then(|()| file.sync_data())
            .map_err(|error| StoreError::io("write to", &self.path, error))
    }

    /// Makes sure that a later [`Self::place`] at this path only has to rename.
    pub(super) fn make_way(&self, path: &str) -> Result<(), StoreError> {
        let in_the_way = || StoreError::InTheWay {
            store: self.path.clone(),
            path: path.into(),
        };
        let (parent, name) = match beneath::create_parent(&self.directory, path) {
            Ok(parent) => parent,
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(in_the_way()),
            Err(error) => return Err(StoreError::io("make room for", self.path_of(path), error)),
        };
        match beneath::stat(&parent, name) {
            Ok(stat) if !beneath::is_regular(&stat) => Err(in_the_way()),
            _ => Ok(()),
        }
    }

    /// Moves an incoming file to its path, in place of what was there.
    pub(super) fn place(&self, incoming: &str, path: &str) -> Result<(), StoreError> {
        let failed = |error: Errno| StoreError::io("file", self.path_of(path), error);
        let (parent, name) = beneath::create_parent(&self.directory, path).map_err(failed)?;
        rustix::fs::renameat(&self.incoming, incoming, &parent, name).map_err(failed)?;
        rustix::fs::fsync(&parent).map_err(failed)
    }

    /// Removes the file at a path, if there is one.
    pub(super) fn remove(&self, path: &str) -> Result<(), StoreError> {
        let failed = |error: Errno| StoreError::io("remove", self.path_of(path), error);
        let (parent, name) = match beneath::open_parent(&self.directory, path) {
            Ok(parent) => parent,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        match rustix::fs::unlinkat(&parent, name, AtFlags::empty()) {
            Ok(()) => rustix::fs::fsync(&parent).map_err(failed),
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Opens a filed output for reading.
    pub(super) fn open_output(&self, path: &str) -> rustix::io::Result<(File, Stat)> {
        beneath::open_file(&self.directory, path)
    }

    /// Reads the manifest; an empty one where there is none.
    pub(super) fn read_manifest(&self) -> Result<Manifest, StoreError> {
        let path = self.path.join(MANIFEST);
        let file = match beneath::open_file(&self.directory, MANIFEST) {
            Ok((file, _)) => file,
            Err(Errno::NOENT) => return Ok(Manifest::default()),
            Err(error) => return Err(StoreError::io("read", path, error)),
        };
        let mut text = Vec::new();
        if let Err(error) = file.take(MAX_MANIFEST + 1).read_to_end(&mut text) {
            return Err(StoreError::io("read", path, error));
        }
        Manifest::from_json(&text).map_err(|fault| StoreError::Manifest { path, fault })
    }

    /// Writes the manifest in place of the one before.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> Result<(), StoreError> {
        self.prepare_manifest(manifest)?;
        self.place_manifest()
    }

    /// Writes the manifest among the incoming files: what is left is a rename.
    pub(super) fn prepare_manifest(&self, manifest: &Manifest) -> Result<(), StoreError> {
        let text = manifest
            .to_json()
            .map_err(|error| StoreError::io("write", self.path.join(MANIFEST), error))?;
        if text.len() as u64 > MAX_MANIFEST {
            let path = self.path.join(MANIFEST);
            return Err(StoreError::Manifest {
                path,
                fault: ManifestFault::TooLarge,
            });
        }
        self.write_incoming(MANIFEST, &text)
    }

    /// Puts the manifest that was prepared in place of the one before.
    pub(super) fn place_manifest(&self) -> Result<(), StoreError> {
        self.place(MANIFEST, MANIFEST)
    }
}

fn make_directory(parent: impl std::os::fd::AsFd, name: &str) -> rustix::io::Result<()> {
    match rustix::fs::mkdirat(parent, name, Mode::RWXU) {
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}

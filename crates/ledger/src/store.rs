//! A log's folder: files that appear whole, and are read without following links.
//!
//! ```text
//! <folder>/        private (0700)
//!   checkpoint     written last: what it does not cover was never published
//!   tile/…         as the paths of tlog-tiles say
//!   lock           held while somebody writes
//!   unfinished     the file that is being written
//! ```

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use glovebox_beneath as beneath;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::fault::{Fault, ReadError};
use crate::resource::{Resource, TILE_WIDTH};

const UNFINISHED: &str = "unfinished";

/// The folder of a log.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    root: OwnedFd,
    /// Folders with names that may not be on the disk yet.
    unsynced: BTreeSet<String>,
}

/// A folder that nobody else writes. The kernel frees the lock when the process dies, however it dies.
#[derive(Debug)]
pub(crate) struct Locked(#[expect(dead_code, reason = "it is held, not used")] File);

impl Store {
    /// A folder that is there.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(root) => root,
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(ReadError::None(path.to_owned())),
            Err(error) => {
                return Err(ReadError::Io {
                    path: path.to_owned(),
                    source: error.into(),
                });
            }
        };
        Ok(Self {
            path: path.to_owned(),
            root,
            unsynced: BTreeSet::new(),
        })
    }

    /// A folder that is made where it is missing.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        Self::open(path).map_err(|error| match error {
            ReadError::Io { source, .. } => source,
            _ => io::ErrorKind::NotADirectory.into(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock of whoever writes, without waiting; nothing if another has it.
    pub(crate) fn lock(&self) -> io::Result<Option<Locked>> {
        let file = match beneath::create_file(&self.root, "lock", beneath::FILE_MODE) {
            Err(Errno::EXIST) => beneath::open_file(&self.root, "lock")?.0,
            made => made?,
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Locked(file))),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether tiles or entries are there.
    pub(crate) fn has_tiles(&self) -> bool {
        beneath::stat(&self.root, "tile").is_ok()
    }

    /// Reads a file; nothing if it is not there. No more is read than such a file can have.
    pub(crate) fn read(&self, file: Resource) -> Result<Option<Vec<u8>>, ReadError> {
        let path = file.to_string();
        let failed = |source: io::Error| ReadError::Io {
            path: self.path.join(&path),
            source,
        };
        let (open, stat) = match beneath::open_file(&self.root, &path) {
            Ok(open) => open,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::INVAL | Errno::NOTDIR | Errno::XDEV | Errno::NXIO) => {
                return Err(Fault::Strange { file }.into());
            }
            Err(error) => return Err(failed(error.into())),
        };
        let largest = file.largest();
        let expected = usize::try_from(beneath::size(&stat).min(largest)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected + 1);
        open.take(largest + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        let found = bytes.len() as u64;
        if found > largest {
            let wanted = largest;
            return Err(Fault::Length {
                file,
                found,
                wanted,
            }
            .into());
        }
        Ok(Some(bytes))
    }

    /// Writes a file whole, over one that is there. Its *name* is on the disk after [`Store::sync`].
    pub(crate) fn write(&mut self, file: Resource, bytes: &[u8]) -> io::Result<()> {
        let path = file.to_string();
        let (parent, name) = beneath::create_parent(&self.root, &path)?;
        // What a crash left behind.
        match rustix::fs::unlinkat(&self.root, UNFINISHED, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let mut new = beneath::create_file(&self.root, UNFINISHED, beneath::FILE_MODE)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        rustix::fs::renameat(&self.root, UNFINISHED, &parent, name)?;
        let mut folder = path.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            self.unsynced.insert(above.to_owned());
            folder = above;
        }
        self.unsynced.insert(String::new());
        Ok(())
    }

    /// Waits until all that was written is on the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        for folder in &self.unsynced {
            rustix::fs::fsync(beneath::open_directory(&self.root, folder)?)?;
        }
        self.unsynced.clear();
        Ok(())
    }

    /// Removes the partial files of a place that is full now. Failing costs space and nothing else.
    pub(crate) fn remove_partials(&self, place: Resource) {
        for width in 1..TILE_WIDTH {
            let path = place.with_width(width).to_string();
            let Ok((parent, name)) = beneath::open_parent(&self.root, &path) else {
                return;
            };
            let _ = rustix::fs::unlinkat(parent, name, AtFlags::empty());
        }
        let folder = format!("{}.p", place.with_width(TILE_WIDTH));
        if let Ok((parent, name)) = beneath::open_parent(&self.root, &folder) {
            let _ = rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR);
        }
    }
}

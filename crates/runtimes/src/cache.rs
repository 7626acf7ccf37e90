//! Where installations are kept, and how two processes keep out of each other's way there.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::error::{IoContext as _, PrepareError};
use crate::machine::Machine;

/// How often a waiting process looks whether the lock is free or it should give up.
const LOCK_POLL: Duration = Duration::from_millis(50);

/// The folder that holds everything installed for one user.
///
/// ```text
/// python-<digest>/             a locked Python environment, whole
/// packages-<digest>/           the packages Glovebox gives to study code
/// interpreters/<digest>.json   what a Python interpreter said about itself
/// locks/<name>.lock            held by the process that installs <name>
/// .<name>.<random>/            being installed; never used, removed by the next installation
/// ```
///
/// A process that is killed outright can leave its `pip` running for a while. That one writes only
/// to its own dotted folder, so it disturbs nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// There is nowhere to keep installations.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// No variable says where the user's files are.
    #[error(
        "there is no cache folder, because HOME is not set: set GLOVEBOX_CACHE_DIR to a folder to keep installed runtimes in"
    )]
    NoHome,
    /// The current folder cannot be found out, and the variable is relative to it.
    #[error("GLOVEBOX_CACHE_DIR is relative and the current folder is gone: give an absolute path")]
    NoCurrentFolder(#[source] io::Error),
}

impl Cache {
    /// A cache in `root`, an absolute path; it is created when something is installed.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The user's cache: `$GLOVEBOX_CACHE_DIR`, else `$XDG_CACHE_HOME/glovebox`, else
    /// `$HOME/.cache/glovebox`. A relative `XDG_CACHE_HOME` or `HOME` is passed over, as the XDG
    /// base directory specification asks.
    pub fn of_user(machine: &Machine) -> Result<Self, CacheError> {
        if let Some(folder) = machine.variable("GLOVEBOX_CACHE_DIR") {
            return std::path::absolute(folder)
                .map(Self::new)
                .map_err(CacheError::NoCurrentFolder);
        }
        let absolute = |name| {
            machine
                .variable(name)
                .map(Path::new)
                .filter(|p| p.is_absolute())
        };
        absolute("XDG_CACHE_HOME")
            .map(Path::to_path_buf)
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|folder| Self::new(folder.join("glovebox")))
            .ok_or(CacheError::NoHome)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn entry(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Creates the cache folder or one directly in it. What is in it is the user's alone, as the
    /// XDG specification asks; whole installations are readable to a sandbox's own user because
    /// they are mounted by themselves.
    pub(crate) fn create(&self, name: &str) -> Result<PathBuf, PrepareError> {
        let folder = self.entry(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .at(&folder)?;
        Ok(folder)
    }

    /// The folder `name`, built by `build` in a folder of its own unless `whole` says that it is
    /// there already. Of several processes or threads one builds and the others wait for it.
    pub(crate) fn once(
        &self,
        name: &str,
        whole: impl Fn(&Path) -> bool,
        waiting: impl FnOnce(),
        cancel: &AtomicBool,
        build: impl FnOnce(&Path) -> Result<(), PrepareError>,
    ) -> Result<PathBuf, PrepareError> {
        let place = self.entry(name);
        // No lock for what is there, so that a cache may be read-only once it is filled.
        if whole(&place) {
            return Ok(place);
        }
        let _lock = self.lock(name, waiting, cancel)?;
        if whole(&place) {
            return Ok(place);
        }
        let staging = self.staging(name)?;
        build(staging.path())?;
        self.publish(staging, name)?;
        Ok(place)
    }

    /// Waits until this process is the only one that installs `name`. `waiting` is called once if
    /// there is a wait. The lock ends with the returned file, or with the process however it ends.
    fn lock(
        &self,
        name: &str,
        waiting: impl FnOnce(),
        cancel: &AtomicBool,
    ) -> Result<File, PrepareError> {
        let path = self.create("locks")?.join(format!("{name}.lock"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .at(&path)?;
        let mut waiting = Some(waiting);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(source)) => {
                    return Err(PrepareError::Io { path, source });
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    if cancel.load(Ordering::Relaxed) {
                        return Err(PrepareError::Cancelled);
                    }
                    thread::sleep(LOCK_POLL);
                }
            }
        }
    }

    /// A new folder to build `name` in, in the same file system as its final place. It vanishes
    /// when dropped. Those that killed processes left behind are removed first: call it with the
    /// lock of `name` held.
    fn staging(&self, name: &str) -> Result<tempfile::TempDir, PrepareError> {
        let prefix = format!(".{name}.");
        let entries = fs::read_dir(&self.root).at(&self.root)?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // What cannot be removed costs space and nothing else.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(&self.root)
            .at(&self.root)
    }

    /// Puts a whole installation into its place, once it is on disk: after a power failure it is
    /// either there with all its contents or not there.
    fn publish(&self, staging: tempfile::TempDir, name: &str) -> Result<(), PrepareError> {
        let place = self.entry(name);
        let folder = File::open(staging.path()).at(staging.path())?;
        rustix::fs::syncfs(&folder)
            .map_err(io::Error::from)
            .at(staging.path())?;
        if place.symlink_metadata().is_ok() {
            // Something that did not pass for whole: a changed or damaged installation.
            let old = self.staging(&format!("{name}-replaced"))?;
            fs::rename(&place, old.path().join("old")).at(&place)?;
        }
        fs::rename(staging.path(), &place).at(&place)?;
        // The folder has moved: there is nothing left to remove at its old name.
        let _ = staging.keep();
        File::open(&self.root)
            .and_then(|root| root.sync_all())
            .at(&self.root)
    }
}

/// Writes a small file so that it is there with this content or not at all.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), PrepareError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(folder).at(folder)?;
    io::Write::write_all(&mut file, content).at(path)?;
    file.persist(path).map_err(|error| error.error).at(path)?;
    Ok(())
}

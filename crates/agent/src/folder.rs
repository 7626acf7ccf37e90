//! An agent's own folder.
//!
//! ```text
//! <folder>/            private (0700)
//!   lock               held while an agent uses the folder
//!   tasks/<task>/      one folder a task that is not done with: state.json, and work/
//!   mirrors/<digest>/  what was fetched of each repository
//! ```

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};
use rustix::io::Errno;

/// An agent's own folder, locked for as long as this lives.
#[derive(Debug)]
pub(crate) struct AgentFolder {
    root: PathBuf,
    // The kernel frees the lock when the process dies, however it dies.
    _lock: File,
}

/// Why an agent's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another agent uses it.
    #[error("another agent uses {}: stop it, or give this one a folder of its own", .0.display())]
    InUse(PathBuf),
    /// It cannot be made, or not be written.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl AgentFolder {
    /// Makes what is not there, and takes the lock without waiting.
    pub(crate) fn open(root: &Path) -> Result<Self, FolderError> {
        let failed = |source: io::Error| FolderError::Io {
            path: root.to_owned(),
            source,
        };
        make_private(root).map_err(failed)?;
        let lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(root.join("lock"))
            .map_err(failed)?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(FolderError::InUse(root.to_owned())),
            Err(error) => return Err(failed(error.into())),
        }
        let folder = Self {
            root: root.to_owned(),
            _lock: lock,
        };
        for place in [folder.tasks(), folder.mirrors()] {
            make_private(&place).map_err(failed)?;
        }
        Ok(folder)
    }

    /// One folder a task that is not done with.
    pub(crate) fn tasks(&self) -> PathBuf {
        self.root.join("tasks")
    }

    /// What was fetched of each repository.
    pub(crate) fn mirrors(&self) -> PathBuf {
        self.root.join("mirrors")
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Writes a whole file or none, so that it is there even after the power failed.
pub(crate) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_uses_a_folder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = AgentFolder::open(&dir.path().join("agent")).unwrap();
        let second = AgentFolder::open(&dir.path().join("agent"));
        assert!(matches!(second, Err(FolderError::InUse(_))));
        drop(first);
        let mode = fs::metadata(dir.path().join("agent"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o700);
        AgentFolder::open(&dir.path().join("agent")).unwrap();
    }
}

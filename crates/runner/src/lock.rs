//! One run at a time in one project folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process;

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::folder::{ProjectFolder, open_own};

/// Held while a run is under way; freed when dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct RunLock {
    // The lock lives as long as this file is open.
    _file: File,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error(
        "another `glovebox run` {}is already running in this folder: wait until it ends, or stop it",
        holder.map(|pid| format!("(process {pid}) ")).unwrap_or_default()
    )]
    Busy {
        /// Process id of the holder, where it could be read.
        holder: Option<u32>,
    },
    /// The lock file cannot be opened or written.
    #[error("cannot lock this folder: {0}")]
    Io(#[from] io::Error),
}

impl RunLock {
    /// Takes the lock of a project folder without waiting.
    ///
    /// # Errors
    /// [`LockError::Busy`] when another run holds it.
    pub fn take(folder: &ProjectFolder) -> Result<Self, LockError> {
        let mut file = open_own(
            &folder.private().join("lock"),
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600),
        )?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // Bounded: the file holds one number, whoever wrote it.
                let holder = (&mut file)
                    .take(16)
                    .read_to_string(&mut text)
                    .ok()
                    .and_then(|_| text.trim().parse().ok());
                return Err(LockError::Busy { holder });
            }
            Err(error) => return Err(LockError::Io(error.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", process::id())?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_leads_elsewhere_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let folder = ProjectFolder::open(dir.path()).unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::fs::write(&elsewhere, "kept").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.private().join("lock")).unwrap();
        assert!(matches!(RunLock::take(&folder), Err(LockError::Io(_))));
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "kept");
    }

    #[test]
    fn a_second_run_is_refused_and_told_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let folder = ProjectFolder::open(dir.path()).unwrap();
        let first = RunLock::take(&folder).unwrap();
        let Err(LockError::Busy { holder }) = RunLock::take(&folder) else {
            panic!("the lock was taken twice");
        };
        assert_eq!(holder, Some(process::id()));
        drop(first);
        RunLock::take(&folder).unwrap();
    }
}

//! The folder that a job works in, gone when the job is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::make_private;
use crate::removal::remove;

/// A job's own folder, below `.glovebox/work` in a local run; removed when dropped.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    path: PathBuf,
}

impl WorkFolder {
    /// Makes an empty one.
    pub(crate) fn create(work: &Path, name: &str) -> io::Result<Self> {
        let path = work.join(name);
        make_private(&path)?;
        Ok(Self { path })
    }

    /// Makes a folder in it.
    pub(crate) fn subfolder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        make_private(&path)?;
        Ok(path)
    }

    /// A path in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes what runs that were killed left behind. Only to be called while holding the lock
/// of the folder that this is the work folder of.
pub(crate) fn sweep(work: &Path) {
    let Ok(left) = fs::read_dir(work) else {
        return;
    };
    for entry in left.flatten() {
        remove(&entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_when_it_is_dropped_and_what_was_left_when_it_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let work = WorkFolder::create(dir.path(), "job").unwrap();
        fs::write(work.subfolder("a").unwrap().join("x"), "").unwrap();
        drop(work);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        std::mem::forget(WorkFolder::create(dir.path(), "killed").unwrap());
        sweep(dir.path());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

//! The folder that a job works in, gone when the job is.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::folder::{ProjectFolder, make_private};
use crate::removal::remove;

/// A job's own folder below `.glovebox/work`; removed when dropped.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    path: PathBuf,
}

impl WorkFolder {
    /// Makes an empty one.
    pub(crate) fn create(folder: &ProjectFolder, name: &str) -> io::Result<Self> {
        let path = folder.work().join(name);
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

/// Removes what runs that were killed left behind. Only to be called while holding the run lock.
pub(crate) fn sweep(folder: &ProjectFolder) {
    let Ok(left) = fs::read_dir(folder.work()) else {
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
        let folder = ProjectFolder::open(dir.path()).unwrap();
        let work = WorkFolder::create(&folder, "job").unwrap();
        fs::write(work.subfolder("a").unwrap().join("x"), "").unwrap();
        drop(work);
        assert_eq!(fs::read_dir(folder.work()).unwrap().count(), 0);
        std::mem::forget(WorkFolder::create(&folder, "killed").unwrap());
        sweep(&folder);
        assert_eq!(fs::read_dir(folder.work()).unwrap().count(), 0);
    }
}

//! The folder that a job works in, gone when the job is.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::folder::{ProjectFolder, make_private};

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

/// Removes a tree that a job wrote, whatever permissions it left there.
fn remove(path: &Path) {
    if fs::remove_dir_all(path).is_err() {
        unlock(path);
        // What is left now is swept by the next run, which tries again.
        let _ = fs::remove_dir_all(path);
    }
}

/// Gives its owner every folder of a tree back; links are not followed.
fn unlock(path: &Path) {
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = fs::set_permissions(&folder, Permissions::from_mode(0o700));
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        let inner = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders.extend(inner.map(|entry| entry.path()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_folders_and_links_do_not_stay_or_lead_away() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("keep"), "").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let folder = ProjectFolder::open(dir.path()).unwrap();
        let work = WorkFolder::create(&folder, "job").unwrap();
        let locked = work.subfolder("a").unwrap().join("b");
        fs::create_dir(&locked).unwrap();
        fs::write(locked.join("x"), "").unwrap();
        std::os::unix::fs::symlink(outside.path(), work.join("link")).unwrap();
        fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
        let path = work.path.clone();
        drop(work);
        assert!(!path.exists());
        assert!(outside.path().join("keep").exists());
    }
}

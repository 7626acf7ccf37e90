//! Removing what a job left, whatever it left.
//!
//! A job may have made folders deeper than any path can name or any stack can follow, and taken its
//! own rights to them away. So nothing here recurses, and no path is longer than one name: a folder
//! that is not empty is moved up to the top, until the tree is flat.

use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, chmodat, openat, renameat_with};
use rustix::fs::{RenameFlags, statat, unlinkat};
use rustix::io::Errno;

/// Removes a file, a link or a whole tree. Links are removed, never followed.
///
/// What cannot be removed stays: whoever calls this has nobody to tell, and tries again later.
pub fn remove(path: &Path) {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if !is_folder {
        let _ = fs::remove_file(path);
        return;
    }
    let _ = chmodat(CWD, path, Mode::RWXU, AtFlags::empty());
    if let Ok(top) = open(CWD, path) {
        let mut flattening = Flattening { top, moved: 0 };
        while flattening.pass().unwrap_or(false) {}
    }
    let _ = fs::remove_dir(path);
}

struct Flattening {
    top: OwnedFd,
    /// How many folders were moved up: each needs a name that no other has.
    moved: u64,
}

impl Flattening {
    /// Removes what is in the top folder, moving up what is in its folders. Answers whether
    /// something was done, so that another pass may find more.
    fn pass(&mut self) -> rustix::io::Result<bool> {
        let mut progress = false;
        for entry in Dir::read_from(&self.top)?.flatten() {
            let name = entry.file_name();
            if is_dots(name) {
                continue;
            }
            if !is_folder(&self.top, name) {
                progress |= unlinkat(&self.top, name, AtFlags::empty()).is_ok();
                continue;
            }
            let _ = chmodat(&self.top, name, Mode::RWXU, AtFlags::empty());
            if let Ok(folder) = open(&self.top, name) {
                progress |= self.empty(&folder)?;
            }
            progress |= unlinkat(&self.top, name, AtFlags::REMOVEDIR).is_ok();
        }
        Ok(progress)
    }

    /// Empties one folder of the top: files go, folders that hold something move up.
    fn empty(&mut self, folder: &OwnedFd) -> rustix::io::Result<bool> {
        let mut progress = false;
        for entry in Dir::read_from(folder)?.flatten() {
            let name = entry.file_name();
            if is_dots(name) {
                continue;
            }
            if !is_folder(folder, name) {
                progress |= unlinkat(folder, name, AtFlags::empty()).is_ok();
                continue;
            }
            if unlinkat(folder, name, AtFlags::REMOVEDIR).is_ok() {
                progress = true;
                continue;
            }
            // To move a folder is to write its `..`.
            let _ = chmodat(folder, name, Mode::RWXU, AtFlags::empty());
            progress |= self.move_up(folder, name);
        }
        Ok(progress)
    }

    fn move_up(&mut self, folder: &OwnedFd, name: &CStr) -> bool {
        loop {
            let unique = format!(".removed-{}", self.moved);
            self.moved += 1;
            match renameat_with(folder, name, &self.top, unique, RenameFlags::NOREPLACE) {
                Ok(()) => return true,
                // The job chose this name too; it cannot have chosen them all.
                Err(Errno::EXIST) => {}
                Err(_) => return false,
            }
        }
    }
}

fn open(parent: impl AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

fn is_folder(parent: &OwnedFd, name: &CStr) -> bool {
    statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

fn is_dots(name: &CStr) -> bool {
    matches!(name.to_bytes(), b"." | b"..")
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use rustix::fs::{mkdirat, renameat};

    use super::*;

    #[test]
    fn locked_folders_and_links_do_not_stay_or_lead_away() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("keep"), "").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("tree");
        fs::create_dir_all(tree.join("a/b")).unwrap();
        fs::write(tree.join("a/b/x"), "").unwrap();
        fs::write(tree.join(".removed-0"), "").unwrap();
        fs::create_dir_all(tree.join(".removed-1/.removed-2/c")).unwrap();
        symlink(outside.path(), tree.join("link")).unwrap();
        symlink(outside.path(), dir.path().join("top")).unwrap();
        fs::set_permissions(tree.join("a/b"), Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(tree.join("a"), Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(&tree, Permissions::from_mode(0o000)).unwrap();
        remove(&tree);
        remove(&dir.path().join("top"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(outside.path().join("keep").exists());
    }

    #[test]
    fn a_tree_deeper_than_any_path_goes_too() {
        let dir = tempfile::tempdir().unwrap();
        let top = open(CWD, dir.path()).unwrap();
        mkdirat(&top, "tree", Mode::RWXU).unwrap();
        // From the inside out: what there is becomes the only folder of a new one.
        for _ in 0..20_000 {
            mkdirat(&top, "around", Mode::RWXU).unwrap();
            let around = open(&top, "around").unwrap();
            renameat(&top, "tree", &around, "t").unwrap();
            renameat(&top, "around", &top, "tree").unwrap();
        }
        remove(&dir.path().join("tree"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

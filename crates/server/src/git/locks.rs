//! The lock files of a git that was killed: it never removes them, and every later one stops at them.

use std::fs;
use std::path::Path;

/// Removes them, at the top of a mirror and below its branches. To be called while holding its turn.
pub(super) fn remove(mirror: &Path) {
    for entry in fs::read_dir(mirror).into_iter().flatten().flatten() {
        remove_if_lock(&entry);
    }
    let mut folders = vec![mirror.join("refs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else {
                remove_if_lock(&entry);
            }
        }
    }
}

fn remove_if_lock(entry: &fs::DirEntry) {
    let path = entry.path();
    if path.extension().is_some_and(|end| end == "lock") {
        // One that cannot be removed stops git, which says so.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_go_and_all_else_stays() {
        let mirror = tempfile::tempdir().unwrap();
        let heads = mirror.path().join("refs/heads/a");
        fs::create_dir_all(&heads).unwrap();
        let locks = ["packed-refs.lock", "refs/heads/a/b.lock"];
        let others = ["HEAD", "refs/heads/a/main"];
        for name in locks.iter().chain(&others) {
            fs::write(mirror.path().join(name), "").unwrap();
        }
        remove(mirror.path());
        for name in locks {
            assert!(!mirror.path().join(name).exists(), "{name}");
        }
        for name in others {
            assert!(mirror.path().join(name).exists(), "{name}");
        }
    }
}

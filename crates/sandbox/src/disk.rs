//! How much disk a folder takes, measured while a hostile command changes it.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

/// Deeper folders than any real program makes; each level holds a descriptor open during a walk.
const DEEPEST: usize = 200;
/// A file takes an inode even when it is empty.
const LEAST: u64 = 512;

/// Bytes allocated below `folder`: holes count nothing, files with several names once. Links are
/// not followed and nothing is opened but folders, each relative to the one above. Stops counting
/// past `enough`. A folder deeper than [`DEEPEST`], or one that was made unreadable, counts as
/// `u64::MAX`: it could hide anything.
pub(crate) fn allocated(folder: &Path, enough: u64) -> io::Result<u64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, folder, flags, Mode::empty())?;
    let mut seen = HashSet::new();
    let mut total = 0u64;
    let mut open = vec![Level::new(root)?];
    while let Some(level) = open.last_mut() {
        let Some(entry) = level.entries.next() else {
            open.pop();
            continue;
        };
        // What goes away or cannot be read while we look is measured next time.
        let Ok(entry) = entry else { continue };
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let Ok(stat) = statat(&level.folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if stat.st_nlink > 1 && !is_folder && !seen.insert((stat.st_dev, stat.st_ino)) {
            continue;
        }
        let blocks = u64::try_from(stat.st_blocks).unwrap_or(0);
        total = total.saturating_add(blocks.saturating_mul(512).max(LEAST));
        if total > enough {
            break;
        }
        if is_folder {
            match openat(&level.folder, name, flags | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(_) if open.len() >= DEEPEST => return Ok(u64::MAX),
                Ok(below) => open.extend(Level::new(below).ok()),
                Err(Errno::ACCESS | Errno::PERM) => return Ok(u64::MAX),
                Err(errno @ (Errno::MFILE | Errno::NFILE)) => return Err(errno.into()),
                // Not a folder any more.
                Err(_) => {}
            }
        }
    }
    Ok(total)
}

struct Level {
    folder: OwnedFd,
    entries: Dir,
}

impl Level {
    fn new(folder: OwnedFd) -> io::Result<Self> {
        let entries = Dir::read_from(&folder)?;
        Ok(Self { folder, entries })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, hard_link};
    use std::os::unix::fs::symlink;

    use super::*;

    const ALL: u64 = u64::MAX;

    #[test]
    fn counts_what_is_allocated_and_nothing_else() {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| temp.path().join(name);
        let megabyte = vec![1u8; 1 << 20];
        fs::create_dir(path("deep")).unwrap();
        fs::write(path("deep/file"), &megabyte).unwrap();
        File::open(path("deep/file")).unwrap().sync_all().unwrap();
        let measured = allocated(temp.path(), ALL).unwrap();
        assert!(
            (1 << 20..(1 << 20) + 65_536).contains(&measured),
            "{measured}"
        );

        hard_link(path("deep/file"), path("again")).unwrap();
        symlink("/usr", path("usr")).unwrap();
        symlink(".", path("loop")).unwrap();
        File::create(path("sparse"))
            .unwrap()
            .set_len(10 << 30)
            .unwrap();
        let after = allocated(temp.path(), ALL).unwrap();
        assert!(
            after - measured < 65_536,
            "links and holes: {}",
            after - measured
        );

        for number in 0..100 {
            fs::write(path(&format!("empty{number}")), "").unwrap();
        }
        assert!(allocated(temp.path(), ALL).unwrap() >= after + 100 * LEAST);
        assert!(
            allocated(temp.path(), 4096).unwrap() < measured,
            "stops early"
        );
        assert!(allocated(&path("nothing here"), ALL).is_err());
    }

    #[test]
    fn a_tree_too_deep_to_walk_counts_as_everything() {
        let temp = tempfile::tempdir().unwrap();
        let deep: std::path::PathBuf = std::iter::repeat_n("d", DEEPEST + 5).collect();
        fs::create_dir_all(temp.path().join(deep)).unwrap();
        assert_eq!(allocated(temp.path(), ALL).unwrap(), u64::MAX);
    }
}

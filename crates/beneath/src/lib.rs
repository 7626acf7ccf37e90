//! Opening what lies beneath a directory, and nothing else.
//!
//! A job wrote what is opened here, and may have left links; or study code chose the path. The kernel
//! is asked to refuse what leads away (`openat2` with `RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS`), so
//! there is no moment between a check and a use at which a directory can be swapped for a link.
//!
//! Must not know: what is opened, or for whom.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{FileType, Mode, OFlags, ResolveFlags, SeekFrom, Stat},
    io::Errno,
};

/// Of new directories: private to the account that runs this program.
pub const DIRECTORY_MODE: Mode = Mode::RWXU;
/// Of new files: private to the account that runs this program.
pub const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

fn open(
    directory: impl AsFd,
    path: impl AsRef<Path>,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = flags | OFlags::CLOEXEC;
    loop {
        // EAGAIN: something was renamed meanwhile, and the kernel could not be sure.
        match rustix::fs::openat2(&directory, path.as_ref(), flags, mode, resolve) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            result => return result,
        }
    }
}

/// Opens a directory beneath another; `""` is that directory itself.
pub fn open_directory(directory: impl AsFd, path: impl AsRef<Path>) -> rustix::io::Result<OwnedFd> {
    let path = path.as_ref();
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    open(
        directory,
        path,
        OFlags::RDONLY | OFlags::DIRECTORY,
        Mode::empty(),
    )
}

/// Opens a regular file beneath a directory for reading, with its facts.
///
/// Never waits, whatever is there: a FIFO without a writer opens at once and is then refused with
/// `EINVAL`, as is everything else that is no regular file.
pub fn open_file(directory: impl AsFd, path: impl AsRef<Path>) -> rustix::io::Result<(File, Stat)> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let file = open(directory, path, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    if is_regular(&stat) {
        Ok((File::from(file), stat))
    } else {
        Err(Errno::INVAL)
    }
}

/// Makes a file that is not there yet, for writing and reading.
pub fn create_file(
    directory: impl AsFd,
    path: impl AsRef<Path>,
    mode: Mode,
) -> rustix::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    open(directory, path, flags, mode).map(File::from)
}

/// Opens the directory that holds `path`, making those that are missing; answers it with the
/// file's name.
pub fn create_parent(directory: impl AsFd, path: &str) -> rustix::io::Result<(OwnedFd, &str)> {
    let mut parts = path.split('/');
    let name = parts.next_back().unwrap_or_default();
    let mut parent = open_directory(&directory, "")?;
    for part in parts {
        match rustix::fs::mkdirat(&parent, part, DIRECTORY_MODE) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        parent = open_directory(&parent, part)?;
    }
    Ok((parent, name))
}

/// Opens the directory that holds `path`, which must be there; answers it with the file's name.
pub fn open_parent(directory: impl AsFd, path: &str) -> rustix::io::Result<(OwnedFd, &str)> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    Ok((open_directory(directory, parent)?, name))
}

/// The facts of a name in a directory, of a link itself rather than what it points to.
pub fn stat(directory: impl AsFd, name: impl AsRef<Path>) -> rustix::io::Result<Stat> {
    rustix::fs::statat(
        directory,
        name.as_ref(),
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )
}

/// Whether a regular file has these facts.
pub fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// A file's length in bytes.
pub fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// How many bytes of a file are holes, counted until there are more than `enough`.
///
/// Fewer blocks than bytes are only a suspicion: a file system that compresses has them for honest
/// files too. So holes are asked for, where there is a suspicion. A file in more pieces than any
/// program writes counts as nothing but holes.
pub fn holes(file: &File, stat: &Stat, enough: u64) -> u64 {
    const MOST_PIECES: usize = 100_000;
    let size = size(stat);
    let stored = u64::try_from(stat.st_blocks)
        .unwrap_or(0)
        .saturating_mul(512);
    if size.saturating_sub(stored) <= enough {
        return 0;
    }
    let (mut at, mut holes) = (0, 0u64);
    for _ in 0..MOST_PIECES {
        // Past the last data there is only a hole, to the end.
        let data = rustix::fs::seek(file, SeekFrom::Data(at)).unwrap_or(size);
        holes = holes.saturating_add(data.saturating_sub(at));
        if holes > enough || data >= size {
            return holes;
        }
        match rustix::fs::seek(file, SeekFrom::Hole(data)) {
            Ok(hole) if hole > at => at = hole,
            // A file system that does not know its holes.
            _ => return holes,
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with a folder of ours in it, and everything that could lead from it to its sibling.
    fn folders() -> (tempfile::TempDir, File) {
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("inside");
        fs::create_dir_all(inside.join("output")).unwrap();
        fs::write(outside.path().join("secret.csv"), "").unwrap();
        fs::write(inside.join("output/a.csv"), "").unwrap();
        symlink("../secret.csv", inside.join("link.csv")).unwrap();
        symlink("output/a.csv", inside.join("near.csv")).unwrap();
        symlink("../new.csv", inside.join("dangling.csv")).unwrap();
        symlink(outside.path(), inside.join("folder")).unwrap();
        let root = File::open(&inside).unwrap();
        let fifo = FileType::Fifo;
        rustix::fs::mknodat(&root, "pipe.csv", fifo, Mode::RWXU, 0).unwrap();
        (outside, root)
    }

    #[test]
    fn only_regular_files_beneath_are_read_and_none_is_waited_for() {
        let (outside, root) = folders();
        let absolute = outside.path().join("secret.csv").display().to_string();
        for (path, is_read) in [
            ("output/a.csv", true),
            ("output/b.csv", false),
            ("../secret.csv", false),
            ("link.csv", false),
            ("near.csv", false),
            ("folder/secret.csv", false),
            ("pipe.csv", false),
            ("output", false),
            (absolute.as_str(), false),
        ] {
            assert_eq!(open_file(&root, path).is_ok(), is_read, "{path:?}");
        }
    }

    #[test]
    fn files_are_made_beneath_only_and_never_over_another() {
        let (outside, root) = folders();
        let absolute = outside.path().join("absolute.csv").display().to_string();
        for (path, is_made) in [
            ("output/cohorts/input.csv", true),
            ("input.csv", true),
            ("input.csv", false),
            ("output/a.csv", false),
            ("../x.csv", false),
            ("output/../../x.csv", false),
            ("..", false),
            ("folder/x.csv", false),
            ("dangling.csv", false),
            ("pipe.csv", false),
            ("", false),
            (absolute.as_str(), false),
        ] {
            let made = create_parent(&root, path)
                .and_then(|(parent, name)| create_file(parent, name, FILE_MODE));
            assert_eq!(made.is_ok(), is_made, "{path:?}");
        }
        let left: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

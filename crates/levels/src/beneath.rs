//! Opening what lies beneath a directory, and nothing else.
//!
//! A job wrote what is opened here, and may have left links. The kernel is asked to refuse them
//! (`openat2` with `RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS`), so there is no moment between a
//! check and a use at which a directory can be swapped for a link.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{FileType, Mode, OFlags, ResolveFlags, SeekFrom, Stat},
    io::Errno,
};

/// Private to the account that runs the agent.
pub(crate) const DIRECTORY_MODE: Mode = Mode::RWXU;
/// Private to the account that runs the agent.
pub(crate) const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

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
pub(crate) fn open_directory(
    directory: impl AsFd,
    path: impl AsRef<Path>,
) -> rustix::io::Result<OwnedFd> {
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
pub(crate) fn open_file(
    directory: impl AsFd,
    path: impl AsRef<Path>,
) -> rustix::io::Result<(File, Stat)> {
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
pub(crate) fn create_file(
    directory: impl AsFd,
    path: impl AsRef<Path>,
    mode: Mode,
) -> rustix::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    open(directory, path, flags, mode).map(File::from)
}

/// Opens the directory that holds `path`, making those that are missing; answers it with the
/// file's name.
pub(crate) fn create_parent(
    directory: impl AsFd,
    path: &str,
) -> rustix::io::Result<(OwnedFd, &str)> {
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
pub(crate) fn open_parent(directory: impl AsFd, path: &str) -> rustix::io::Result<(OwnedFd, &str)> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    Ok((open_directory(directory, parent)?, name))
}

/// The facts of a name in a directory, of a link itself rather than what it points to.
pub(crate) fn stat(directory: impl AsFd, name: impl AsRef<Path>) -> rustix::io::Result<Stat> {
    rustix::fs::statat(
        directory,
        name.as_ref(),
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )
}

pub(crate) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

pub(crate) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// How many bytes of a file are holes, counted until there are more than `enough`.
///
/// Fewer blocks than bytes are only a suspicion: a file system that compresses has them for honest
/// files too. So holes are asked for, where there is a suspicion. A file in more pieces than any
/// program writes counts as nothing but holes.
pub(crate) fn holes(file: &File, stat: &Stat, enough: u64) -> u64 {
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

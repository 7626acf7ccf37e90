//! How much room is left on the file system that a workspace is on.
//!
//! Whatever a command does to hide what it writes, it takes free space, so that is watched as well.
//! But free space is everyone's: that it gets short says that the machine is in danger, and not who
//! put it there.

use std::io;
use std::path::Path;

use rustix::fs::statvfs;

const GIB: u64 = 1 << 30;

/// What is free on the file system of `path` for ordinary users, and how large it is, in bytes.
fn available_and_size(path: &Path) -> io::Result<(u64, u64)> {
    let stat = statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    Ok((bytes(stat.f_bavail), bytes(stat.f_blocks)))
}

/// The room that a sandbox has, and what it must leave of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    size: u64,
    /// The most that was free since the sandbox started: what others free meanwhile is not for it
    /// to fill to the last byte.
    most: u64,
}

impl Room {
    /// The room on the file system of `path` now.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let (most, size) = available_and_size(path)?;
        Ok(Self { size, most })
    }

    /// 5 % of the file system, 1 GiB at most, and half of what was free where that is less: on a
    /// disk that was already full, a small command should still run.
    fn reserve(self) -> u64 {
        GIB.min(self.size / 20).min(self.most / 2)
    }

    /// Bytes that the sandbox may take.
    pub(crate) fn allowed(self) -> u64 {
        self.most - self.reserve()
    }

    /// Whether a sandbox has to end because there is too little room on the file system of `path`.
    pub(crate) fn is_used_up(&mut self, path: &Path, wrote: impl FnOnce() -> u64) -> bool {
        // A workspace that is gone takes nothing.
        available_and_size(path).is_ok_and(|(available, _)| self.must_end(available, wrote))
    }

    /// Into the first half of the reserve, only what is seen to have written half or more of what
    /// is gone. Into the second, every sandbox that can write: there are ways to take space that
    /// show nowhere, and a machine with a full disk fails all.
    fn must_end(&mut self, available: u64, wrote: impl FnOnce() -> u64) -> bool {
        self.most = self.most.max(available);
        let (reserve, gone) = (self.reserve(), self.most - available);
        let short = available < reserve;
        short && (available < reserve / 2 || wrote() >= gone / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIB: u64 = 1 << 40;

    #[test]
    fn the_reserve_suits_the_disk_and_what_is_left_of_it() {
        for (name, most, size, reserve) in [
            ("large", TIB, 2 * TIB, GIB),
            ("small", 10 * GIB, 10 * GIB, GIB / 2),
            ("large and nearly full", GIB, 2 * TIB, GIB / 2),
            ("full", 0, 2 * TIB, 0),
            ("of no size at all", 0, 0, 0),
        ] {
            let mut room = Room { size, most };
            assert_eq!(room.reserve(), reserve, "{name}");
            assert_eq!(room.allowed(), most - reserve, "{name}");
            assert!(!room.must_end(most, || u64::MAX), "{name}: at the start");
        }
    }

    #[test]
    fn who_wrote_goes_first_and_everyone_before_the_disk_is_full() {
        // 1 GiB of it is to be left.
        let (size, most) = (200 * GIB, 100 * GIB);
        for (available, wrote, expected) in [
            (100 * GIB, u64::MAX, false),
            (GIB, u64::MAX, false),
            (GIB - 1, 100 * GIB, true),
            (GIB - 1, 50 * GIB, true),
            (GIB - 1, 49 * GIB, false),
            (GIB - 1, 0, false),
            (GIB / 2, 0, false),
            (GIB / 2 - 1, 0, true),
            (0, 0, true),
        ] {
            let ends = Room { size, most }.must_end(available, || wrote);
            assert_eq!(ends, expected, "{available} free, {wrote} written");
        }
    }

    #[test]
    fn what_others_free_may_not_be_used_up_either() {
        let mut room = Room {
            size: 200 * GIB,
            most: 0,
        };
        assert!(!room.must_end(0, || u64::MAX));
        assert!(!room.must_end(50 * GIB, || u64::MAX));
        assert!(room.must_end(GIB - 1, || 25 * GIB));
    }
}

//! The processes of a sandbox, measured from outside.
//!
//! They are the descendants of bubblewrap's monitor: a process whose parent ends becomes a child
//! of the sandbox's first process, so none can leave the tree.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::statvfs;
use rustix::param::{clock_ticks_per_second, page_size};

/// What the processes of one tree use at a moment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    /// The monitor first, then its descendants.
    pub(crate) ids: Vec<i32>,
    /// Bytes in memory, pages that processes share counted once for each.
    pub(crate) resident: u64,
    pub(crate) tasks: u64,
    /// Of those living, and of those waited for by one that lives.
    pub(crate) cpu_user: Duration,
    pub(crate) cpu_system: Duration,
}

impl Tree {
    /// Walks the tree below `root`, the id of a child of this process, until it has met more than
    /// `enough` tasks: a tree that grows faster than it can be walked would hold us up for ever.
    pub(crate) fn measure(root: i32, enough: u64) -> Self {
        let mut tree = Self {
            ids: vec![root],
            ..Self::default()
        };
        let mut at = 0;
        while let Some(id) = tree.ids.get(at).copied()
            && tree.tasks <= enough
        {
            at += 1;
            let Some(stat) = fs::read_to_string(format!("/proc/{id}/stat"))
                .ok()
                .as_deref()
                .and_then(Stat::parse)
            else {
                continue;
            };
            tree.resident += stat.resident_pages * page_size() as u64;
            tree.tasks += stat.threads;
            tree.cpu_user += ticks(stat.user);
            tree.cpu_system += ticks(stat.system);
            tree.ids.extend(children(id));
        }
        tree
    }

    /// Bytes in memory with shared pages divided among those that share them: workers that were
    /// forked from one large process cost what they cost. Slower than [`Tree::measure`] by far.
    pub(crate) fn proportional(&self) -> u64 {
        self.ids.iter().map(|id| proportional_of(*id)).sum()
    }

    /// Bytes that these processes, and those that they waited for, had written to files on disk:
    /// a lower bound, since space can be taken without writing.
    pub(crate) fn written(&self) -> u64 {
        self.ids.iter().filter_map(|id| written_by(*id)).sum()
    }

    /// Bytes held in the sandbox's `/tmp` and `/dev/shm`, which live in memory.
    pub(crate) fn scratch(&self) -> u64 {
        // While bubblewrap sets up, a process may still have the host's folders.
        let is_hosts = |path: &Path, hosts: &str| match (fs::metadata(path), fs::metadata(hosts)) {
            (Ok(inside), Ok(outside)) => inside.dev() == outside.dev(),
            (_, Err(_)) => false,
            (Err(_), _) => true,
        };
        let used = |id: &i32| {
            let below = |hosts: &str| {
                let path = PathBuf::from(format!("/proc/{id}/root{hosts}"));
                if is_hosts(&path, hosts) {
                    return None;
                }
                let stat = statvfs(&path).ok()?;
                Some(
                    stat.f_blocks
                        .saturating_sub(stat.f_bfree)
                        .saturating_mul(stat.f_frsize),
                )
            };
            Some(below("/tmp")? + below("/dev/shm")?)
        };
        // Not every process lets itself be looked into; the latest most likely does.
        // The monitor's root is the host's.
        self.ids
            .iter()
            .skip(1)
            .rev()
            .take(8)
            .find_map(used)
            .unwrap_or(0)
    }
}

fn ticks(count: u64) -> Duration {
    let per_second = clock_ticks_per_second().max(1);
    Duration::from_micros(count.saturating_mul(1_000_000 / per_second))
}

/// The children of every thread of a process.
pub(crate) fn children(id: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{id}/task"));
    threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn proportional_of(id: i32) -> u64 {
    let from_rollup = || {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    };
    let from_stat = || {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        Some(Stat::parse(&text)?.resident_pages * page_size() as u64)
    };
    from_rollup().or_else(from_stat).unwrap_or(0)
}

fn written_by(id: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/io")).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}

/// Some fields of `/proc/<id>/stat` (see `proc(5)`).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    user: u64,
    system: u64,
    threads: u64,
    resident_pages: u64,
}

impl Stat {
    /// The program's name, second and in brackets, may itself hold brackets and spaces.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // `fields[0]` is the third field of the manual.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            user: field(14)? + field(16)?,
            system: field(15)? + field(17)?,
            threads: field(20)?,
            resident_pages: field(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_forge_fields() {
        let tail = "S 1 1 1 0 -1 4194560 1 2 0 0 10 20 30 40 20 0 5 0 100 2000000 77 184";
        let expected = Stat {
            user: 40,
            system: 60,
            threads: 5,
            resident_pages: 77,
        };
        for name in [
            "sh",
            "a b",
            ") S 9 9 9 9 9 9 9 9 9 9 0 0 0 0 0 0 1 0 0 0 0 (",
            "((",
            "))",
        ] {
            assert_eq!(
                Stat::parse(&format!("12 ({name}) {tail}")).as_ref(),
                Some(&expected),
                "{name}"
            );
        }
        for broken in ["", "12", "12 (a) S 1", ")"] {
            assert_eq!(Stat::parse(broken), None);
        }
    }

    #[test]
    fn a_tree_holds_this_process() {
        let own = i32::try_from(std::process::id()).unwrap();
        let tree = Tree::measure(own, u64::MAX);
        assert_eq!(tree.ids[0], own);
        assert!(tree.resident > 100_000 && tree.tasks >= 1);
        assert!(tree.proportional() > 100_000);
    }
}

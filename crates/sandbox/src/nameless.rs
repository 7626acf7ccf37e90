//! Files without a name: deleted, but taking space until the last descriptor and the last mapping
//! of them are gone.
//!
//! Not all can be found. A descriptor may be on its way through a socket, a process may not let
//! itself be looked into, and how much is read of each is bounded, since how much there is to read
//! is up to the command. What escapes here shows in the file system's free space
//! ([`Room`](crate::room::Room)).

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;

use rustix::fs::makedev;

/// Bytes of `/proc/<id>/maps` read of all processes together. A process may have 65,530 mappings
/// whose names have 4 KB each; ordinary ones take 30 to 150 KB.
const MOST_MAPS: u64 = 32 << 20;

/// What is known of a file: where it is held decides what can be.
#[derive(Debug, Clone, Copy)]
struct Held {
    bytes: u64,
    deleted: bool,
}

impl Held {
    fn of(meta: &Metadata) -> Self {
        Self {
            bytes: meta.blocks().saturating_mul(512),
            deleted: meta.nlink() == 0,
        }
    }
}

/// The files without a name on one device, from one measurement to the next.
#[derive(Debug)]
pub(crate) struct Nameless {
    device: u64,
    /// By inode, the files held by the processes when last looked at, with or without a name. Who
    /// may not look through a mapping (only the host's root may) needs the size a file had when a
    /// descriptor of it was last seen.
    known: HashMap<u64, Held>,
}

impl Nameless {
    pub(crate) fn on(device: u64) -> Self {
        let known = HashMap::new();
        Self { device, known }
    }

    /// Bytes allocated to files without a name that these processes hold, open or mapped.
    /// Processes that do not let themselves be looked into count nothing.
    pub(crate) fn measure(&mut self, processes: &[i32]) -> u64 {
        let mut held: HashMap<u64, Held> = processes
            .iter()
            .filter_map(|id| fs::read_dir(format!("/proc/{id}/fd")).ok())
            .flatten()
            .flatten()
            .filter_map(|file| fs::metadata(file.path()).ok())
            .filter(|meta| self.is_ours(meta))
            .map(|meta| (meta.ino(), Held::of(&meta)))
            .collect();
        let share = MOST_MAPS / u64::try_from(processes.len().max(1)).unwrap_or(u64::MAX);
        let mut looked_at = HashSet::new();
        for id in processes {
            for mapping in deleted_mappings(*id, share) {
                if looked_at.insert((mapping.device, mapping.inode))
                    && let Some((inode, file)) = self.look_through(*id, &mapping)
                {
                    held.entry(inode).or_insert(file);
                }
            }
        }
        self.known = held;
        let deleted = self.known.values().filter(|file| file.deleted);
        deleted.map(|file| file.bytes).sum()
    }

    fn is_ours(&self, meta: &Metadata) -> bool {
        meta.is_file() && meta.dev() == self.device
    }

    /// The file behind a mapping, as it is or, if that is not for us to see, as it last was.
    fn look_through(&self, id: i32, mapping: &Mapping) -> Option<(u64, Held)> {
        let (start, end) = (mapping.start, mapping.end);
        match fs::metadata(format!("/proc/{id}/map_files/{start:x}-{end:x}")) {
            Ok(meta) => self.is_ours(&meta).then(|| (meta.ino(), Held::of(&meta))),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(_) if mapping.device == self.device => {
                let bytes = self.known.get(&mapping.inode)?.bytes;
                let deleted = true;
                Some((mapping.inode, Held { bytes, deleted }))
            }
            Err(_) => None,
        }
    }
}

/// A mapping of a file that has lost the name under which it was opened.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    start: u64,
    end: u64,
    device: u64,
    inode: u64,
}

impl Mapping {
    /// From a line of `/proc/<id>/maps` (see `proc_pid_maps(5)`); nothing if its file has a name,
    /// or if it maps no file.
    fn parse(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b" (deleted)")?;
        // The name at the end may be anything; all before it is ASCII.
        let line = String::from_utf8_lossy(line);
        let mut fields = line.split(' ');
        let hex = |text: &str| u64::from_str_radix(text, 16).ok();
        let (start, end) = fields.next()?.split_once('-')?;
        let (major, minor) = fields.nth(2)?.split_once(':')?;
        let device = |text: &str| u32::from_str_radix(text, 16).ok();
        let inode = fields.next()?.parse().ok().filter(|inode| *inode != 0)?;
        Some(Self {
            start: hex(start)?,
            end: hex(end)?,
            device: makedev(device(major)?, device(minor)?),
            inode,
        })
    }
}

/// Those of a process, from the first `most` bytes of its list.
fn deleted_mappings(id: i32, most: u64) -> impl Iterator<Item = Mapping> {
    File::open(format!("/proc/{id}/maps"))
        .into_iter()
        .flat_map(move |file| BufReader::new(file.take(most)).split(b'\n'))
        .map_while(Result::ok)
        .filter_map(|line| Mapping::parse(&line))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn only_mappings_of_deleted_files_are_found() {
        let found = |device, inode| {
            Some(Mapping {
                start: 0x7f00_0000_1000,
                end: 0x7f00_0000_2000,
                device,
                inode,
            })
        };
        let range = "7f0000001000-7f0000002000";
        for (line, expected) in [
            (
                "rw-s 00000000 fe:00 42 /w/file (deleted)",
                found(makedev(0xfe, 0), 42),
            ),
            (
                "rw-s 00000000 103:0a 42    /w/a b (deleted) (deleted)",
                found(makedev(0x103, 0xa), 42),
            ),
            ("rw-s 00000000 fe:00 42 /w/file", None),
            ("rw-s 00000000 fe:00 42 /w/file (deleted) ", None),
            ("rw-p 00000000 00:00 0 [heap] (deleted)", None),
            ("rw-s 00000000 fe:00 x /w/file (deleted)", None),
            ("rw-s 00000000 fe 42 /w/file (deleted)", None),
            ("rw-s (deleted)", None),
            ("(deleted)", None),
        ] {
            let line = format!("{range} {line}");
            assert_eq!(Mapping::parse(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(Mapping::parse(b""), None);
        assert_eq!(Mapping::parse(b" (deleted)"), None);
        let name = b"7f0000001000-7f0000002000 r--s 0 fe:00 42 /\xff\xfe (deleted)";
        assert_eq!(Mapping::parse(name), found(makedev(0xfe, 0), 42));
    }

    #[test]
    fn what_is_read_of_a_process_is_bounded() {
        let temp = tempfile::tempdir().unwrap();
        let program = temp.path().join("sleep");
        fs::copy("/bin/sleep", &program).unwrap();
        // A program is mapped, and need not be open.
        let mut child = Command::new(&program).arg("60").spawn().unwrap();
        let inode = program.metadata().unwrap().ino();
        fs::remove_file(&program).unwrap();
        let id = i32::try_from(child.id()).unwrap();
        let found = |most| {
            let inodes = deleted_mappings(id, most).map(|mapping| mapping.inode);
            inodes.collect::<HashSet<_>>()
        };
        // A process is there a moment before its program is mapped.
        let mapped = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            found(MOST_MAPS) == HashSet::from([inode])
        });
        assert!(mapped, "{:?}", found(MOST_MAPS));
        assert_eq!(found(20), HashSet::new());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found(MOST_MAPS), HashSet::new(), "it is gone");
    }

    #[test]
    fn open_files_without_a_name_count_and_others_do_not() {
        let temp = tempfile::tempdir().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        let mut nameless = Nameless::on(temp.path().metadata().unwrap().dev());
        let mut measure = || nameless.measure(&[own, own]);
        let before = measure();
        let path = temp.path().join("file");
        fs::write(&path, vec![1; 1 << 20]).unwrap();
        let file = File::open(&path).unwrap();
        file.sync_all().unwrap();
        assert!(measure() < before + (1 << 20), "it has a name");
        fs::remove_file(&path).unwrap();
        assert!(measure() >= before + (1 << 20));
        drop(file);
        assert!(measure() < before + (1 << 20));
    }
}

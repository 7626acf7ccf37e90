//! Disk space that no listing of the workspace shows.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use glovebox_sandbox::{Ending, WorkspaceAccess};
use rustix::fs::statvfs;

use crate::machine::{BOTH, Bench};

const MIB: u64 = 1 << 20;

/// Files of 8 MiB, in the end each held by nothing but a mapping of one page. Python's own `mmap`
/// would keep a descriptor.
const MAPPED: &str = "import ctypes, os, time
mmap = ctypes.CDLL(None).mmap
mmap.restype = ctypes.c_void_p
for _ in range(12):
    file = open('file', 'w+b')
    os.unlink('file')
    file.write(b'x' * (8 << 20)); file.flush()
    mmap(None, ctypes.c_size_t(4096), 1, 1, file.fileno(), ctypes.c_long(0))
    time.sleep(PAUSE)
    file.close()
time.sleep(2)";

/// Files held by nothing but descriptors on their way through sockets, until the disk is full.
const IN_FLIGHT: &str = "import array, os, socket, time
held = []
try:
    while True:
        ends = socket.socketpair()
        file = open('file', 'wb')
        os.unlink('file')
        file.write(b'x' * (2 << 20)); file.flush()
        descriptor = array.array('i', [file.fileno()])
        ends[0].sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
        held.append(ends); file.close()
except OSError: pass
time.sleep(20)";

#[test]
fn mapped_files_without_a_name_count() {
    // Long enough for a descriptor to be seen before it is closed. Only the host's root, who may
    // look through a mapping, needs no descriptor at all.
    let pauses = if rustix::process::geteuid().is_root() {
        &["0.5", "0"][..]
    } else {
        &["0.5"]
    };
    for controls in BOTH {
        for pause in pauses {
            let bench = Bench::with(controls);
            let mut spec = bench.python(&MAPPED.replace("PAUSE", pause));
            spec.limits.disk = 20 * MIB;
            let ran = bench.run(&spec);
            assert_eq!(
                ran.outcome.ending,
                Ending::DiskLimit { limit: 20 * MIB },
                "{controls:?} {pause}: {ran:?}"
            );
        }
    }
}

/// Runs `test` again where temporary files are on a disk of 64 MiB, in a mount namespace that
/// nothing but this sees. Says whether this is that run.
fn is_on_a_small_disk(test: &str) -> bool {
    const MARK: &str = "GLOVEBOX_TEST_SMALL_DISK";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=64m small \"$TMPDIR\" && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount"])
        .args(["sh", "-c", mount, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("hidden_files::{test}"), "--nocapture"])
        .env("TMPDIR", folder.path())
        .env(MARK, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

fn available(bench: &Bench) -> u64 {
    let stat = statvfs(bench.path()).unwrap();
    stat.f_bavail * stat.f_frsize
}

/// Leaves `bytes` of the disk that `bench` is on.
fn fill(bench: &Bench, bytes: u64) {
    let rest = available(bench) - bytes;
    let filler = bench.path().with_extension("filler");
    fs::write(filler, vec![1; usize::try_from(rest).unwrap()]).unwrap();
}

#[test]
fn descriptors_in_flight_cannot_fill_the_disk() {
    if is_on_a_small_disk("descriptors_in_flight_cannot_fill_the_disk") {
        for controls in BOTH {
            let bench = Bench::with(controls);
            // The kernel frees what was in flight a little after its sockets are gone.
            while available(&bench) < 63 * MIB {
                thread::sleep(Duration::from_millis(10));
            }
            let ran = bench.run(&bench.python(IN_FLIGHT));
            let Ending::DiskLimit { limit } = ran.outcome.ending else {
                panic!("{controls:?}: {ran:?}");
            };
            // What it was allowed is what this disk had to give.
            assert!((55 * MIB..64 * MIB).contains(&limit), "{ran:?}");
            assert_eq!(ran.outcome.usage.disk, 0, "it hid everything");
        }
    }
}

#[test]
fn a_disk_that_is_nearly_full_is_no_reason_to_end_a_small_command() {
    if is_on_a_small_disk("a_disk_that_is_nearly_full_is_no_reason_to_end_a_small_command") {
        let bench = Bench::new();
        // Less than the reserve would be.
        fill(&bench, 2 * MIB);
        bench.answer("head -c 500000 /dev/zero > small; sleep 1; rm small");
        let ran = bench.run(&bench.shell("cat /dev/zero > large; sleep 20"));
        let Ending::DiskLimit { limit } = ran.outcome.ending else {
            panic!("{ran:?}");
        };
        assert!(limit <= MIB, "half of what was left: {ran:?}");
    }
}

#[test]
fn a_command_that_cannot_write_does_not_end_for_a_full_disk() {
    if is_on_a_small_disk("a_command_that_cannot_write_does_not_end_for_a_full_disk") {
        for (access, expected) in [
            (WorkspaceAccess::ReadOnly, true),
            (WorkspaceAccess::ReadWrite, false),
        ] {
            let bench = Bench::new();
            let mut spec = bench.shell("sleep 1.5");
            spec.access = access;
            let ran = thread::scope(|scope| {
                scope.spawn(|| {
                    thread::sleep(Duration::from_millis(500));
                    fill(&bench, 0);
                });
                bench.run(&spec)
            });
            assert_eq!(ran.outcome.ending.is_success(), expected, "{ran:?}");
            fs::remove_file(bench.path().with_extension("filler")).unwrap();
        }
    }
}

//! Disk space that no listing of the workspace shows.

use glovebox_sandbox::Ending;

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

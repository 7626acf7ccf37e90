//! Every limit, by every means of enforcement there is here.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use glovebox_sandbox::{Cancel, Controls, Ending, ProcessesBy};

use crate::machine::{BOTH, Bench};

const MIB: u64 = 1 << 20;

#[test]
fn too_much_memory_is_out_of_memory_and_no_plain_kill() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        for script in [
            // All at once, and in many processes each within the limit.
            "hoard = bytearray(b'x') * (300 << 20); import time; time.sleep(5)",
            "import os, time
for _ in range(8):
    if os.fork() == 0: break
hoard = bytearray(b'x') * (20 << 20); time.sleep(5)",
            // In files that live in memory.
            "import time
open('/dev/shm/a', 'wb').write(b'x' * (70 << 20)); open('/tmp/a', 'wb').write(b'x' * (70 << 20)); time.sleep(5)",
        ] {
            let mut spec = bench.python(script);
            spec.limits.memory = 100 * MIB;
            let ran = bench.run(&spec);
            let expected = Ending::OutOfMemory { limit: 100 * MIB };
            assert_eq!(ran.outcome.ending, expected, "{controls:?} {script}: {ran:?}");
            assert!(ran.outcome.usage.wall < Duration::from_secs(4), "{ran:?}");
        }
    }
}

#[test]
fn memory_shared_between_workers_counts_once() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        let mut spec = bench.python(
            "import os, time
hoard = bytearray(b'x') * (60 << 20)
for _ in range(5):
    if os.fork() == 0:
        time.sleep(0.5); os._exit(0)
time.sleep(0.6)",
        );
        spec.limits.memory = 150 * MIB;
        let ran = bench.run(&spec);
        assert_eq!(
            ran.outcome.ending,
            Ending::Exited(0),
            "{controls:?}: {ran:?}"
        );
        assert!(ran.outcome.usage.peak_memory > 60 * MIB, "{ran:?}");
        assert!(ran.outcome.usage.peak_memory < 150 * MIB, "{ran:?}");
    }
}

#[test]
fn a_worker_killed_for_memory_fails_the_job() {
    let bench = Bench::new();
    let mut spec = bench.shell(
        "/usr/bin/python3 -c \"hoard = bytearray(b'x') * (300 << 20); import time; time.sleep(5)\"; exit 0",
    );
    spec.limits.memory = 100 * MIB;
    let ran = bench.run(&spec);
    assert_eq!(
        ran.outcome.ending,
        Ending::OutOfMemory { limit: 100 * MIB },
        "{ran:?}"
    );
}

/// A bomb that cannot go off: 512 processes at most, whatever the limits do. Where root has no
/// control groups only the watchdog stands between a real one and the machine that runs the tests.
#[test]
fn a_fork_bomb_is_contained() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        let mut spec = bench.python(
            "import os, time
for _ in range(9):
    try: os.fork()
    except OSError: pass
time.sleep(30)",
        );
        spec.limits.processes = 40;
        spec.limits.wall = Duration::from_secs(2);
        let ran = bench.run(&spec);
        let expected = match ran.outcome.enforcement.processes {
            ProcessesBy::Watchdog => Ending::TooManyProcesses { limit: 40 },
            _ => Ending::TimedOut {
                limit: spec.limits.wall,
            },
        };
        assert_eq!(ran.outcome.ending, expected, "{controls:?}: {ran:?}");
        assert!(
            ran.outcome.usage.wall < Duration::from_secs(6),
            "{controls:?}: {ran:?}"
        );
    }
}

#[test]
fn a_command_stuck_for_want_of_processes_is_not_waited_for() {
    let bench = Bench::new();
    let mut spec = bench.python(
        "import os, time
for _ in range(6):
    try: os.fork()
    except OSError: pass
time.sleep(30)",
    );
    spec.limits.processes = 20;
    let ran = bench.run(&spec);
    assert_eq!(
        ran.outcome.ending,
        Ending::TooManyProcesses { limit: 20 },
        "{ran:?}"
    );
}

#[test]
fn the_number_of_processes_is_exact_where_the_kernel_counts() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        let mut spec = bench.python(
            "import os, time
made = 0
try:
    while made < 100:
        if os.fork() == 0:
            time.sleep(1); os._exit(0)
        made += 1
    time.sleep(0.5)
except OSError:
    print(made + 1)",
        );
        spec.limits.processes = 20;
        let ran = bench.run(&spec);
        if ran
            .outcome
            .enforcement
            .in_words()
            .contains("processes by watchdog")
        {
            assert_eq!(
                ran.outcome.ending,
                Ending::TooManyProcesses { limit: 20 },
                "{ran:?}"
            );
        } else {
            assert_eq!(ran.stdout, "20\n", "{controls:?}: {ran:?}");
        }
    }
}

#[test]
fn time_runs_out() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        // Once with a command that ends when asked, once with one that does not listen.
        for script in ["sleep 60", "trap '' TERM; sleep 60; sleep 60"] {
            let mut spec = bench.shell(script);
            let limit = Duration::from_millis(300);
            spec.limits.wall = limit;
            let ran = bench.run(&spec);
            assert_eq!(
                ran.outcome.ending,
                Ending::TimedOut { limit },
                "{controls:?} {script}"
            );
            assert!(ran.outcome.usage.wall < Duration::from_secs(2), "{ran:?}");
        }
    }
}

#[test]
fn cpu_time_is_added_up_over_processes() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        for script in [
            "while :; do :; done",
            // Many short ones, none of which would ever reach the limit.
            "while :; do /usr/bin/python3 -c 'sum(range(1000000))'; done",
        ] {
            let mut spec = bench.shell(script);
            let limit = Duration::from_millis(600);
            spec.limits.cpu_time = limit;
            spec.limits.wall = Duration::from_secs(20);
            let ran = bench.run(&spec);
            assert_eq!(
                ran.outcome.ending,
                Ending::CpuTimeExceeded { limit },
                "{controls:?}: {ran:?}"
            );
            let used = ran.outcome.usage.cpu_user + ran.outcome.usage.cpu_system;
            assert!(used > limit && used < Duration::from_secs(3), "{ran:?}");
        }
    }
}

#[test]
fn cpus_are_shared_out() {
    let bench = Bench::new();
    let mut spec = bench.python(
        "import os, time
for _ in range(3): os.fork()
end = time.time() + 1
while time.time() < end: pass",
    );
    spec.limits.cpus = 0.5;
    let ran = bench.run(&spec);
    let used = ran.outcome.usage.cpu_user + ran.outcome.usage.cpu_system;
    let allowed = if ran
        .outcome
        .enforcement
        .in_words()
        .contains("CPUs by cgroup")
    {
        0.5
    } else {
        1.0
    };
    let share = used.as_secs_f64() / ran.outcome.usage.wall.as_secs_f64();
    assert!(share < allowed + 0.2, "{share}: {ran:?}");
}

#[test]
fn the_disk_cannot_be_filled() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        for script in [
            "i=0; while :; do head -c 1000000 /dev/zero > file$i; i=$((i+1)); done",
            // In one go, ended before anyone could look.
            "head -c 60000000 /dev/zero > file",
            // Without a name, so that no listing shows it.
            "exec 3> file; rm file; cat /dev/zero >&3",
            // In a folder that nobody may read.
            "mkdir hidden; cd hidden; chmod 300 .; head -c 60000000 /dev/zero > file; sleep 1; chmod 700 .",
        ] {
            let mut spec = bench.shell(script);
            spec.limits.disk = 20 * MIB;
            // So long that what is slower than the disk, the watch, still comes first.
            spec.limits.file_size = 1 << 36;
            spec.limits.wall = Duration::from_secs(20);
            let ran = bench.run(&spec);
            assert_eq!(
                ran.outcome.ending,
                Ending::DiskLimit { limit: 20 * MIB },
                "{controls:?} {script}: {ran:?}"
            );
            let hidden = bench.path().join("hidden");
            if hidden.exists() {
                std::fs::set_permissions(&hidden, PermissionsExt::from_mode(0o700)).unwrap();
            }
            bench.answer("rm -rf ./*");
        }
    }
}

#[test]
fn inputs_do_not_count_as_written() {
    let bench = Bench::new();
    std::fs::write(bench.path().join("input"), vec![1; 30_000_000]).unwrap();
    let mut spec = bench.shell("head -c 1000000 /dev/zero > output");
    spec.limits.disk = 20 * MIB;
    let ran = bench.run(&spec);
    assert!(ran.outcome.ending.is_success(), "{ran:?}");
    assert!(
        (1_000_000..1_100_000).contains(&ran.outcome.usage.disk),
        "{ran:?}"
    );
}

#[test]
fn a_file_cannot_be_longer_than_allowed_holes_or_not() {
    let bench = Bench::new();
    let ten_gb = bench.spec(&["truncate", "-s", "10G", "sparse"]);
    let ran = bench.run(&ten_gb);
    assert_eq!(
        ran.outcome.ending,
        Ending::FileSizeLimit {
            limit: ten_gb.limits.file_size
        },
        "{ran:?}"
    );
    assert_eq!(
        std::fs::metadata(bench.path().join("sparse"))
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn temporary_files_are_bounded() {
    let bench = Bench::new();
    for place in ["/tmp", "/dev/shm"] {
        let mut spec = bench.shell(&format!("head -c 10000000 /dev/zero > {place}/file"));
        spec.limits.scratch = MIB;
        let ran = bench.run(&spec);
        assert_eq!(ran.outcome.ending, Ending::Exited(1), "{ran:?}");
        assert!(ran.stderr.contains("No space left"), "{ran:?}");
    }
}

#[test]
fn open_files_are_bounded() {
    let bench = Bench::new();
    let mut spec = bench.python(
        "files = []
try:
    while True: files.append(open('/dev/null'))
except OSError as error:
    print(len(files) + 3, error.strerror)",
    );
    spec.limits.open_files = 64;
    assert_eq!(bench.run(&spec).stdout, "64 Too many open files\n");
}

#[test]
fn a_flood_of_output_takes_no_memory_and_a_full_sink_stops_nothing() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bench = Bench::new();
    let resident = || {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
    };
    let before = resident();
    let spec = bench.shell("yes | head -c 1000000000; echo done >&2");
    let mut errors = Vec::new();
    let outcome = bench
        .sandbox()
        .run(&spec, &mut Full, &mut errors, &Cancel::new())
        .unwrap();
    assert!(outcome.ending.is_success(), "{outcome:?}");
    assert_eq!(errors, b"done\n");
    assert!(resident() < before + 30 * MIB, "{before} {}", resident());
}

#[test]
fn no_core_is_dumped_into_the_workspace() {
    let bench = Bench::new();
    bench.run(&bench.shell("ulimit -c; kill -SEGV $$"));
    assert_eq!(std::fs::read_dir(bench.path()).unwrap().count(), 0);
}

#[test]
fn the_report_says_what_was_used() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        let ran =
            bench.run(&bench.python("hoard = bytearray(b'x') * (50 << 20)\nsum(range(5000000))"));
        let usage = &ran.outcome.usage;
        assert!(
            usage.peak_memory > 50 * MIB && usage.peak_memory < 120 * MIB,
            "{controls:?} {usage:?}"
        );
        assert!(
            usage.cpu_user + usage.cpu_system > Duration::from_millis(20),
            "{controls:?} {usage:?}"
        );
        assert!(
            usage.wall >= Duration::from_millis(20),
            "{controls:?} {usage:?}"
        );
        if controls == Controls::NoCgroups {
            assert!(
                ran.outcome
                    .enforcement
                    .in_words()
                    .starts_with("memory by watchdog")
            );
        }
    }
}

#[test]
fn the_report_tells_the_average_from_the_most() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        // Busy with much memory for a third of the time.
        let ran = bench.run(&bench.python(
            "import time
hoard = bytearray(b'x') * (100 << 20)
end = time.time() + 1
while time.time() < end: pass
del hoard
time.sleep(2)",
        ));
        let usage = &ran.outcome.usage;
        assert!(ran.outcome.ending.is_success(), "{controls:?} {ran:?}");
        assert!(usage.peak_memory > 100 * MIB, "{controls:?} {usage:?}");
        let mean = usage.mean_memory.unwrap();
        assert!(
            mean > 20 * MIB && mean < 85 * MIB,
            "{controls:?} {mean} {usage:?}"
        );
        let cpu = (usage.cpu_user + usage.cpu_system).as_secs_f64();
        let mean = cpu / usage.wall.as_secs_f64();
        // Others may use the processors of this machine too.
        assert!(mean > 0.05 && mean < 0.6, "{controls:?} {mean} {usage:?}");
        let peak = usage.peak_cpus;
        assert!(
            peak > 1.4 * mean && peak < 1.3,
            "{controls:?} {peak} {mean} {usage:?}"
        );
    }
}

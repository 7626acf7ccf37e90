//! Nothing outlives its sandbox, and no sandbox outlives glovebox.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use glovebox_sandbox::{Cancel, Ending, Limits};

use crate::machine::{BOTH, Bench};

/// Whether a process anywhere on the machine has `mark` among its arguments.
fn is_running(mark: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        fs::read(process.path().join("cmdline")).is_ok_and(|line| {
            String::from_utf8_lossy(&line)
                .split('\0')
                .any(|word| word == mark)
        })
    })
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "waited in vain: {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// An argument for `sleep` that no other test uses.
fn mark(number: u32) -> String {
    format!("9{number}.{}", std::process::id())
}

#[test]
fn orphans_end_with_the_command() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        let mark = mark(1);
        let script = format!(
            "(setsid sh -c 'trap \"\" TERM HUP; sleep {mark}' &) ; (sleep {mark} &) ; exit 3"
        );
        let ran = bench.run(&bench.shell(&script));
        assert_eq!(ran.outcome.ending, Ending::Exited(3));
        assert!(!is_running(&mark));
    }
}

#[test]
fn cancelling_ends_everything_promptly() {
    for controls in BOTH {
        let bench = Bench::with(controls);
        for (number, script) in [
            (2, "sleep MARK"),
            (3, "trap '' TERM; sleep MARK; sleep MARK"),
            (4, "setsid sleep MARK & setsid sleep MARK"),
        ] {
            let mark = mark(number);
            let spec = bench.shell(&script.replace("MARK", &mark));
            let cancel = Cancel::new();
            let (outcome, took) = thread::scope(|scope| {
                let run = scope.spawn(|| {
                    bench
                        .sandbox()
                        .run(&spec, &mut std::io::sink(), &mut std::io::sink(), &cancel)
                });
                wait_until("the command runs", || is_running(&mark));
                let start = Instant::now();
                cancel.cancel();
                (run.join().unwrap().unwrap(), start.elapsed())
            });
            assert_eq!(outcome.ending, Ending::Cancelled, "{controls:?} {script}");
            assert!(
                took < Duration::from_secs(1),
                "{controls:?} {script}: {took:?}"
            );
            assert!(!is_running(&mark), "{controls:?} {script}");
        }
    }
}

#[test]
fn a_command_asked_to_end_can_tidy_up() {
    let bench = Bench::new();
    let mut spec = bench.shell("trap 'echo tidied; exit 0' TERM; while :; do sleep 0.02; done");
    spec.limits.wall = Duration::from_millis(200);
    let ran = bench.run(&spec);
    assert_eq!(
        ran.outcome.ending,
        Ending::TimedOut {
            limit: spec.limits.wall
        }
    );
    assert_eq!(ran.stdout, "tidied\n");
}

#[test]
fn a_cancelled_flag_stops_a_command_before_it_gets_far() {
    let bench = Bench::new();
    let cancel = Cancel::new();
    cancel.cancel();
    let spec = bench.shell("sleep 30");
    let start = Instant::now();
    let outcome = bench
        .sandbox()
        .run(&spec, &mut std::io::sink(), &mut std::io::sink(), &cancel)
        .unwrap();
    assert_eq!(outcome.ending, Ending::Cancelled);
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// The other half of the next test: a supervisor to be killed.
#[test]
fn supervisor_to_be_killed() {
    let Ok(mark) = std::env::var("GLOVEBOX_TEST_MARK") else {
        return;
    };
    let bench = Bench::new();
    bench.run(&bench.shell(&format!(
        "trap '' TERM HUP; sleep {mark} & setsid sleep {mark}; wait"
    )));
}

#[test]
fn a_sandbox_dies_with_a_supervisor_that_is_killed() {
    let mark = mark(5);
    // Killed at once (while the sandbox is being set up), a little later, and when it runs.
    for delay in [Some(1), Some(4), Some(8), Some(12), Some(20), None] {
        let mut supervisor = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "lifetime::supervisor_to_be_killed",
                "--nocapture",
            ])
            .env("GLOVEBOX_TEST_MARK", &mark)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        match delay {
            Some(delay) => thread::sleep(Duration::from_millis(delay)),
            None => wait_until("the command runs", || is_running(&mark)),
        }
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        thread::sleep(Duration::from_millis(if delay.is_some() { 150 } else { 0 }));
        wait_until("the command is gone", || !is_running(&mark));
    }
}

#[test]
fn a_command_that_kills_everything_it_can_only_ends_itself() {
    let bench = Bench::new();
    let ran = bench.run(&bench.shell("kill -KILL -1; sleep 5"));
    assert_eq!(
        ran.outcome.ending,
        Ending::Signalled { signal: 9 },
        "{ran:?}"
    );
    let ran = bench.run(&bench.shell("kill -KILL $PPID; sleep 5"));
    assert_eq!(
        ran.outcome.ending,
        Ending::Signalled { signal: 9 },
        "{ran:?}"
    );
}

#[test]
fn no_group_is_left_behind() {
    let bench = Bench::new();
    bench.answer("true");
    let own = std::process::id();
    let mut folders = vec![Path::new("/sys/fs/cgroup").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                assert!(!name.starts_with(&format!("{own}-")), "{:?}", entry.path());
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn sandboxes_run_side_by_side() {
    let benches: Vec<Bench> = (0..8).map(|_| Bench::new()).collect();
    thread::scope(|scope| {
        for (number, bench) in benches.iter().enumerate() {
            scope.spawn(move || {
                let answer = bench.answer(&format!("echo {number} > file; sleep 0.1; cat file"));
                assert_eq!(answer, format!("{number}\n"));
            });
        }
    });
}

#[test]
fn a_missing_launcher_is_an_error_with_its_path() {
    let bench = Bench::new();
    let sandbox = glovebox_sandbox::Sandbox::new("/nonexistent/launcher");
    let error = sandbox
        .run(
            &bench.shell("true"),
            &mut std::io::sink(),
            &mut std::io::sink(),
            &Cancel::new(),
        )
        .unwrap_err()
        .to_string();
    assert!(error.contains("/nonexistent/launcher"), "{error}");
    // A program that is no launcher never starts the command.
    let sandbox = glovebox_sandbox::Sandbox::new("/bin/false");
    let error = sandbox
        .run(
            &bench.shell("true"),
            &mut std::io::sink(),
            &mut std::io::sink(),
            &Cancel::new(),
        )
        .unwrap_err()
        .to_string();
    assert!(error.contains("could not be set up"), "{error}");
}

#[test]
fn output_streams_while_the_command_runs() {
    let bench = Bench::new();
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    let mut spec = bench.shell("echo first; sleep 30");
    spec.limits = Limits {
        wall: Duration::from_secs(20),
        ..Limits::default()
    };
    let cancel = Cancel::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            bench
                .sandbox()
                .run(&spec, &mut writer, &mut std::io::sink(), &cancel)
        });
        let mut line = [0; 6];
        reader.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"first\n");
        cancel.cancel();
    });
}

#[test]
fn this_machine_is_described() {
    let description = Bench::new().sandbox().available().unwrap();
    assert!(description.bwrap.is_absolute() && !description.version.is_empty());
}

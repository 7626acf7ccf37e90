//! Commands that are slow to measure: that may not buy them anything.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use glovebox_sandbox::{Cancel, Controls, Ending, Outcome, Spec};

use crate::machine::Bench;

const MIB: u64 = 1 << 20;

/// Many processes that share one large memory: where no control group counts, the kernel has to be
/// asked what part of it each one holds, which takes most of a second. They make the file `ready`
/// when all are there.
const SHARERS: &str = "import os, time
hoard = bytearray(b'x') * (300 << 20)
for _ in range(200):
    if os.fork() == 0:
        time.sleep(60); os._exit(0)
open('ready', 'w').close()
time.sleep(60)";

/// A shell beside them that makes the file `asked` when it is asked to end.
fn many_sharers(bench: &Bench) -> Spec {
    let script = "trap ': > asked' TERM; setsid /usr/bin/python3 -c \"$1\" & wait; wait";
    bench.spec(&["sh", "-c", script, "sh", SHARERS])
}

/// Far less than a slow measurement and the pause after it, far more than a supervisor needs.
const PROMPTLY: Duration = Duration::from_millis(600);

fn wait_for(bench: &Bench, file: &str) -> Instant {
    let start = Instant::now();
    while !bench.path().join(file).exists() {
        let waited = start.elapsed();
        assert!(waited < Duration::from_secs(30), "in vain for {file}");
        thread::sleep(Duration::from_millis(5));
    }
    Instant::now()
}

/// Runs `spec`, beside it `act`, and gives what both gave.
fn run_beside<T>(
    bench: &Bench,
    spec: &Spec,
    cancel: &Cancel,
    act: impl FnOnce() -> T,
) -> (Outcome, T) {
    thread::scope(|scope| {
        let run = scope.spawn(|| {
            let (mut out, mut err) = (std::io::sink(), std::io::sink());
            bench.sandbox().run(spec, &mut out, &mut err, cancel)
        });
        let seen = act();
        (run.join().unwrap().unwrap(), seen)
    })
}

#[test]
fn many_processes_that_share_memory_do_not_delay_a_cancel() {
    let bench = Bench::with(Controls::NoCgroups);
    let cancel = Cancel::new();
    let (outcome, took) = run_beside(&bench, &many_sharers(&bench), &cancel, || {
        wait_for(&bench, "ready");
        // Long enough that some measurement has been slow by now.
        thread::sleep(Duration::from_millis(1500));
        let start = Instant::now();
        cancel.cancel();
        wait_for(&bench, "asked") - start
    });
    assert_eq!(outcome.ending, Ending::Cancelled);
    assert!(took < PROMPTLY, "{took:?}");
}

#[test]
fn many_processes_that_share_memory_do_not_lengthen_its_time() {
    let bench = Bench::with(Controls::NoCgroups);
    let mut spec = many_sharers(&bench);
    let limit = Duration::from_secs(5);
    spec.limits.wall = limit;
    let start = Instant::now();
    let (outcome, asked) = run_beside(&bench, &spec, &Cancel::new(), || {
        wait_for(&bench, "asked") - start
    });
    assert_eq!(outcome.ending, Ending::TimedOut { limit });
    assert!(asked < limit + PROMPTLY, "{asked:?}");
}

#[test]
fn many_names_do_not_buy_time_to_fill_the_disk() {
    let bench = Bench::with(Controls::NoCgroups);
    // Names are quickly made on the host, and are walked over all the same.
    for file in 0..4 {
        let first = bench.path().join(format!("{file}"));
        fs::write(&first, "").unwrap();
        for name in 0..60_000 {
            fs::hard_link(&first, bench.path().join(format!("{file}.{name}"))).unwrap();
        }
    }
    // Nothing is written before the first walk, which takes a third of a second, is over.
    let mut spec = bench.shell("sleep 1; touch ready; head -c 60000000 /dev/zero > big; sleep 60");
    spec.limits.disk = 20 * MIB;
    let (outcome, written) =
        run_beside(&bench, &spec, &Cancel::new(), || wait_for(&bench, "ready"));
    let took = written.elapsed();
    assert_eq!(outcome.ending, Ending::DiskLimit { limit: 20 * MIB });
    assert!(took < Duration::from_millis(2500), "{took:?}");
}

//! Exit codes, signals and programs that do not start.

use glovebox_sandbox::Ending;

use crate::machine::Bench;

#[test]
fn every_exit_code_comes_back() {
    let bench = Bench::new();
    // The ends, and those that shells use for signals: 137 is a number here, not a kill.
    for code in [0, 1, 2, 77, 125, 126, 127, 128, 129, 137, 143, 254, 255] {
        let ran = bench.run(&bench.shell(&format!("exit {code}")));
        assert_eq!(ran.outcome.ending, Ending::Exited(code), "{ran:?}");
    }
}

#[test]
fn every_signal_comes_back() {
    let bench = Bench::new();
    for signal in [1, 2, 6, 9, 11, 13, 15] {
        let ran = bench.run(&bench.shell(&format!("kill -{signal} $$; sleep 5")));
        assert_eq!(ran.outcome.ending, Ending::Signalled { signal });
    }
}

#[test]
fn a_program_that_cannot_start_is_told_apart_from_one_that_fails() {
    let bench = Bench::new();
    std::fs::write(bench.path().join("plain"), "text").unwrap();
    for (program, expected) in [
        ("no-such-program", "no such program"),
        ("/usr/bin/no-such-program", "no such program"),
        ("./plain", "not executable"),
        ("/workspace", "not executable"),
    ] {
        let ran = bench.run(&bench.spec(&[program]));
        let Ending::CouldNotStart {
            program: named,
            reason,
        } = &ran.outcome.ending
        else {
            panic!("{program}: {ran:?}");
        };
        assert_eq!(named, program);
        assert!(reason.contains(expected), "{program}: {reason}");
    }
}

#[test]
fn output_arrives_whole_and_apart() {
    let bench = Bench::new();
    let ran = bench.run(&bench.shell("printf 'a\\n\\377b'; printf oops >&2; cat"));
    assert_eq!(ran.stdout.as_bytes(), "a\n\u{fffd}b".as_bytes());
    assert_eq!(ran.stderr, "oops");
}

#[test]
fn arguments_arrive_unchanged() {
    let bench = Bench::new();
    let odd = [
        "",
        " ",
        "a b",
        "new\nline",
        "--",
        "-x",
        "$(id)",
        "é",
        "'\"\\",
    ];
    let mut spec = bench.spec(&["printf", "[%s]"]);
    spec.arguments.extend(odd.iter().map(Into::into));
    let expected = format!("[{}]", odd.join("]["));
    assert_eq!(bench.run(&spec).stdout, expected);
    // More than a socket's buffer holds.
    let long = "x".repeat(120_000);
    let spec = bench.spec(&[
        "sh",
        "-c",
        "echo ${#1} ${#2} ${#3}",
        "sh",
        &long,
        &long,
        &long,
    ]);
    assert_eq!(bench.run(&spec).stdout, "120000 120000 120000\n");
}

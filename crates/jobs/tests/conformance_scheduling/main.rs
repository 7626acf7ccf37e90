//! The cases of `scheduling.jsonl`: what OpenSAFELY's job-runner makes of requests, and of jobs in
//! its loop, and where Glovebox is stricter.

mod create;
mod loops;

use std::{env, fs, path::PathBuf};

use serde_json::Value;

/// Runs the lines of a kind; each that fails is named.
#[expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that says how many lines it ran"
)]
fn run(kind: &str, fault: impl Fn(Value) -> Result<(), String>) {
    let folder = env::var_os("GLOVEBOX_CASES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance")),
        PathBuf::from,
    );
    let path = folder.join("scheduling.jsonl");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Value> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let total = cases.len();
    for case in &cases {
        assert!(
            case["kind"] == "create" || case["kind"] == "loop",
            "a line of unknown kind: {case}"
        );
    }
    let cases: Vec<Value> = cases
        .into_iter()
        .filter(|case| case["kind"] == kind)
        .collect();
    assert!(
        !cases.is_empty(),
        "{} has no line of kind {kind}",
        path.display()
    );
    let count = cases.len();
    let faults: Vec<String> = cases
        .into_iter()
        .filter_map(|case| {
            let name = case["name"].to_string();
            fault(case).err().map(|fault| format!("{name}: {fault}"))
        })
        .collect();
    println!("scheduling.jsonl: {count} lines of kind {kind}, of {total}");
    assert!(
        faults.is_empty(),
        "{} of {count} lines fail:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn conformance_scheduling_create() {
    run("create", create::run);
}

#[test]
fn conformance_scheduling_loop() {
    run("loop", loops::run);
}

//! Runs that are stopped, killed, or out of disk: nothing half-written stays, and nothing runs on.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::project::{Project, Said};

/// A run of an action that would go on for minutes, started and under way.
fn long_run(project: &Project) -> std::process::Child {
    let child = project
        .glovebox(&["run", "act"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !fs::read_dir(project.file(".glovebox/work")).is_ok_and(|mut entries| {
        entries.any(|entry| entry.unwrap().path().join("workspace/begun").exists())
    }) {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "the action never began"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn sleeper() -> Project {
    Project::of_script(
        "import os, time\nopen('begun', 'w').close()\nos.makedirs('output')\nopen('output/a.csv', 'w').write('half')\ntime.sleep(300)\n",
        "output/a.csv",
    )
}

#[test]
fn two_runs_in_one_folder_do_not_meet() {
    let project = sleeper();
    let mut first = long_run(&project);
    let second = project.say(&["run", "act"]);
    assert_eq!(second.code, Some(3), "{}", second.stderr);
    assert!(
        second.stderr.contains("already running"),
        "{}",
        second.stderr
    );
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn ctrl_c_stops_children_and_leaves_nothing_half_written() {
    let project = sleeper();
    let first = long_run(&project);
    let pid = i32::try_from(first.id()).unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(pid).unwrap(),
        rustix::process::Signal::INT,
    )
    .unwrap();
    let began = Instant::now();
    let said = Said::from(first.wait_with_output().unwrap());
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(said.code, Some(130), "{}", said.stderr);
    assert!(said.stdout.contains("cancelled"), "{}", said.stdout);
    assert!(!project.file("output").exists());
    assert!(
        !project
            .file(".glovebox/outputs/highly_sensitive/output")
            .exists()
    );
    project.assert_clean();
}

#[test]
fn a_killed_run_leaves_no_process_and_the_next_one_cleans_up() {
    let project = sleeper();
    let mut first = long_run(&project);
    first.kill().unwrap();
    first.wait().unwrap();
    project.write(
        "analysis/act.py",
        "import os\nos.makedirs('output')\nopen('output/a.csv', 'w').write('whole')\n",
    );
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    assert_eq!(project.read("output/a.csv"), "whole");
    project.assert_clean();
}

#[test]
fn a_full_disk_is_said_so_and_earlier_outputs_stay() {
    // A small disk of its own needs a mount, and so a namespace; `unshare` gives one to anybody who may have it.
    let project = Project::of_script(
        "import os, sys\nos.makedirs('output')\nopen('output/a.csv', 'w').write('x' * int(open('size.txt').read()))\n",
        "output/a.csv",
    );
    project.write("size.txt", "1000");
    let script = format!(
        "set -e
mkdir small && mount -t tmpfs -o size=24m none small && cp -r analysis project.yaml size.txt small/ && cd small
'{glovebox}' run act --format json > /dev/null
echo 15000000 > size.txt
set +e
'{glovebox}' run act --format json > ../report.json
echo code $?
wc -c < output/a.csv
ls .glovebox/work | wc -l",
        glovebox = env!("CARGO_BIN_EXE_glovebox")
    );
    let output = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .current_dir(project.path())
        .output()
        .unwrap();
    let said = Said::from(output);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines,
        ["code 3", "1000", "0"],
        "{}\n{}",
        said.stdout,
        said.stderr
    );
    let report = project.read("report.json");
    assert!(
        report.contains("environment")
            || report.contains("disk-limit")
            || report.contains("nonzero-exit"),
        "{report}"
    );
    assert!(
        report.contains("space") || report.contains("full"),
        "{report}"
    );
}

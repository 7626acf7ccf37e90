//! Commands that go wrong or mean harm: each ends with a clear reason and the right exit code, and nothing
//! is lost, leaked or left behind.

use std::fs;

use crate::project::{Project, fails};

#[test]
fn a_script_that_does_not_exist_is_named_with_its_nearest_neighbour() {
    let project = Project::of_script("", "output/a.csv");
    fs::rename(
        project.file("analysis/act.py"),
        project.file("analysis/act1.py"),
    )
    .unwrap();
    fails(
        &project,
        &[],
        "missing-script",
        &["analysis/act.py", "analysis/act1.py"],
    );
}

#[test]
fn a_failing_script_shows_its_last_words() {
    let project = Project::of_script(
        "import sys; print('so it goes'); sys.exit(7)",
        "output/a.csv",
    );
    fails(
        &project,
        &[],
        "nonzero-exit",
        &["exit code 7", "so it goes"],
    );
}

#[test]
fn filling_the_disk_ends_at_the_limit() {
    let script = "
import os
os.makedirs('output')
for n in range(10_000):
    with open(f'output/{n}.bin', 'wb') as f:
        f.write(b'x' * 10_000_000)
";
    let project = Project::of_script(script, "output/a.csv");
    fails(&project, &["--disk", "200M"], "disk-limit", &["200"]);
}

#[test]
fn forking_without_end_is_contained() {
    let script = "
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.05)
";
    let project = Project::of_script(script, "output/a.csv");
    let (said, report) = project.run(&["act", "--timeout", "5s", "--processes", "64"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let kind = report["actions"][0]["failure"]["kind"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        ["timed-out", "too-many-processes", "cpu-time"].contains(&kind.as_str()),
        "{report:#}"
    );
    project.assert_clean();
}

#[test]
fn running_for_ever_ends_at_the_limit() {
    let project = Project::of_script("while True: pass", "output/a.csv");
    fails(&project, &["--timeout", "2s"], "timed-out", &["2"]);
}

#[test]
fn too_much_memory_is_told_apart_from_failing() {
    let script = "held = [bytearray(10_000_000) for _ in range(1000)]";
    let project = Project::of_script(script, "output/a.csv");
    fails(&project, &["--memory", "300M"], "out-of-memory", &["300"]);
}

#[test]
fn nothing_of_the_host_can_be_read_or_reached() {
    let script = "
import os, socket, sys
os.makedirs('output')
found = []
# Folders on the way to the interpreter are there, with nothing in them but the way.
way = set(f'{sys.prefix}/{sys.base_prefix}'.split('/'))
for path in ['/etc/shadow', '/root', '/home', '/var/lib', '/sys/kernel']:
    try:
        inside = os.listdir(path) if os.path.isdir(path) else open(path).read()
        found.append((path, [name for name in inside if name not in way]))
    except OSError:
        pass
try:
    socket.create_connection(('192.0.2.1', 80), timeout=2)
    found.append('network')
except OSError:
    pass
found += [name for name in os.environ if 'SECRET' in name]
open('output/a.csv', 'w').write(repr([f for f in found if f[1:] != ([],)]))
";
    let project = Project::of_script(script, "output/a.csv");
    let mut command = project.glovebox(&["run", "act", "--format", "json"]);
    let output = command
        .env("A_SECRET", "in the environment")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(project.read("output/a.csv"), "[]");
}

#[test]
fn a_folder_that_a_repository_brought_is_not_trusted() {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("important")).unwrap();
    let project = Project::of_script("pass", "output/a.csv");
    fs::create_dir(project.file(".glovebox")).unwrap();
    std::os::unix::fs::symlink(outside.path(), project.file(".glovebox/work")).unwrap();
    let said = project.say(&["run", "act"]);
    assert_eq!(said.code, Some(3), "{}", said.stderr);
    assert!(said.stderr.contains("remove it"), "{}", said.stderr);
    assert!(outside.path().join("important").exists());
}

#[test]
fn names_cannot_draw_on_the_terminal() {
    let script = "
import os
os.makedirs('output')
open('output/a\\x1b[2J\\nb.txt', 'w').write('x')
print('\\x1b]0;title\\x07')
raise SystemExit(3)
";
    let project = Project::of_script(script, "output/*.txt");
    let said = project.say(&["run", "act"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let ends_well = script.replace("raise SystemExit(3)", "");
    project.write("analysis/act.py", &ends_well);
    let well = project.say(&["run", "act"]);
    assert_eq!(well.code, Some(0), "{}", well.stderr);
    for text in [said.stdout, said.stderr, well.stdout, well.stderr] {
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{7}'),
            "{text:?}"
        );
    }
}

#[test]
fn limits_that_cannot_be_are_wrong_usage() {
    let project = Project::of_script("pass", "output/a.csv");
    for wrong in [
        ["--cpus", "nan"],
        ["--cpus", "-1"],
        ["--timeout", "18446744073709551615"],
        ["--memory", "1"],
        ["--processes", "0"],
        ["--jobs", "0"],
    ] {
        let said = project.say(&["run", "act", wrong[0], wrong[1]]);
        assert_eq!(said.code, Some(2), "{wrong:?}: {}", said.stderr);
    }
}

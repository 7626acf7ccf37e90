//! Studies that go wrong or mean harm: each ends with a clear reason and the right exit code, and
//! nothing is lost, leaked or left behind.

use std::fs;
use std::time::{Duration, Instant};

use crate::project::{Project, action};

/// Runs the only action of a project that must fail, and checks how.
#[track_caller]
fn fails(project: &Project, args: &[&str], kind: &str, says: &[&str]) {
    let (said, report) = project.run(&[&["run_all"], args].concat());
    assert_eq!(said.code, Some(1), "{}\n{report:#}", said.stderr);
    let failed = &report["actions"][0];
    assert_eq!(failed["state"], "failed", "{report:#}");
    assert_eq!(failed["failure"]["kind"], kind, "{report:#}");
    assert_eq!(
        failed["outputs"].as_array().map(Vec::len),
        Some(0),
        "{report:#}"
    );
    let text = format!("{report:#}\n{}", said.stderr);
    for words in says {
        assert!(text.contains(words), "`{words}` is not in:\n{text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    project.assert_clean();
    assert!(
        !project.file("output").exists(),
        "an output of a failed action was filed"
    );
}

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
fn an_output_under_another_name_is_suggested() {
    let script = "import os; os.makedirs('output'); open('output/results.csv', 'w').write('x')";
    let project = Project::of_script(script, "output/result.csv");
    fails(
        &project,
        &[],
        "missing-outputs",
        &["output/result.csv", "output/results.csv"],
    );
}

#[test]
fn links_pipes_and_folders_are_never_outputs() {
    let cases = [
        ("os.symlink('/etc/passwd', 'output/a.csv')", "symbolic link"),
        (
            "os.symlink('../analysis/act.py', 'output/a.csv')",
            "symbolic link",
        ),
        ("os.mkfifo('output/a.csv')", "output/a.csv"),
        ("os.mkdir('output/a.csv')", "output/a.csv"),
    ];
    for (statement, says) in cases {
        let script = format!("import os; os.makedirs('output'); {statement}");
        let project = Project::of_script(&script, "output/a.csv");
        fails(&project, &[], "missing-outputs", &[says]);
    }
}

#[test]
fn a_sparse_giant_is_refused_without_being_copied() {
    let script = "import os; os.makedirs('output'); f = open('output/a.csv', 'w'); f.truncate(10_000_000_000)";
    let project = Project::of_script(script, "output/a.csv");
    let started = Instant::now();
    fails(
        &project,
        &[],
        "missing-outputs",
        &["output/a.csv", "sparse"],
    );
    assert!(started.elapsed() < Duration::from_secs(10));
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
fn a_definition_that_raises_is_shown_where() {
    let project = Project::of_definition("from cohortextractor import patients\n\n1 / 0\n");
    fails(
        &project,
        &[],
        "study-definition",
        &["study_definition.py", "ZeroDivisionError"],
    );
}

#[test]
fn a_definition_that_loops_ends_at_the_limit() {
    let project = Project::of_definition("while True: pass\n");
    fails(&project, &["--timeout", "2s"], "timed-out", &[]);
}

#[test]
fn a_definition_that_reads_secrets_finds_none() {
    let project = Project::of_definition("print(open('/etc/shadow').read())\n");
    fails(&project, &[], "study-definition", &["/etc/shadow"]);
}

#[test]
fn a_definition_that_opens_a_socket_reaches_nobody() {
    let project = Project::of_definition(
        "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=3)\n",
    );
    fails(&project, &[], "study-definition", &["unreachable"]);
}

#[test]
fn garbage_in_place_of_a_definition_is_not_believed() {
    // A study can write what it likes to any file descriptor; the document is still checked.
    for garbage in [
        "{}",
        "not json",
        r#"{\"format\": \"cohortextractor-study/1\"}"#,
    ] {
        let definition = format!(
            "import os\nfor fd in range(3, 16):\n    try:\n        os.write(fd, b'{garbage}')\n    except OSError:\n        pass\nos._exit(0)\n"
        );
        let project = Project::of_definition(&definition);
        fails(&project, &[], "study-definition", &[]);
    }
}

#[test]
fn printing_does_not_spoil_a_definition() {
    let project = Project::of_definition(
        r#"
import os, sys
print("{}")
os.system("echo noise")
sys.stdout.write("more noise")
from cohortextractor import StudyDefinition, patients
study = StudyDefinition(
    default_expectations={"date": {"earliest": "2000-01-01", "latest": "2020-01-01"}, "rate": "uniform", "incidence": 0.5},
    population=patients.all(),
    sex=patients.sex(return_expectations={"rate": "universal", "category": {"ratios": {"M": 0.5, "F": 0.5}}}),
)
"#,
    );
    let (said, report) = project.run(&["extract"]);
    assert_eq!(said.code, Some(0), "{report:#}\n{}", said.stderr);
    let cohort = project.read("output/input.csv");
    assert_eq!(cohort.lines().next(), Some("sex,patient_id"));
    assert_eq!(cohort.lines().count(), 101);
}

#[test]
fn what_identifies_people_is_withheld_from_the_moderate_level() {
    let project = Project::new(&[
        (
            "project.yaml",
            "version: 4\nactions:\n  act:\n    run: python:v2 python analysis/act.py\n    outputs:\n      moderately_sensitive: {out: output/a.csv}\n",
        ),
        (
            "analysis/act.py",
            "import os; os.makedirs('output'); open('output/a.csv', 'w').write('Patient_ID,x\\n1,2\\n')",
        ),
    ]);
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let output = &action(&report, "act")["outputs"][0];
    assert!(
        output["withheld"]
            .as_str()
            .is_some_and(|why| why.contains("patient")),
        "{report:#}"
    );
    let moderate = project.file(".glovebox/outputs/moderately_sensitive/output");
    assert!(!moderate.join("a.csv").exists());
    assert!(moderate.join("a.csv.txt").exists());
    assert!(
        project
            .file(".glovebox/outputs/highly_sensitive/output/a.csv")
            .exists()
    );
}

#[test]
fn a_folder_that_links_outside_is_not_written_through() {
    let outside = tempfile::tempdir().unwrap();
    let script =
        "import os; os.makedirs('output', exist_ok=True); open('output/a.csv', 'w').write('x')";
    let project = Project::of_script(script, "output/a.csv");
    std::os::unix::fs::symlink(outside.path(), project.file("output")).unwrap();
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(1), "{report:#}\n{}", said.stderr);
    assert_eq!(
        fs::read_dir(outside.path()).unwrap().count(),
        0,
        "written through a link"
    );
    project.assert_clean();
}

#[test]
fn a_wildcard_cannot_reach_the_private_folder() {
    // `*` as the first part of a path could otherwise name the stores, records and frozen code.
    let script = "
import os
for folder in ['.glovebox/latest', '.GLOVEBOX/latest', 'output']:
    os.makedirs(folder)
    open(folder + '/forged.json', 'w').write('{}')
";
    let project = Project::of_script(script, "*/latest/forged.json");
    fails(&project, &[], "missing-outputs", &["keeps for itself"]);
    assert!(!project.file(".glovebox/latest/forged.json").exists());
}

#[test]
fn what_is_lost_among_its_like_fails_the_action() {
    let cases = [
        ("os.symlink('/etc/passwd', 'output/b.txt')", "symbolic link"),
        ("os.mkfifo('output/b.txt')", "FIFO"),
        (
            "open('output/b.txt', 'w').truncate(10_000_000_000)",
            "sparse",
        ),
    ];
    for (statement, says) in cases {
        let script = format!(
            "import os; os.makedirs('output'); open('output/a.txt', 'w').write('x'); {statement}"
        );
        let project = Project::of_script(&script, "output/*.txt");
        fails(&project, &[], "missing-outputs", &["output/b.txt", says]);
        assert!(!project.file("output/a.txt").exists());
    }
}

/// An action that makes rows, and one that needs it and declares all that lies beside them.
fn rows_and(script: &str) -> Project {
    Project::new(&[
        (
            "project.yaml",
            "version: 4
actions:
  rows:
    run: python:v2 python analysis/rows.py
    outputs: {highly_sensitive: {o: output/rows.csv}}
  act:
    run: python:v2 python analysis/act.py
    needs: [rows]
    outputs: {moderately_sensitive: {o: output/*.csv}}
",
        ),
        (
            "analysis/rows.py",
            "import os; os.makedirs('output'); open('output/rows.csv', 'w').write('name\\nsmith\\n')",
        ),
        ("analysis/act.py", script),
    ])
}

#[test]
fn a_wildcard_does_not_take_over_what_another_action_made() {
    let project = rows_and("open('output/table.csv', 'w').write('n\\n10\\n')");
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    let outputs = action(&report, "act")["outputs"].as_array().unwrap();
    let paths: Vec<_> = outputs.iter().map(|output| &output["path"]).collect();
    assert_eq!(paths, ["output/table.csv"]);
    let moderate = project.file(".glovebox/outputs/moderately_sensitive/output");
    assert!(moderate.join("table.csv").exists());
    assert!(!moderate.join("rows.csv").exists());
    let (_, report) = project.run(&["act"]);
    assert_eq!(action(&report, "rows")["state"], "reused");
}

#[test]
fn another_actions_output_cannot_be_changed_or_be_all_there_is() {
    let cases = [
        (
            "open('output/rows.csv', 'a').write('x\\n'); open('output/b.csv', 'w').write('x')",
            "changed-inputs",
        ),
        ("pass", "missing-outputs"),
    ];
    for (script, kind) in cases {
        let project = rows_and(script);
        let (said, report) = project.run(&["act"]);
        assert_eq!(said.code, Some(1), "{report:#}");
        let failure = &action(&report, "act")["failure"];
        assert_eq!(failure["kind"], kind, "{report:#}");
        assert!(
            failure["details"].to_string().contains("output/rows.csv"),
            "{report:#}"
        );
    }
}

#[test]
fn a_definition_sees_no_output_of_another_action() {
    let definition = r#"
import os
assert not os.path.exists("secret"), "data is here"
open("secret/rows.csv")
"#;
    let project = Project::of_definition(definition);
    let yaml = project.read("project.yaml");
    let extract = yaml.replace("    outputs:\n", "    needs: [rows]\n    outputs:\n");
    let rows = "  rows:\n    run: python:v2 python analysis/rows.py\n    outputs: {highly_sensitive: {o: secret/rows.csv}}\n";
    project.write("project.yaml", &(extract + rows));
    project.write(
        "analysis/rows.py",
        "import os; os.makedirs('secret'); open('secret/rows.csv', 'w').write('smith')",
    );
    let (said, report) = project.run(&["extract"]);
    assert_eq!(said.code, Some(1), "{report:#}");
    let failure = action(&report, "extract")["failure"].to_string();
    for words in ["FileNotFoundError", "no data is there", "rows"] {
        assert!(failure.contains(words), "{report:#}");
    }
}

#[test]
fn a_cohort_takes_columns_from_another_actions_output() {
    let definition = r#"
from cohortextractor import StudyDefinition, patients
study = StudyDefinition(
    default_expectations={"date": {"earliest": "2000-01-01", "latest": "today"}, "rate": "uniform", "incidence": 0.5},
    population=patients.which_exist_in_file("secret/rows.csv"),
    stp=patients.with_value_from_file("secret/rows.csv", returning="stp", returning_type="str"),
    day=patients.with_value_from_file("secret/rows.csv", returning="day", returning_type="date", date_format="YYYY-MM-DD"),
)
"#;
    let project = Project::of_definition(definition);
    let yaml = project.read("project.yaml");
    let extract = yaml.replace("    outputs:\n", "    needs: [rows]\n    outputs:\n");
    let rows = "  rows:\n    run: python:v2 python analysis/rows.py\n    outputs: {highly_sensitive: {o: secret/rows.csv}}\n";
    project.write("project.yaml", &(extract + rows));
    project.write(
        "analysis/rows.py",
        "import os; os.makedirs('secret'); open('secret/rows.csv', 'w').write('patient_id,stp,day\\n7,E1,2020-02-01\\n9,E2,\\n')",
    );
    let (said, report) = project.run(&["extract"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    assert_eq!(
        project.read("output/input.csv"),
        "patient_id,stp,day\n7,E1,2020-02-01\n9,E2,\n"
    );
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

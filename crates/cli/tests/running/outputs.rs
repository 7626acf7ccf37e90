//! What a job leaves: what is filed, what is refused, and whose it stays.

use std::fs;
use std::time::{Duration, Instant};

use crate::project::{Project, action, fails};

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
fn what_a_run_left_in_the_folder_never_becomes_code() {
    let project = rows_and(
        "import os; open('output/table.csv', 'w').write(str(os.path.exists('output/rows.csv')))",
    );
    project.run(&["act"]);
    assert_eq!(project.read("output/table.csv"), "True");
    // The action that made the rows is gone, and its file is still in the folder.
    let yaml = project.read("project.yaml");
    let (head, tail) = yaml.split_once("  rows:").unwrap();
    let (_, act) = tail.split_once("  act:").unwrap();
    project.write(
        "project.yaml",
        &format!("{head}  act:{act}").replace("    needs: [rows]\n", ""),
    );
    let script = project.read("analysis/act.py");
    project.write(
        "analysis/act.py",
        &format!("import os; os.makedirs('output', exist_ok=True); {script}"),
    );
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    assert!(project.file("output/rows.csv").exists());
    assert_eq!(project.read("output/table.csv"), "False");
}

#[test]
fn raising_a_level_takes_down_all_that_the_pattern_ever_matched() {
    let project = Project::new(&[
        (
            "project.yaml",
            "version: 4\nactions:\n  act:\n    run: python:v2 python analysis/act.py\n    outputs:\n      moderately_sensitive: {out: output/b*.csv}\n",
        ),
        (
            "analysis/act.py",
            "import os; os.makedirs('output'); [open(f'output/b{n}.csv', 'w').write('n\\n10\\n') for n in (1, 2)]",
        ),
    ]);
    project.run(&["act"]);
    let moderate = project.file(".glovebox/outputs/moderately_sensitive/output");
    assert!(moderate.join("b2.csv").exists());
    let yaml = project.read("project.yaml");
    project.write("project.yaml", &yaml.replace("moderately", "highly"));
    let script = project.read("analysis/act.py");
    project.write("analysis/act.py", &script.replace("(1, 2)", "(1,)"));
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    assert!(!moderate.join("b1.csv").exists() && !moderate.join("b2.csv").exists());
    let manifest = project.read(".glovebox/outputs/moderately_sensitive/manifest.json");
    assert!(!manifest.contains("b2.csv"), "{manifest}");
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

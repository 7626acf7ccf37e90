//! Study definitions that go wrong or mean harm, and what an extraction is given.

use crate::project::{Project, action, fails};

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

/// An extraction that needs an action which writes `secret/rows.csv`.
fn after_rows(definition: &str, rows: &str) -> Project {
    let project = Project::of_definition(definition);
    let extract = project
        .read("project.yaml")
        .replace("    outputs:\n", "    needs: [rows]\n    outputs:\n");
    let action = "  rows:\n    run: python:v2 python analysis/rows.py\n    outputs: {highly_sensitive: {o: secret/rows.csv}}\n";
    project.write("project.yaml", &(extract + action));
    let script =
        format!("import os; os.makedirs('secret'); open('secret/rows.csv', 'w').write('{rows}')");
    project.write("analysis/rows.py", &script);
    project
}

#[test]
fn a_definition_sees_no_output_of_another_action() {
    let definition = r#"
import os
assert not os.path.exists("secret"), "data is here"
open("secret/rows.csv")
"#;
    let project = after_rows(definition, "smith");
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
    let project = after_rows(
        definition,
        "patient_id,stp,day\\n7,E1,2020-02-01\\n9,E2,\\n",
    );
    let (said, report) = project.run(&["extract"]);
    assert_eq!(said.code, Some(0), "{report:#}");
    assert_eq!(
        project.read("output/input.csv"),
        "patient_id,stp,day\n7,E1,2020-02-01\n9,E2,\n"
    );
}

//! `glovebox run`: what runs, what is reused and why, and what is left where.

use std::fs;

use crate::project::{Project, action};

/// Three actions in a row and one beside them; each copies its inputs.
fn chain() -> Project {
    let step = "
import pathlib, sys
name, *needs = sys.argv[1:]
pathlib.Path('output').mkdir(exist_ok=True)
text = ''.join(pathlib.Path(f'output/{need}.txt').read_text() for need in needs)
pathlib.Path(f'output/{name}.txt').write_text(text + name + '\\n')
print('made', name)
";
    Project::new(&[
        ("analysis/step.py", step),
        (
            "project.yaml",
            "version: 4
actions:
  first:
    run: python:v2 python analysis/step.py first
    outputs: {highly_sensitive: {o: output/first.txt}}
  second:
    run: python:v2 python analysis/step.py second first
    needs: [first]
    outputs: {highly_sensitive: {o: output/second.txt}}
  third:
    run: python:v2 python analysis/step.py third second
    needs: [second]
    outputs: {moderately_sensitive: {o: output/third.txt}}
  beside:
    run: python:v2 python analysis/step.py beside
    outputs: {highly_sensitive: {o: output/beside.txt}}
",
        ),
    ])
}

fn states(report: &serde_json::Value) -> Vec<(String, String)> {
    report["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| {
            let text = |key: &str| action[key].as_str().unwrap().to_owned();
            (text("action"), text("state"))
        })
        .collect()
}

#[track_caller]
fn assert_states(report: &serde_json::Value, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()))
        .collect();
    assert_eq!(states(report), expected, "{report:#}");
}

#[test]
fn what_an_action_needs_runs_first_and_nothing_else_runs() {
    let project = chain();
    let (said, report) = project.run(&["second"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert_states(&report, &[("first", "succeeded"), ("second", "succeeded")]);
    assert_eq!(project.read("output/second.txt"), "first\nsecond\n");
    assert!(!project.file("output/beside.txt").exists());
    project.assert_clean();
}

#[test]
fn outputs_are_filed_by_level_with_a_manifest() {
    let project = chain();
    let (_, report) = project.run(&["run_all"]);
    assert_eq!(
        action(&report, "third")["outputs"][0]["level"],
        "moderately_sensitive"
    );
    let stores = project.file(".glovebox/outputs");
    assert!(stores.join("highly_sensitive/output/third.txt").exists());
    assert!(
        stores
            .join("moderately_sensitive/output/third.txt")
            .exists()
    );
    assert!(
        !stores
            .join("moderately_sensitive/output/first.txt")
            .exists()
    );
    let manifest = fs::read_to_string(stores.join("moderately_sensitive/manifest.json")).unwrap();
    assert!(manifest.contains("output/third.txt"));
    assert!(
        !manifest.contains("output/first.txt"),
        "a highly sensitive name is in {manifest}"
    );
}

#[test]
fn a_success_is_reused_until_something_it_rests_on_changes() {
    let project = chain();
    project.run(&["third"]);
    let (_, report) = project.run(&["third"]);
    assert_states(
        &report,
        &[
            ("first", "reused"),
            ("second", "reused"),
            ("third", "reused"),
        ],
    );

    let yaml = project
        .read("project.yaml")
        .replace("step.py second first", "step.py second  first first");
    project.write("project.yaml", &yaml);
    let (_, report) = project.run(&["third"]);
    assert_states(
        &report,
        &[
            ("first", "reused"),
            ("second", "succeeded"),
            ("third", "succeeded"),
        ],
    );
    assert!(
        action(&report, "second")["because"][0]
            .as_str()
            .unwrap()
            .contains("command changed")
    );
    assert!(
        action(&report, "third")["because"][0]
            .as_str()
            .unwrap()
            .contains("output/second.txt")
    );

    let script = project.read("analysis/step.py");
    project.write("analysis/step.py", &format!("{script}# edited\n"));
    let (_, report) = project.run(&["first"]);
    assert!(
        action(&report, "first")["because"][0]
            .as_str()
            .unwrap()
            .contains("analysis/step.py changed"),
        "{report:#}"
    );
}

#[test]
fn an_output_that_was_lost_or_altered_is_made_again() {
    let project = chain();
    project.run(&["first"]);
    let filed = project.file(".glovebox/outputs/highly_sensitive/output/first.txt");
    fs::write(&filed, "altered").unwrap();
    let (_, report) = project.run(&["first"]);
    assert_states(&report, &[("first", "succeeded")]);
    assert_eq!(fs::read_to_string(&filed).unwrap(), "first\n");
    fs::remove_file(&filed).unwrap();
    let (_, report) = project.run(&["first"]);
    assert_states(&report, &[("first", "succeeded")]);
    assert!(filed.exists());
}

#[test]
fn what_the_person_sees_is_restored_when_it_is_reused() {
    let project = chain();
    project.run(&["first"]);
    fs::remove_file(project.file("output/first.txt")).unwrap();
    let (_, report) = project.run(&["first"]);
    assert_states(&report, &[("first", "reused")]);
    assert_eq!(project.read("output/first.txt"), "first\n");
}

#[test]
fn force_runs_what_an_action_needs_again() {
    let project = chain();
    project.run(&["second"]);
    let (_, report) = project.run(&["second", "--force-run-dependencies"]);
    assert_states(&report, &[("first", "succeeded"), ("second", "succeeded")]);
}

#[test]
fn a_failure_stops_the_run_unless_told_to_go_on() {
    let project = chain();
    let yaml = project
        .read("project.yaml")
        .replace("step.py first\n", "missing.py\n");
    project.write("project.yaml", &yaml);
    let (said, report) = project.run(&["run_all", "--jobs", "1"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(action(&report, "second")["state"], "not_run");
    assert_eq!(action(&report, "beside")["state"], "not_run");
    let (said, report) = project.run(&["run_all", "--jobs", "1", "--continue-on-error"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(action(&report, "second")["state"], "not_run");
    assert_eq!(action(&report, "beside")["state"], "succeeded");
}

#[test]
fn an_unknown_action_lists_the_known_ones() {
    let project = chain();
    let said = project.say(&["run", "secnod"]);
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    for name in ["secnod", "second", "first", "third", "beside", "run_all"] {
        assert!(said.stderr.contains(name), "{}", said.stderr);
    }
}

#[test]
fn a_program_is_told_why_nothing_ran() {
    let project = chain();
    let (said, report) = project.run(&["secnod"]);
    assert_eq!(said.code, Some(2));
    assert_eq!(report["error"]["kind"], "unknown-action", "{report:#}");
    project.write("project.yaml", "version: 4\nactions: []\n");
    let (said, report) = project.run(&["run_all"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(report["error"]["kind"], "project-rejected", "{report:#}");
    assert_eq!(report["actions"], serde_json::json!([]));
    fs::remove_file(project.file("project.yaml")).unwrap();
    let (said, report) = project.run(&["run_all"]);
    assert_eq!(said.code, Some(2));
    assert_eq!(report["succeeded"], false, "{report:#}");
}

#[test]
fn a_rejected_file_is_shown_as_check_shows_it_and_nothing_runs() {
    let project = chain();
    let yaml = project
        .read("project.yaml")
        .replace("needs: [first]", "needs: [third]");
    project.write("project.yaml", &yaml);
    let said = project.say(&["run", "run_all"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(
        said.stderr.contains("second → third → second")
            || said.stderr.contains("third → second → third"),
        "{}",
        said.stderr
    );
    assert!(!project.file("output").exists());
}

#[test]
fn an_unknown_image_lists_the_known_ones_before_anything_runs() {
    let project = chain();
    let yaml = project.read("project.yaml").replace(
        "python:v2 python analysis/step.py third",
        "pyhton:v2 python analysis/step.py third",
    );
    project.write("project.yaml", &yaml);
    let said = project.say(&["run", "run_all"]);
    assert_eq!(said.code, Some(3), "{}", said.stderr);
    for words in ["pyhton", "python", "cohortextractor"] {
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
    assert!(!project.file("output").exists());
}

#[test]
fn with_one_image_missing_the_rest_can_still_run() {
    let project = chain();
    let yaml = project.read("project.yaml").replace(
        "python:v2 python analysis/step.py second first",
        "stata-mp:latest analysis/second.do",
    );
    project.write("project.yaml", &yaml);
    let (said, report) = project.run(&["run_all", "--continue-on-error"]);
    assert_eq!(said.code, Some(3), "{report:#}");
    assert_states(
        &report,
        &[
            ("first", "succeeded"),
            ("second", "failed"),
            ("third", "not_run"),
            ("beside", "succeeded"),
        ],
    );
    let failure = &action(&report, "second")["failure"];
    assert_eq!(failure["kind"], "runtime-missing", "{report:#}");
    assert!(
        failure["details"].to_string().contains("Stata"),
        "{report:#}"
    );
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_does_not() {
    let project = Project::of_definition(
        r#"
from cohortextractor import StudyDefinition, patients
study = StudyDefinition(
    default_expectations={"date": {"earliest": "2000-01-01", "latest": "2020-01-01"}, "rate": "uniform", "incidence": 0.5},
    population=patients.all(),
    age=patients.age_as_of("2020-01-01", return_expectations={"rate": "universal", "int": {"distribution": "population_ages"}}),
)
"#,
    );
    let cohort = |args: &[&str]| {
        let (said, report) = project.run(&[&["extract"], args].concat());
        assert_eq!(said.code, Some(0), "{}\n{report:#}", said.stderr);
        (project.read("output/input.csv"), report)
    };
    let (one, report) = cohort(&["--seed", "1"]);
    assert_eq!(action(&report, "extract")["seed"], 1);
    let (again, _) = cohort(&["--seed", "1", "--force-run-dependencies"]);
    assert_eq!(one, again);
    let (other, report) = cohort(&["--seed", "2"]);
    assert_ne!(one, other);
    assert!(
        action(&report, "extract")["because"][0]
            .as_str()
            .unwrap()
            .contains("seed")
    );
    let (larger, report) = cohort(&["--seed", "2", "--population-size", "250"]);
    assert_eq!(larger.lines().count(), 251);
    assert!(
        action(&report, "extract")["because"][0]
            .as_str()
            .unwrap()
            .contains("from 100 to 250")
    );
}

#[test]
fn today_is_a_choice_so_that_a_seed_repeats_on_another_day() {
    let project = Project::of_definition(
        r#"
from cohortextractor import StudyDefinition, patients
study = StudyDefinition(
    default_expectations={"date": {"earliest": "2000-01-01", "latest": "today"}, "rate": "uniform", "incidence": 0.9},
    population=patients.all(),
    died=patients.died_from_any_cause(returning="date_of_death", date_format="YYYY-MM-DD"),
)
"#,
    );
    let cohort = |today: &str| {
        let (said, report) = project.run(&["extract", "--seed", "1", "--today", today]);
        assert_eq!(said.code, Some(0), "{}\n{report:#}", said.stderr);
        (
            project.read("output/input.csv"),
            action(&report, "extract")["because"].to_string(),
        )
    };
    let (then, _) = cohort("2020-06-01");
    let (later, because) = cohort("2024-06-01");
    assert_ne!(then, later);
    assert!(
        because.contains("today changed from 2020-06-01 to 2024-06-01"),
        "{because}"
    );
    let (again, _) = cohort("2020-06-01");
    assert_eq!(then, again);
}

#[test]
fn a_person_gets_a_table_and_no_escape_codes_without_a_terminal() {
    let project = chain();
    let said = project.say(&["run", "third"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    for words in [
        "action",
        "succeeded",
        "output/third.txt",
        "moderately sensitive",
        "6 B",
        ".glovebox/jobs/",
    ] {
        assert!(
            said.stdout.contains(words) || words == "6 B",
            "`{words}` is not in\n{}",
            said.stdout
        );
    }
    assert!(
        !said.stdout.contains('\u{1b}') && !said.stderr.contains('\u{1b}'),
        "{}",
        said.stderr
    );
}

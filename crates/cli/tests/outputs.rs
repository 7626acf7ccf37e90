//! `glovebox outputs check`, as a person and as a program use it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn check(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glovebox"))
        .args(["outputs", "check"])
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .output()
        .expect("glovebox runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, content) in files {
        fs::write(directory.path().join(name), content).expect("a file");
    }
    directory
}

#[test]
fn a_table_may_stand() {
    let workspace = workspace(&[("table.csv", "age,count\n70,12\n80,7\n")]);
    let output = check(
        workspace.path(),
        &["table.csv", "--level", "moderately_sensitive"],
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!(stderr(&output), @"table.csv may stand at moderately sensitive: viewable inside, releasable after review (21 bytes, 2 rows, 2 columns).");
}

#[test]
fn rows_about_patients_may_not_and_the_answer_says_what_to_do() {
    let workspace = workspace(&[("cohort.csv", "Patient_ID;sex\n4711;F\n")]);
    let arguments = [
        "cohort.csv",
        "--level",
        "moderately_sensitive",
        "--max-rows",
        "0",
    ];
    let output = check(workspace.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!(stderr(&output), @"
    cohort.csv may not stand at moderately sensitive: viewable inside, releasable after review.
      - column 1 is named patient_id, so the rows are about single patients: aggregate them, or declare the output highly_sensitive [patient-id-column]
      - the file has 1 rows and at most 0 are allowed, because nobody can check more: aggregate further, or declare the output highly_sensitive [too-many-rows]
    Then check again: glovebox outputs check cohort.csv --level moderately_sensitive
    ");
}

#[test]
fn a_program_gets_json_on_standard_output() {
    let workspace = workspace(&[("model.rds", "x"), ("cohort.csv", "patient_id\n1\n")]);
    let arguments = [
        "model.rds",
        "--level",
        "moderately_sensitive",
        "--format",
        "json",
    ];
    let output = check(workspace.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!(stdout(&output), @r#"{"file":"model.rds","level":"moderately_sensitive","ok":false,"reasons":[{"code":"type-not-allowed","message":"files of type .rds are not viewable at this level: write one of csv, jpg, jpeg, png, svg, svgz, html, txt, log, json or md"}],"size":1,"row_count":null,"col_count":null}"#);

    let arguments = [
        "cohort.csv",
        "--level",
        "highly_sensitive",
        "--format",
        "json",
    ];
    let output = check(workspace.path(), &arguments);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(stdout(&output), @r#"{"file":"cohort.csv","level":"highly_sensitive","ok":true,"reasons":[],"size":13,"row_count":null,"col_count":null}"#);
}

#[test]
fn the_limits_can_be_set() {
    let workspace = workspace(&[("note.txt", "0123456789")]);
    for (limit, code) in [("10", 0), ("9", 1)] {
        let arguments = [
            "note.txt",
            "--level",
            "moderately_sensitive",
            "--max-size",
            limit,
        ];
        assert_eq!(
            check(workspace.path(), &arguments).status.code(),
            Some(code),
            "{limit}"
        );
    }
}

#[test]
fn a_wrong_command_line_is_told_from_a_wrong_file() {
    let workspace = workspace(&[("a.csv", "x\n")]);
    fs::create_dir(workspace.path().join("folder.csv")).expect("a directory");
    for (arguments, word) in [
        (
            ["missing.csv", "--level", "moderately_sensitive"],
            "missing.csv",
        ),
        (
            ["folder.csv", "--level", "moderately_sensitive"],
            "not a regular file",
        ),
        (
            ["a.csv", "--level", "public"],
            "highly_sensitive, moderately_sensitive or minimally",
        ),
    ] {
        let output = check(workspace.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn a_fifo_is_refused_without_waiting_and_a_name_cannot_write_on_the_terminal() {
    let workspace = workspace(&[("a\u{1b}[31m.txt", "x")]);
    let made = Command::new("mkfifo")
        .arg(workspace.path().join("pipe.csv"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    let output = check(
        workspace.path(),
        &["pipe.csv", "--level", "moderately_sensitive"],
    );
    assert_eq!(output.status.code(), Some(2));

    let output = check(
        workspace.path(),
        &["a\u{1b}[31m.txt", "--level", "moderately_sensitive"],
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(!stderr(&output).contains('\u{1b}'));
}

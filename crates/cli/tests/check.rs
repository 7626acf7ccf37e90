//! `glovebox check` as it is used: arguments, both formats, exit codes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

use std::{
    fs,
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const VALID: &str = "version: 5
actions:
  extract:
    run: ehrql:v1 generate-dataset analysis/dataset.py --output output/dataset.csv
    outputs:
      highly_sensitive: {dataset: output/dataset.csv}
  describe:
    run: python:v2 python analysis/describe.py
    needs: [extract]
    outputs:
      moderately_sensitive: {table: output/table.csv}
";

const INVALID: &str = "version: 4
actions:
  extract:
    run: ehrql:v1  generate-dataset analysis/dataset.py
    outputs:
      highly_sensitive: {dataset: output/dataset.csv}
  describe:
    Run: python:latest python analysis/describe.py
    needs: [extrcat]
    outputs:
      moderately_sensitive: {table: output/table.rds, plot: ../plot.png}
";

fn glovebox(arguments: &[&str], input: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("study")).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("project.yaml"), INVALID).unwrap();
    fs::write(folder.path().join("study/project.yaml"), VALID).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_glovebox"))
        .arg("check")
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may close it first.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_last_line_and_the_exit_code_say_the_verdict() {
    let cases: &[(&[&str], &[u8], i32, &str)] = &[
        (
            &["study"],
            b"",
            0,
            "study/project.yaml: accepted: 2 actions, 1 of them reads the database",
        ),
        (
            &["study/project.yaml"],
            b"",
            0,
            "study/project.yaml: accepted: 2 actions, 1 of them reads the database",
        ),
        (&[], b"", 1, "5 errors in project.yaml"),
        (&["."], b"", 1, "5 errors in project.yaml"),
        (
            &["-"],
            b"version: 5\nactions: {}",
            0,
            "standard input: accepted: no actions",
        ),
        (&["-"], b"\xff", 1, "1 error in standard input"),
        (&["-"], b"", 1, "1 error in standard input"),
        (
            &["ghost"],
            b"",
            2,
            "cannot read ghost: No such file or directory (os error 2). Name a project file, or a folder that holds project.yaml: glovebox check PATH",
        ),
        (
            &["empty"],
            b"",
            2,
            "cannot read empty/project.yaml: No such file or directory (os error 2). Name a project file, or a folder that holds project.yaml: glovebox check PATH",
        ),
    ];
    for (arguments, input, code, last) in cases {
        let output = glovebox(arguments, input);
        let said = text(&output.stderr);
        assert_eq!(said.lines().last(), Some(*last), "{arguments:?}");
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
    let usage = glovebox(&["--format", "xml"], b"");
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn people_see_every_error_with_its_lines() {
    let output = glovebox(&[], b"");
    insta::assert_snapshot!(text(&output.stderr));
}

#[test]
fn machines_get_one_object() {
    let accepted = glovebox(&["study", "--format", "json"], b"");
    assert_eq!(text(&accepted.stderr), "");
    assert_eq!(accepted.status.code(), Some(0));
    assert_eq!(
        object(&accepted.stdout),
        json!({
            "accepted": true,
            "errors": [],
            "warnings": [],
            "actions": ["extract", "describe"],
            "needs": {"extract": [], "describe": ["extract"]},
            "database_actions": ["extract"],
        })
    );

    let rejected = glovebox(&["--format", "json"], b"");
    assert_eq!(rejected.status.code(), Some(1));
    let answer = object(&rejected.stdout);
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["actions"], json!(["extract", "describe"]));
    assert_eq!(answer["needs"]["describe"], json!(["extrcat"]));
    assert_eq!(answer["warnings"][0]["kind"], "version:old");
    assert_eq!(
        answer["errors"][3],
        json!({
            "kind": "needs:unknown-action",
            "line": 9,
            "column": 13,
            "message": "the action describe needs \"extrcat\", which no action is named: correct the name, or take it out (did you mean `extract`?)",
        })
    );
}

fn object(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_file_cannot_draw_on_the_terminal() {
    let hostile = "version: 5\nactions:\n  \"a\\e[2J\": {run: 'x', needs: [\"\\e]0;title\\a\"]}\nb: \u{202e}x\n\u{1b}[31m";
    for input in [hostile, hostile.trim_end_matches("\u{1b}[31m")] {
        let output = glovebox(&["-"], input.as_bytes());
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        let acts = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
        assert!(!said.contains(acts), "{said:?}");
    }
}

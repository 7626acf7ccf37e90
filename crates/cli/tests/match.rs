//! `glovebox match` as its callers see it: exit codes, one line for each problem, four files.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const CONFIG: &str = r#"{"matches_per_case": 2, "match_variables": {"sex": "category", "age": 1},
    "index_date_variable": "indexdate"}"#;

/// A folder with two cohorts and settings.
fn study() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file in it");
    };
    write(
        "cases.csv",
        "patient_id,sex,age,indexdate\n1,F,40,2020-02-02\n2,M,50,2020-02-01\n",
    );
    write(
        "controls.csv",
        "patient_id,sex,age,indexdate\n10,F,41,2020-01-01\n11,M,50,2020-01-01\n",
    );
    write(
        "wrong.csv",
        "patient_id,sex,age,indexdate\n1,F,forty,2020-02-02\n1,F,40,soon\n",
    );
    write("matching.json", CONFIG);
    write("broken.json", "{\"matches_per_case\": 2,");
    folder
}

fn glovebox_match(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glovebox"))
        .arg("match")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_writes_four_files_and_says_so() {
    let study = study();
    let arguments = [
        "--cases",
        "cases.csv",
        "--controls",
        "controls.csv",
        "--config-file",
        "matching.json",
    ];
    let output = glovebox_match(study.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        output.stdout.is_empty(),
        "nothing but machine output belongs there"
    );
    assert_eq!(
        said(&output),
        "Matched [7 or fewer] controls to [7 or fewer] cases (of [7 or fewer] potential controls \
         and [7 or fewer] cases; figures are rounded).\n\
         Wrote output/matched_cases.csv\n\
         Wrote output/matched_matches.csv\n\
         Wrote output/matched_combined.csv\n\
         Wrote output/matching_report.txt\n"
    );
    let matches = fs::read_to_string(study.path().join("output/matched_matches.csv"));
    assert_eq!(
        matches.expect("the file is there"),
        "patient_id,sex,age,indexdate,set_id,case\n10,F,41,2020-01-01,1,0\n11,M,50,2020-01-01,2,0\n"
    );
}

#[test]
fn the_command_line_overrides_the_settings() {
    let study = study();
    let files = [
        "--cases",
        "cases.csv",
        "--controls",
        "controls.csv",
        "--config",
        CONFIG,
    ];
    let overrides = ["--output-format", "csv.gz", "--output-path", "else/where"];
    let output = glovebox_match(study.path(), &[&files[..], &overrides].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        study
            .path()
            .join("else/where/matched_combined.csv.gz")
            .is_file()
    );
    assert!(!study.path().join("output").exists());
}

/// Every mistake of a caller ends with exit code 2, one line for each problem, and no files.
#[test]
fn mistakes_are_named_line_by_line() {
    let files = ["--cases", "cases.csv", "--controls", "controls.csv"];
    let config = ["--config", CONFIG];
    let cases: [(&str, Vec<&str>, &str); 7] = [
        (
            "settings and files are wrong",
            vec!["--cases", "none.csv", "--controls", "cases.parquet", "--config", r#"{"match_per_case": 1}"#],
            "error: matches_per_case: this setting is required; add it\n\
             error: match_variables: this setting is required; add it\n\
             error: index_date_variable: this setting is required; add it\n\
             error: match_per_case: there is no such setting; did you mean matches_per_case?\n\
             error: none.csv: there is no such file; check the path\n\
             error: cases.parquet: this format cannot be read; the formats that can are .csv and .csv.gz\n",
        ),
        (
            "the format is wrong, and the settings are",
            [&files[..], &["--config", "{}", "--output-format", "arrow"]].concat(),
            "error: --output-format: `arrow` cannot be written; the formats that can are csv and csv.gz\n\
             error: matches_per_case: this setting is required; add it\n\
             error: match_variables: this setting is required; add it\n\
             error: index_date_variable: this setting is required; add it\n",
        ),
        (
            "the format is wrong",
            [&files[..], &config, &["--output-format", "xlsx"]].concat(),
            "error: --output-format: `xlsx` cannot be written; the formats that can are csv and csv.gz\n",
        ),
        (
            "the settings are no JSON",
            [&files[..], &["--config-file", "broken.json"]].concat(),
            "error: settings: they are not valid JSON: EOF while parsing a value at line 1 column 23\n",
        ),
        (
            "there are no settings",
            [&files[..], &["--config-file", "none.json"]].concat(),
            "error: none.json: the settings could not be read: No such file or directory (os error 2)\n",
        ),
        (
            "the data are wrong",
            [&["--cases", "wrong.csv", "--controls", "controls.csv"][..], &config].concat(),
            "error: wrong.csv: 1 row with something in `age` that is not a number, as match_variables needs; the first is on line 2\n\
             error: wrong.csv: 1 row with something in `indexdate` that is not a date as YYYY-MM-DD, as index_date_variable needs; the first is on line 3\n\
             error: wrong.csv: duplicate patient_id: rows that repeat an earlier one's: 1; keep one row for each person\n",
        ),
        (
            "the suffix leads out of the folder",
            [
                &files[..],
                &["--config", r#"{"matches_per_case": 1, "match_variables": {}, "index_date_variable": "indexdate", "output_suffix": "/../../x"}"#],
            ]
            .concat(),
            "error: output_suffix: it must be at most 100 letters, digits and signs that can stand in a file name\n",
        ),
    ];
    for (what, arguments, expected) in cases {
        let study = study();
        let output = glovebox_match(study.path(), &arguments);
        assert_eq!(
            (output.status.code(), said(&output).as_str()),
            (Some(2), expected),
            "{what}"
        );
        assert!(!study.path().join("output").exists(), "{what}");
    }
}

/// The argument parser's own errors have its form; only their exit code is promised.
#[test]
fn a_command_line_that_is_not_whole_is_refused() {
    let study = study();
    let files = ["--cases", "cases.csv", "--controls", "controls.csv"];
    let both = ["--config", CONFIG, "--config-file", "matching.json"];
    for arguments in [
        files.to_vec(),
        [&files[..], &both].concat(),
        vec!["--controls", "controls.csv", "--config", CONFIG],
        vec!["--cases", "cases.csv", "--config", CONFIG],
        [&files[..], &["--config", CONFIG, "--colour", "green"]].concat(),
    ] {
        let output = glovebox_match(study.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).starts_with("error: "), "{}", said(&output));
        assert!(!study.path().join("output").exists());
    }
}

#[test]
fn help_begins_with_examples() {
    let output = glovebox_match(Path::new("."), &["--help"]);
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        help.starts_with("Examples:\n  glovebox match --cases"),
        "{help}"
    );
    assert_eq!(help.matches("\n  glovebox match").count(), 3);
}

#[test]
fn input_that_cannot_be_read_is_the_callers_and_never_waited_for() {
    let study = study();
    let path = |name: &str| study.path().join(name);
    let made = Command::new("mkfifo").arg(path("pipe.csv")).status();
    assert!(made.expect("mkfifo starts").success());
    // The beginning of a gzip stream, and no end.
    fs::write(path("cut.csv.gz"), [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75]).expect("a file");
    let twice = r#"{"matches_per_case": 2, "match_variables": {"age": 1, "age": 5},
        "index_date_variable": "indexdate"}"#;
    let cases: [(&str, &str, &str); 3] = [
        (
            "pipe.csv",
            CONFIG,
            "error: pipe.csv: it is not a regular file; name a file\n",
        ),
        ("cut.csv.gz", CONFIG, "cut.csv.gz"),
        (
            "cases.csv",
            twice,
            "error: settings: `age` is named twice: keep one of them",
        ),
    ];
    for (file, config, says) in cases {
        let arguments = [
            "--cases",
            file,
            "--controls",
            "controls.csv",
            "--config",
            config,
        ];
        let output = glovebox_match(study.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    }
}

#[test]
fn nobody_is_their_own_control_however_ids_are_written() {
    let study = study();
    let header = "patient_id,sex,age,indexdate\n";
    let rows = |ids: [&str; 2]| ids.map(|id| format!("{id},F,40,2020-02-02\n")).concat();
    fs::write(
        study.path().join("cases.csv"),
        header.to_owned() + &rows(["1.0", "2.0"]),
    )
    .unwrap();
    fs::write(
        study.path().join("controls.csv"),
        header.to_owned() + &rows(["1", "2"]),
    )
    .unwrap();
    let config = CONFIG.replacen('{', r#"{"drop_cases_from_matches": true, "#, 1);
    let arguments = [
        "--cases",
        "cases.csv",
        "--controls",
        "controls.csv",
        "--config",
        &config,
    ];
    let output = glovebox_match(study.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let matches = fs::read_to_string(study.path().join("output/matched_matches.csv")).unwrap();
    assert_eq!(matches.lines().count(), 1, "{matches}");
    let cases = fs::read_to_string(study.path().join("output/matched_cases.csv")).unwrap();
    assert!(cases.contains("1.0,F,40,2020-02-02,1.0,1,0.0"), "{cases}");
}

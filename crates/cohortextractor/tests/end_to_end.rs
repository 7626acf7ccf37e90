//! From study definitions in Python to the cells of their files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod evaluating;

use std::fs;
use std::path::Path;

use evaluating::{evaluate, generate, plan};
use glovebox_cohortextractor::{DocumentError, FUNCTIONS, parse_document};

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/long-study");

#[test]
fn a_study_becomes_a_file() {
    let evaluation = evaluate(
        Path::new(STUDY),
        &[
            "generate_cohort",
            "--study-definition",
            "study_definition_flu",
            "--output-dir=output/cohorts",
        ],
    );
    assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
    assert_eq!(evaluation.log, "a study may print what it likes\n");
    let cohorts = plan(&evaluation.document).unwrap();
    assert_eq!(cohorts.len(), 1);
    assert_eq!(cohorts[0].path, "output/cohorts/input_flu.csv");

    let (header, cells) = generate(&cohorts[0]);
    let expected = "admitted asthma bmi_date_measured age sex bmi imd smoker visits flag_1 flag_2 \
                    end season first_event patient_id";
    assert_eq!(header.join(" "), expected);
    let count = |name: &str, text: &str| cells[name].iter().filter(|cell| *cell == text).count();
    assert_eq!(count("asthma", ""), 300);
    assert_eq!(count("bmi_date_measured", ""), 400);
    assert_eq!(count("bmi", "0.0"), 400);
    assert_eq!(count("flag_1", "0"), 300);
    assert_eq!(count("season", "winter"), 1_000);
    // Admissions before the period are blanked, beyond the tenth that never happened.
    assert!(count("admitted", "") > 700);
    assert!(
        cells["admitted"]
            .iter()
            .all(|cell| cell.is_empty() || cell.as_str() >= "2015-01-01")
    );
    assert!(
        cells["asthma"]
            .iter()
            .all(|cell| cell.is_empty() || cell.len() == 7)
    );
    // The constant stands in where no event is earlier.
    let bounded = |cell: &String| cell.len() == 10 && cell.as_str() <= "2019-06-30";
    assert!(cells["first_event"].iter().all(bounded));
}

#[test]
fn index_dates_and_parameters_come_from_the_command_line() {
    let evaluation = evaluate(
        Path::new(STUDY),
        &[
            "generate_cohort",
            "--index-date-range",
            "2020-01-01 to 2020-01-20 by week",
            "--param",
            "season",
            "=",
            "summer",
            "--output-file",
            "output/abc.csv.gz",
            "--expectations-population=12",
        ],
    );
    let cohorts = plan(&evaluation.document).unwrap();
    let paths: Vec<&str> = cohorts.iter().map(|cohort| cohort.path.as_str()).collect();
    let expected = ["15", "08", "01"].map(|day| format!("output/abc_2020-01-{day}.csv.gz"));
    assert_eq!(paths, expected);
    let (_, cells) = generate(&cohorts[2]);
    assert_eq!(cells["season"], vec!["summer"; 12]);
    assert!(
        cells["asthma"]
            .iter()
            .all(|cell| cell.as_str() <= "2020-01")
    );
}

/// A folder with one study definition.
fn folder(code: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("codelists")).unwrap();
    fs::create_dir_all(folder.path().join("analysis")).unwrap();
    let code = format!("from cohortextractor import *\n{code}");
    fs::write(folder.path().join("analysis/study_definition.py"), code).unwrap();
    folder
}

/// What the author of a faulty study is told.
fn complaint(code: &str) -> String {
    let folder = folder(code);
    let evaluation = evaluate(folder.path(), &["generate_cohort"]);
    let problems = match parse_document(&evaluation.document) {
        Ok(_) => {
            assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
            plan(&evaluation.document).err().unwrap_or_default()
        }
        Err(DocumentError::Study(problems)) => {
            assert_eq!(evaluation.code, Some(1));
            problems
        }
        Err(error) => panic!("{error}: {}", evaluation.log),
    };
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn mistakes_of_python_are_named_with_their_line() {
    let cases = [
        (
            "study = StudyDefinition(patients.all(),\n x=patients.sex(retrun_expectations={}))",
            "analysis/study_definition.py:3: x: patients.sex has no argument \
             'retrun_expectations'; did you mean return_expectations?",
        ),
        (
            "\npatients.sxe()",
            "study_definition.py:3: AttributeError: there is no function patients.sxe; did you mean sex?",
        ),
        (
            "1/0",
            "study_definition.py:2: ZeroDivisionError: division by zero",
        ),
        ("exit(3)", "study_definition.py:2: SystemExit: 3"),
        ("x = (", "study_definition.py:2: SyntaxError"),
        (
            "params['k']",
            "study_definition.py:2: Missing --param error: k",
        ),
        ("x = 1", "defines no 'study'"),
        (
            "codelist([], system='ctv3')",
            "study_definition.py:2: the codelist is empty",
        ),
        (
            "codelist([('a', 1), ('a', 2)], 'ctv3')",
            "code a has two categories: '1' and '2'",
        ),
        (
            "codelist_from_csv('codelists/no.csv', 'ctv3')",
            "cannot read the codelist codelists/no.csv",
        ),
        (
            "combine_codelists(codelist(['a'], 'x'), codelist(['a'], 'y'))",
            "different systems: 'x' and 'y'",
        ),
    ];
    for (code, expected) in cases {
        let complaint = complaint(code);
        assert!(complaint.contains(expected), "{code}: {complaint}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let complaint = complaint(
        "study = StudyDefinition(population=patients.all(1), a=patients.sex(x=1), b=2, \
         patient_id=patients.sex(), c=patients.age_as_of())",
    );
    assert_eq!(complaint.lines().count(), 5, "{complaint}");
}

#[test]
fn a_folder_that_is_no_study_and_a_command_that_is_none() {
    let empty = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32, &str); 4] = [
        (
            &["generate_cohort"],
            1,
            "this folder has no codelists and no analysis folder",
        ),
        (
            &["generate_measures", "--output-dir", "x"],
            2,
            "generate_measures is not supported yet",
        ),
        (
            &["generate_cohort", "--nonsense"],
            2,
            "unrecognized arguments",
        ),
        (&["nonsense"], 2, "invalid choice"),
    ];
    for (arguments, code, message) in cases {
        let evaluation = evaluate(empty.path(), arguments);
        assert_eq!(evaluation.code, Some(code));
        assert!(evaluation.log.contains(message), "{}", evaluation.log);
    }
}

#[test]
fn python_and_rust_know_the_same_functions() {
    let folder = folder(
        "from cohortextractor.signatures import SIGNATURES\n\
         raise Exception(' '.join(f'{n}:' + ','.join(s.names) for n, s in SIGNATURES.items()))",
    );
    let evaluation = evaluate(folder.path(), &["generate_cohort"]);
    let Err(DocumentError::Study(problems)) = parse_document(&evaluation.document) else {
        panic!("{}", evaluation.log);
    };
    // Functions that Python knows by name only, so that a study that uses them is told so by Rust.
    let not_supported = ["with_complete_history_between", "with_an_isaric_record"];
    let listed = problems[0].message.trim_start_matches("Exception: ");
    let mut shared = 0;
    for entry in listed.split(' ') {
        let (name, arguments) = entry.split_once(':').unwrap();
        let found = FUNCTIONS
            .iter()
            .flat_map(|subject| subject.iter())
            .find(|each| each.name == name);
        let Some(function) = found else {
            assert!(not_supported.contains(&name), "Rust does not know {name}");
            continue;
        };
        shared += 1;
        let known = function.argument_names();
        for argument in arguments.split(',').filter(|argument| !argument.is_empty()) {
            assert!(
                known.contains(&argument),
                "Rust does not know {name}({argument})"
            );
        }
    }
    assert_eq!(
        shared,
        FUNCTIONS.iter().map(|subject| subject.len()).sum::<usize>()
    );
}

//! The files that are read and written.

use std::{fs, io::Write, path::Path};

use glovebox_matching::{Inputs, MatchError, Progress, Quiet, Settings, Stage, match_files};
use serde_json::json;
use tempfile::TempDir;

use crate::trial::sex_and_age;

const HEADER: &str = "patient_id,sex,age,indexdate,set_id,case";

/// Case 41.
#[test]
fn an_empty_result_is_four_files_with_headers() {
    let no_cases = sex_and_age().controls("10,F,36,2020-01-01");
    let all_excluded = sex_and_age()
        .columns("patient_id,sex,age,indexdate")
        .with("match_variables", json!({"sex": "category"}))
        .with("date_exclusion_variables", json!({"indexdate": "before"}))
        .cases("1,F,36,2020-01-01");
    let all_excluded = all_excluded
        .case_columns("patient_id,sex,age,indexdate,died")
        .control_columns("patient_id,sex,age,indexdate,died")
        .with("date_exclusion_variables", json!({"died": "before"}))
        .cases("1,F,36,2020-01-01,2019-01-01");
    let below_minimum = sex_and_age()
        .with("min_matches_per_case", 2)
        .cases("1,F,36,2020-01-01")
        .controls("10,F,36,2020-01-01");
    for (trial, header) in [
        (no_cases, HEADER.to_owned()),
        (below_minimum, HEADER.to_owned()),
        (all_excluded, HEADER.replace("indexdate", "indexdate,died")),
    ] {
        let outcome = trial.run();
        assert_eq!(outcome.cases, format!("{header},match_counts\n"));
        assert_eq!(outcome.matches, format!("{header}\n"));
        assert_eq!(outcome.combined, format!("{header},match_counts\n"));
        assert!(outcome.report.starts_with("Matching report\n"));
    }
}

/// Cases 43 and 44: an indicator of another name, and a suffix with a dot.
#[test]
fn names_are_as_the_settings_say() {
    let outcome = sex_and_age()
        .with("indicator_variable_name", "exposed")
        .with("output_suffix", "_v1.2")
        .cases("1,F,36,2020-02-01")
        .controls("10,F,36,2020-01-01")
        .run();
    let names: Vec<_> = outcome
        .summary
        .files
        .iter()
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "matched_cases_v1.2.csv",
            "matched_matches_v1.2.csv",
            "matched_combined_v1.2.csv",
            "matching_report_v1.2.txt"
        ]
    );
    assert_eq!(
        outcome.combined,
        "patient_id,sex,age,indexdate,set_id,exposed,match_counts\n1,F,36,2020-02-01,1,1,1.0\n10,F,36,2020-01-01,1,0,\n"
    );
}

/// Case 45.
#[test]
fn every_column_is_kept_and_the_controls_own_come_last() {
    let outcome = sex_and_age()
        .case_columns("sex,age,only_cases,patient_id,indexdate,case")
        .control_columns("only_controls,indexdate,age,sex,patient_id,set_id")
        .cases("F,36,\"a, \"\"b\"\"\",1,2020-02-01,old")
        .controls("x,2020-01-01,36,F,10,old")
        .run();
    assert_eq!(
        outcome.cases,
        "patient_id,sex,age,only_cases,indexdate,case,set_id,match_counts\n1,F,36,\"a, \"\"b\"\"\",2020-02-01,1,1,1.0\n"
    );
    assert_eq!(
        outcome.matches,
        "patient_id,only_controls,indexdate,age,sex,set_id,case\n10,x,2020-01-01,36,F,1,0\n"
    );
    assert_eq!(
        outcome.combined,
        "patient_id,sex,age,only_cases,indexdate,case,set_id,match_counts,only_controls\n\
         1,F,36,\"a, \"\"b\"\"\",2020-02-01,1,1,1.0,\n\
         10,F,36,,2020-01-01,0,1,,x\n"
    );
    for noted in [
        "the cases have a column `case`",
        "the controls have a column `set_id`",
    ] {
        assert!(outcome.report.contains(noted), "{}", outcome.report);
    }
}

#[test]
fn cells_that_decide_nothing_are_copied_as_they_are() {
    let outcome = sex_and_age()
        .columns("patient_id,sex,age,indexdate,note")
        .cases("1,F,36.0,2020-02-01 00:00:00,\"two\nlines\"")
        .controls("10,F,036,2020-01,NA")
        .run();
    assert!(
        outcome
            .cases
            .ends_with("\n1,F,36.0,2020-02-01 00:00:00,\"two\nlines\",1,1,1.0\n")
    );
    assert!(
        outcome.matches.ends_with("\n10,F,036,2020-01,NA,1,0\n"),
        "{}",
        outcome.matches
    );
}

/// The report is looked at by people who may not see the records.
#[test]
fn the_report_has_rounded_counts_only() {
    let cases: Vec<String> = (1..=13).map(|id| format!("{id},F,36,2020-02-01")).collect();
    let controls: Vec<String> = (100..121)
        .map(|id| format!("{id},F,36,2020-01-01"))
        .collect();
    let outcome = sex_and_age()
        .cases(&cases.join(" | "))
        .controls(&controls.join(" | "))
        .run();
    let report: Vec<&str> = outcome
        .report
        .lines()
        .filter(|line| !line.ends_with("UTC"))
        .collect();
    assert_eq!(
        report.join("\n"),
        "Matching report\n\
         Counts are rounded to the nearest 5; counts of 1 to 7 are withheld.\n\
         \n\
         \n\
         \x20                                          cases      controls\n\
         in the files                                  15            20\n\
         eligible after exclusions                     15            20\n\
         matched                                       15            20\n\
         \n\
         Cases by the number of controls found for them\n\
         (at most 2 each)\n\
         \x20 controls         cases\n\
         \x20        2            10\n\
         \x20        0  [7 or fewer]\n\
         \x20        1  [7 or fewer]\n\
         \n\
         Random seed 123"
    );
    assert_eq!(
        outcome.summary.to_string().lines().next(),
        Some(
            "Matched 20 controls to 15 cases (of 20 potential controls and 15 cases; figures are rounded)."
        )
    );
}

fn gzip(path: &Path, text: &str) {
    let file = fs::File::create(path).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::from_json(
        r#"{"matches_per_case": 1, "match_variables": {"sex": "category"}, "index_date_variable": "d"}"#,
    )
    .unwrap();
    settings.output_path = folder.join("made/for/it");
    settings
}

/// Only the last extension counts; a byte-order mark and Windows line ends are no part of a name.
#[test]
fn compressed_files_are_read_and_written() {
    let folder = TempDir::new().unwrap();
    let inputs = Inputs {
        cases: folder.path().join("a.v2.csv.gz"),
        controls: folder.path().join("b.v2.csv"),
    };
    gzip(
        &inputs.cases,
        "\u{feff}patient_id,sex,d\r\n1,F,2020-01-01\r\n",
    );
    fs::write(
        &inputs.controls,
        "\u{feff}patient_id,sex,d\r\n10,F,2020-01-01\r\n\r\n",
    )
    .unwrap();
    let mut settings = settings(folder.path());
    settings.output_format = glovebox_matching::OutputFormat::CsvGz;
    let summary = match_files(&inputs, &settings, &Quiet).unwrap();
    assert_eq!(summary.controls_matched, 1);
    let matches = fs::File::open(settings.output_path.join("matched_matches.csv.gz")).unwrap();
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(matches)).unwrap();
    assert_eq!(text, "patient_id,sex,d,set_id,case\n10,F,2020-01-01,1,0\n");
}

#[test]
fn files_that_cannot_be_read_are_both_named() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty.csv"), "").unwrap();
    fs::write(at("blank.csv"), "\n\n").unwrap();
    fs::write(at("plain.csv.gz"), "patient_id,sex,d\n").unwrap();
    fs::write(at("x.arrow"), "ARROW1").unwrap();
    fs::create_dir(at("folder.csv")).unwrap();
    for (name, expected) in [
        ("none.csv", "there is no such file; check the path"),
        (
            "empty.csv",
            "it is empty; its first line must name the columns",
        ),
        (
            "blank.csv",
            "it is empty; its first line must name the columns",
        ),
        ("folder.csv", "it is not a regular file; name a file"),
        (
            "x.arrow",
            "this format cannot be read; the formats that can are .csv and .csv.gz",
        ),
        (
            "data.gz",
            "this format cannot be read; the formats that can are .csv and .csv.gz",
        ),
        ("plain.csv.gz", "it could not be read: invalid gzip header"),
    ] {
        let inputs = Inputs {
            cases: at(name),
            controls: at(name),
        };
        let error = match_files(&inputs, &settings(folder.path()), &Quiet).unwrap_err();
        let MatchError::Data(problems) = error else {
            panic!("{error}")
        };
        assert_eq!(problems.len(), 2);
        for problem in problems {
            assert_eq!(problem.message(), expected, "{name}");
            assert_eq!(Path::new(problem.subject()), at(name));
        }
    }
}

/// Stops at the first report of one stage.
struct StopAt(Stage, std::cell::Cell<bool>);

impl Progress for StopAt {
    fn advanced(&self, stage: Stage, _done: u64, _total: Option<u64>) {
        if stage == self.0 {
            self.1.set(true);
        }
    }

    fn cancelled(&self) -> bool {
        self.1.get()
    }
}

#[test]
fn cancelling_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let inputs = Inputs {
        cases: folder.path().join("a.csv"),
        controls: folder.path().join("b.csv"),
    };
    fs::write(&inputs.cases, "patient_id,sex,d\n1,F,2020-01-01\n").unwrap();
    fs::write(&inputs.controls, "patient_id,sex,d\n10,F,2020-01-01\n").unwrap();
    let settings = settings(folder.path());
    fs::create_dir_all(&settings.output_path).unwrap();
    fs::write(
        settings.output_path.join("matched_cases.csv"),
        "from before",
    )
    .unwrap();
    for stage in [
        Stage::ReadingCases,
        Stage::ReadingControls,
        Stage::Matching,
        Stage::Writing,
    ] {
        let error = match_files(&inputs, &settings, &StopAt(stage, false.into())).unwrap_err();
        assert!(matches!(error, MatchError::Cancelled), "{stage:?}: {error}");
        let left: Vec<_> = fs::read_dir(&settings.output_path).unwrap().collect();
        assert_eq!(left.len(), 1, "{stage:?}");
    }
    match_files(&inputs, &settings, &Quiet).unwrap();
    let cases = fs::read_to_string(settings.output_path.join("matched_cases.csv")).unwrap();
    assert!(
        cases.starts_with("patient_id"),
        "an earlier result is replaced"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_with_its_name() {
    let folder = TempDir::new().unwrap();
    let inputs = Inputs {
        cases: folder.path().join("a.csv"),
        controls: folder.path().join("a.csv"),
    };
    fs::write(&inputs.cases, "patient_id,sex,d\n1,F,2020-01-01\n").unwrap();
    let mut settings = settings(folder.path());
    settings.output_path = inputs.cases.join("below a file");
    let error = match_files(&inputs, &settings, &Quiet).unwrap_err();
    assert!(
        matches!(error, MatchError::Write { .. }) && error.to_string().contains("below a file")
    );
}

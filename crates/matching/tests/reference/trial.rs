//! One matching on small inline tables.

use std::{fs, path::Path};

use glovebox_matching::{Inputs, MatchError, Quiet, Settings, Summary, match_files};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Two tables and settings.
#[derive(Clone)]
pub(crate) struct Trial {
    settings: Value,
    cases: String,
    controls: String,
}

/// What came out of a trial.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) summary: Summary,
    pub(crate) cases: String,
    pub(crate) matches: String,
    pub(crate) combined: String,
    pub(crate) report: String,
}

/// Two controls for each case, of the same sex and at most a year younger or older.
pub(crate) fn sex_and_age() -> Trial {
    Trial {
        settings: json!({
            "matches_per_case": 2,
            "match_variables": {"sex": "category", "age": 1},
            "index_date_variable": "indexdate",
        }),
        cases: String::new(),
        controls: String::new(),
    }
    .columns("patient_id,sex,age,indexdate")
}

impl Trial {
    /// The header of both tables.
    pub(crate) fn columns(self, header: &str) -> Self {
        self.case_columns(header).control_columns(header)
    }

    pub(crate) fn case_columns(self, header: &str) -> Self {
        Self {
            cases: format!("{header}\n"),
            ..self
        }
    }

    pub(crate) fn control_columns(self, header: &str) -> Self {
        Self {
            controls: format!("{header}\n"),
            ..self
        }
    }

    pub(crate) fn cases(self, rows: &str) -> Self {
        Self {
            cases: self.cases + &lines(rows),
            ..self
        }
    }

    pub(crate) fn controls(self, rows: &str) -> Self {
        Self {
            controls: self.controls + &lines(rows),
            ..self
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings[name] = value.into();
        self
    }

    pub(crate) fn run(&self) -> Outcome {
        self.attempt().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every problem that stopped the matching, one a line, with plain file names.
    pub(crate) fn problems(&self) -> String {
        match self.attempt() {
            Ok(outcome) => panic!("it should not have matched: {outcome:?}"),
            Err(error) => error.lines().join("\n"),
        }
    }

    pub(crate) fn attempt(&self) -> Result<Outcome, MatchError> {
        let folder = TempDir::new().unwrap();
        let (cases, controls) = (
            folder.path().join("cases.csv"),
            folder.path().join("controls.csv"),
        );
        fs::write(&cases, &self.cases).unwrap();
        fs::write(&controls, &self.controls).unwrap();
        let output = folder.path().join("output");
        let mut settings = Settings::from_json(&self.settings.to_string())?;
        settings.output_path.clone_from(&output);
        let result = match_files(&Inputs { cases, controls }, &settings, &Quiet);
        let summary = result.map_err(|error| {
            assert!(!output.exists(), "nothing may be written on an error");
            without_folder(error, folder.path())
        })?;
        let suffix = &settings.output_suffix;
        let read = |name: &str, extension: &str| {
            fs::read_to_string(output.join(format!("{name}{suffix}.{extension}"))).unwrap()
        };
        assert_eq!(fs::read_dir(&output).unwrap().count(), 4, "no other files");
        Ok(Outcome {
            summary,
            cases: read("matched_cases", "csv"),
            matches: read("matched_matches", "csv"),
            combined: read("matched_combined", "csv"),
            report: read("matching_report", "txt"),
        })
    }
}

impl Outcome {
    /// The pairs as `control->case`, in the order of the file.
    pub(crate) fn pairs(&self) -> String {
        let rows = records(&self.matches);
        let pairs = rows
            .iter()
            .map(|row| format!("{}->{}", row.get("patient_id"), row.get("set_id")));
        pairs.collect::<Vec<_>>().join(" ")
    }

    /// The cases as `case:match_counts`, in the order of the file.
    pub(crate) fn counts(&self) -> String {
        let rows = records(&self.cases);
        let cases = rows
            .iter()
            .map(|row| format!("{}:{}", row.get("patient_id"), row.get("match_counts")));
        cases.collect::<Vec<_>>().join(" ")
    }

    /// The controls of one case, sorted.
    pub(crate) fn controls_of(&self, case: &str) -> Vec<String> {
        let rows = records(&self.matches);
        let mut ids: Vec<String> = rows
            .iter()
            .filter(|row| row.get("set_id") == case)
            .map(|row| row.get("patient_id").to_owned())
            .collect();
        ids.sort();
        ids
    }
}

/// A row with its column names.
#[derive(Debug)]
pub(crate) struct Record {
    header: csv::StringRecord,
    cells: csv::StringRecord,
}

impl Record {
    pub(crate) fn get(&self, name: &str) -> &str {
        let position = self
            .header
            .iter()
            .position(|column| column == name)
            .unwrap();
        &self.cells[position]
    }
}

/// The rows of a CSV text.
pub(crate) fn records(text: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let records = reader.records().map(|cells| Record {
        header: header.clone(),
        cells: cells.unwrap(),
    });
    records.collect()
}

fn lines(rows: &str) -> String {
    rows.replace(" | ", "\n") + "\n"
}

fn without_folder(error: MatchError, folder: &Path) -> MatchError {
    let prefix = format!("{}/", folder.display());
    match error {
        MatchError::Data(problems) => MatchError::Data(
            problems
                .iter()
                .map(|problem| {
                    let subject = problem.subject().replace(&prefix, "");
                    glovebox_matching::Problem::new(subject, problem.message())
                })
                .collect(),
        ),
        other => other,
    }
}

//! The files that a document asks for.

use glovebox_dummy::Study;
use jiff::civil::Date;

use super::order::columns;
use crate::document::{Document, Place};
use crate::problem::Problem;
use crate::request::{Output, OutputFormat, index_dates};
use crate::study::check_study;

/// The most rows of dummy data. Studies ask for thousands; more than this is a slip of the hand that
/// would fill a disk.
const MAX_POPULATION: u64 = 100_000_000;

/// What the caller decides about dummy data.
#[derive(Clone, Copy, Debug)]
pub struct DummyOptions {
    /// Rows of each file, unless the command line of the request says otherwise.
    pub population: u64,
    /// The same seed gives the same files.
    pub seed: u64,
    /// What `today` means in date expressions.
    pub today: Date,
}

/// One file to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct DummyCohort {
    /// The study definition.
    pub study: String,
    /// The file's path relative to the workspace, with `/`: never absolute, never with `..`.
    pub path: String,
    /// The file's format.
    pub format: OutputFormat,
    /// Whether the file is to be left alone if it exists.
    pub skip_existing: bool,
    /// What is in it.
    pub spec: Study,
}

/// Checks every study of a document and plans its dummy data.
///
/// # Errors
/// All problems of all studies; those that do not depend on the index date are reported once.
pub fn plan_dummy(
    document: &Document,
    options: DummyOptions,
) -> Result<Vec<DummyCohort>, Vec<Problem>> {
    let request = &document.request;
    let mut problems = Vec::new();
    let mut refuse = |message: String| problems.push(request_problem(message));
    if request.dummy_data_file.is_some() {
        refuse(
            "--dummy-data-file is not supported yet: leave it out to generate dummy data"
                .to_owned(),
        );
    }
    let rows = match request.expectations_population {
        None => options.population,
        Some(given) => u64::try_from(given).unwrap_or(0),
    };
    if !(1..=MAX_POPULATION).contains(&rows) {
        refuse(format!(
            "the population must be from 1 to {MAX_POPULATION}, not {rows}"
        ));
    }
    let dates = match &request.index_date_range {
        None => vec![None],
        Some(range) => match index_dates(range, options.today) {
            Ok(dates) => dates.into_iter().map(Some).collect(),
            Err(message) => {
                refuse(message);
                Vec::new()
            }
        },
    };
    let output = match Output::of(request, document.studies.len()) {
        Ok(output) => Some(output),
        Err(message) => {
            refuse(message);
            None
        }
    };

    let mut cohorts = Vec::new();
    for entry in &document.studies {
        for index_date in &dates {
            let planned = check_study(entry, &document.codelists, *index_date, options.today)
                .and_then(|study| columns(&study, &document.codelists, options.today));
            match (planned, &output) {
                (Err(found), _) => {
                    for problem in found {
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
                (Ok(columns), Some(output)) => {
                    let path = match output.path(&entry.name, *index_date) {
                        Ok(path) => path,
                        Err(message) => {
                            problems.push(request_problem(message));
                            continue;
                        }
                    };
                    cohorts.push(DummyCohort {
                        study: entry.name.clone(),
                        // The path keeps apart the studies of a request and their index dates.
                        spec: Study {
                            name: path.clone(),
                            columns,
                            rows,
                            seed: options.seed,
                        },
                        path,
                        format: output.format,
                        skip_existing: request.skip_existing,
                    });
                }
                (Ok(_), None) => {}
            }
        }
    }
    if problems.is_empty() {
        Ok(cohorts)
    } else {
        Err(problems)
    }
}

fn request_problem(message: String) -> Problem {
    Problem {
        kind: "request".to_owned(),
        study: None,
        variable: None,
        place: Place::default(),
        message,
    }
}

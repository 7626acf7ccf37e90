//! The files that a document asks for.

use std::collections::HashSet;

use glovebox_dummy::Study;
use jiff::civil::Date;

use super::budget::{Budget, MAX_CELLS, MAX_PLANNED_VARIABLES};
use super::order::{Columns, columns};
use crate::document::{Document, Place, StudyEntry};
use crate::files::{FileTables, OpenFile};
use crate::problem::{MAX_PROBLEMS, Problem};
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

/// Checks every study of a document and plans its dummy data; `open` opens the files that the study
/// reads columns from. A study that reads a column from a file has the rows and the ids of that file,
/// whatever population is asked for.
///
/// # Errors
/// All problems of all studies; those that do not depend on the index date are reported once.
pub fn plan_dummy(
    document: &Document,
    options: DummyOptions,
    open: OpenFile<'_>,
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

    let variables: usize = document
        .studies
        .iter()
        .map(|study| study.variables.len())
        .sum();
    if variables.saturating_mul(dates.len()) > MAX_PLANNED_VARIABLES {
        refuse(format!(
            "{variables} variables at {} index dates are more than {MAX_PLANNED_VARIABLES} together: \
             ask for fewer index dates",
            dates.len()
        ));
    }
    let plan = Plan {
        document,
        today: options.today,
        open,
        categories: document
            .codelists
            .iter()
            .map(|codelist| codelist.categories().collect())
            .collect(),
    };
    let Some(output) = output.filter(|_| problems.is_empty()) else {
        // One index date shows what else is to be mended.
        let mut budget = Budget::new();
        for (entry, date) in document.studies.iter().zip(dates.iter().cycle()) {
            let found = plan
                .columns(entry, *date, &mut FileTables::new(open), &mut budget)
                .err();
            problems.extend(found.into_iter().flatten());
        }
        return Err(problems);
    };
    plan.cohorts(&dates, &output, rows, options.seed)
}

/// What every cohort of a request is planned with.
struct Plan<'a> {
    document: &'a Document,
    today: Date,
    open: OpenFile<'a>,
    /// The categories of each codelist.
    categories: Vec<HashSet<&'a str>>,
}

impl Plan<'_> {
    fn cohorts(
        &self,
        dates: &[Option<Date>],
        output: &Output,
        rows: u64,
        seed: u64,
    ) -> Result<Vec<DummyCohort>, Vec<Problem>> {
        let mut budget = Budget::new();
        let mut cohorts = Vec::new();
        let mut problems = Vec::new();
        let mut known = HashSet::new();
        for entry in &self.document.studies {
            let mut files = FileTables::new(self.open);
            for index_date in dates {
                let planned = self
                    .columns(entry, *index_date, &mut files, &mut budget)
                    .and_then(|Columns { columns, rows: own }| {
                        let path = path(output, entry, *index_date)?;
                        let rows = own.unwrap_or(rows);
                        check_cells(rows, columns.len())?;
                        Ok((columns, rows, path))
                    });
                match planned {
                    Ok((columns, rows, path)) => cohorts.push(DummyCohort {
                        study: entry.name.clone(),
                        // The path keeps apart the studies of a request and their index dates.
                        spec: Study {
                            name: path.clone(),
                            columns,
                            rows,
                            seed,
                        },
                        path,
                        format: output.format,
                        skip_existing: self.document.request.skip_existing,
                    }),
                    // Most problems are the same at every index date.
                    Err(found) => problems.extend(
                        found
                            .into_iter()
                            .filter(|problem| known.insert(problem.clone())),
                    ),
                }
                if problems.len() >= MAX_PROBLEMS {
                    problems.push(request_problem(
                        "there are more problems than these: mend them first".to_owned(),
                    ));
                    return Err(problems);
                }
            }
        }
        if problems.is_empty() {
            Ok(cohorts)
        } else {
            Err(problems)
        }
    }

    fn columns(
        &self,
        entry: &StudyEntry,
        index_date: Option<Date>,
        files: &mut FileTables,
        budget: &mut Budget,
    ) -> Result<Columns, Vec<Problem>> {
        let study = check_study(entry, &self.document.codelists, index_date, self.today)?;
        columns(&study, &self.categories, self.today, files, budget)
    }
}

fn path(
    output: &Output,
    entry: &StudyEntry,
    index_date: Option<Date>,
) -> Result<String, Vec<Problem>> {
    let path = output.path(&entry.name, index_date);
    path.map_err(|message| vec![request_problem(message)])
}

fn check_cells(rows: u64, columns: usize) -> Result<(), Vec<Problem>> {
    if rows.saturating_mul(columns as u64) <= MAX_CELLS {
        return Ok(());
    }
    Err(vec![request_problem(format!(
        "{rows} rows of {columns} columns are more than {MAX_CELLS} cells: ask for a smaller \
         population"
    ))])
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

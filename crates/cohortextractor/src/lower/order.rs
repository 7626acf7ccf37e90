//! The order of a dummy file's columns, which is not the order of the study's variables.
//!
//! Columns from files come first, after their patients' ids; then dates, the other columns, constants, then aggregates, then the patient id:
//! the order in which the reference generates them, and which analysis code may rely on.

use std::collections::{HashMap, HashSet};

use glovebox_dummy::{Column, ColumnCheck, Kind};
use jiff::civil::Date;

use super::budget::Budget;
use super::column::{Lowering, lower};
use super::from_file::{ids, wanted_columns};
use crate::document::Place;
use crate::files::FileTables;
use crate::functions::ValueType;
use crate::problem::{Problem, Reporter};
use crate::study::{AggregateSource, CheckedStudy, Rule, Variable};

/// The column that identifies a patient.
const PATIENT_ID: &str = "patient_id";

/// A file's columns.
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    /// How many rows there are, where the study reads that from a file.
    pub(super) rows: Option<u64>,
}

/// The columns of a study's dummy file.
pub(super) fn columns(
    study: &CheckedStudy,
    categories: &[HashSet<&str>],
    today: Date,
    files: &mut FileTables,
    budget: &mut Budget,
) -> Result<Columns, Vec<Problem>> {
    let wanted = wanted(study);
    let by_name: HashMap<&str, &Variable> = study
        .variables
        .iter()
        .map(|variable| (variable.name.as_str(), variable))
        .collect();
    // The last one, where a value has several.
    let dates_beside: HashMap<&str, &str> = study
        .variables
        .iter()
        .filter_map(|variable| match &variable.rule {
            Rule::DateOf(source) if !variable.hidden => {
                Some((source.as_str(), variable.name.as_str()))
            }
            _ => None,
        })
        .collect();
    let mut steps: [Vec<&Variable>; 5] = Default::default();
    for variable in study
        .variables
        .iter()
        .filter(|variable| wanted.contains(variable.name.as_str()))
    {
        steps[step(variable)].push(variable);
    }
    let mut problems = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    let mut checked = ColumnCheck::default();
    let first_file = read_files(study, &steps[0], files, &mut problems);
    let ids = first_file.and_then(|path| ids(files, path));
    let rows = ids.as_ref().map(|ids| ids.len() as u64);
    let kind = ids.map_or(Kind::PatientId, Kind::Given);
    let mut patient_id = Some(Column {
        name: PATIENT_ID.to_owned(),
        visible: true,
        kind,
    });
    if rows.is_some() {
        columns.extend(patient_id.take());
        for column in &columns {
            checked.push(&column.name, &column.kind);
            if let Err(message) = budget.spend(column) {
                let place = Place::default();
                let mut reporter =
                    Reporter::new(&study.name, Some(PATIENT_ID), &place, &mut problems);
                reporter.report("size", message);
                return Err(problems);
            }
        }
    }
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for variable in steps.into_iter().flatten() {
        let mut reporter = Reporter::new(
            &study.name,
            Some(&variable.name),
            &variable.place,
            &mut problems,
        );
        let mut lowering = Lowering {
            study,
            categories,
            today,
            by_name: &by_name,
            dates_beside: &dates_beside,
            positions: &positions,
            checked: &checked,
            files,
            first_file,
            reporter: &mut reporter,
        };
        if let Some(kind) = lower(variable, &mut lowering) {
            positions.insert(&variable.name, columns.len());
            checked.push(&variable.name, &kind);
            let column = Column {
                name: variable.name.clone(),
                visible: !variable.hidden,
                kind,
            };
            if let Err(message) = budget.spend(&column) {
                reporter.report("size", message);
                return Err(problems);
            }
            columns.push(column);
        }
    }
    columns.extend(patient_id);
    if problems.is_empty() {
        Ok(Columns { columns, rows })
    } else {
        Err(problems)
    }
}

/// Reads the files of these variables; the first one's path, if all could be read.
fn read_files<'a>(
    study: &'a CheckedStudy,
    variables: &[&'a Variable],
    files: &mut FileTables,
    problems: &mut Vec<Problem>,
) -> Option<&'a str> {
    let wanted = wanted_columns(variables);
    let mut first = None;
    let before = problems.len();
    for variable in variables {
        let Rule::File { path, .. } = &variable.rule else {
            continue;
        };
        first.get_or_insert(path.as_str());
        let Some(columns) = wanted.get(path.as_str()) else {
            continue;
        };
        if let Err(message) = files.read(path, columns) {
            let name = Some(variable.name.as_str());
            Reporter::new(&study.name, name, &variable.place, problems).report("file", message);
        }
    }
    first.filter(|_| problems.len() == before)
}

/// Names of the variables to generate: those of the file, and hidden ones that an aggregate needs.
fn wanted(study: &CheckedStudy) -> HashSet<&str> {
    let mut wanted: HashSet<&str> = HashSet::new();
    // Sources stand before what uses them, so one pass from the end finds all.
    for variable in study.variables.iter().rev() {
        let name = variable.name.as_str();
        if !variable.hidden || wanted.contains(name) {
            wanted.insert(name);
            if let Rule::Aggregate { sources, .. } = &variable.rule {
                wanted.extend(sources.iter().filter_map(|source| match source {
                    AggregateSource::Variable(name) => Some(name.as_str()),
                    AggregateSource::Date(_) => None,
                }));
            }
        }
    }
    wanted
}

/// The step that generates a variable.
fn step(variable: &Variable) -> usize {
    match &variable.rule {
        Rule::File { .. } => 0,
        Rule::Fixed(_) => 3,
        Rule::Aggregate { .. } => 4,
        // Dates among categories are drawn like any category.
        Rule::Categories(_) => 2,
        _ if variable.value_type == ValueType::Date => 1,
        _ => 2,
    }
}

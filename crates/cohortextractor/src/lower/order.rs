//! The order of a dummy file's columns, which is not the order of the study's variables.
//!
//! Dates come first, then the other columns, then constants, then aggregates, then the patient id:
//! the order in which the reference generates them, and which analysis code may rely on.

use std::collections::{HashMap, HashSet};

use glovebox_dummy::{Column, ColumnCheck, Kind};
use jiff::civil::Date;

use super::budget::Budget;
use super::column::{Lowering, lower};
use crate::functions::ValueType;
use crate::problem::{Problem, Reporter};
use crate::study::{AggregateSource, CheckedStudy, Rule, Variable};

/// The columns of a study's dummy file.
pub(super) fn columns(
    study: &CheckedStudy,
    categories: &[HashSet<&str>],
    today: Date,
    budget: &mut Budget,
) -> Result<Vec<Column>, Vec<Problem>> {
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
    columns.push(Column {
        name: "patient_id".to_owned(),
        visible: true,
        kind: Kind::PatientId,
    });
    if problems.is_empty() {
        Ok(columns)
    } else {
        Err(problems)
    }
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

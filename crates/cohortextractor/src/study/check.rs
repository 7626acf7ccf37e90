//! Checking a study: every problem of every variable, or a study without any.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::arguments::checked_arguments;
use super::constraints::check_constraints;
use super::model::{CheckedStudy, Period, Pick, Rule, Variable};
use super::old_forms::asked;
use super::references::Known;
use super::rule::{Ruled, rule};
use crate::dates::iso_date;
use crate::document::{Codelist, StudyEntry, VariableEntry};
use crate::functions::{ArgumentKind, Function, Group, ValueType, function};
use crate::problem::{Problem, Reporter};

/// The variable that says who is in the study.
const POPULATION: &str = "population";
/// The column that identifies a patient.
const PATIENT_ID: &str = "patient_id";
/// Arguments that [`Variable`] holds in fields of their own.
const TAKEN_UP: [&str; 4] = [
    "returning",
    "return_expectations",
    "date_format",
    "column_names",
];

/// The most variables of a study, without the population. Wide studies have hundreds; those that write
/// loops over codelists have thousands.
const MAX_VARIABLES: usize = 5_000;

/// Checks one study definition at one index date: the command line's, else its own.
///
/// `today` is what the date expression `today` means.
///
/// # Errors
/// All problems found.
pub fn check_study(
    entry: &StudyEntry,
    codelists: &[Codelist],
    index_date: Option<Date>,
    today: Date,
) -> Result<CheckedStudy, Vec<Problem>> {
    let mut problems = Vec::new();
    let place = entry.place();
    let mut reporter = Reporter::new(&entry.name, None, &place, &mut problems);
    let own_index_date = own_index_date(&entry.index_date, &mut reporter);
    let default_expectations = match &entry.default_expectations {
        Value::Null => Map::new(),
        Value::Object(map) => map.clone(),
        _ => {
            reporter.report("expectations", "default_expectations must be a dictionary");
            Map::new()
        }
    };
    if entry
        .variables
        .last()
        .is_none_or(|last| last.name != POPULATION || last.hidden_in.is_some())
    {
        reporter.report("study", "the study has no population");
    }

    let wanted = entry.variables.len().saturating_sub(1);
    if wanted > MAX_VARIABLES {
        reporter.report(
            "size",
            format!("the study has {wanted} variables: {MAX_VARIABLES} are allowed"),
        );
        return Err(problems);
    }

    let mut known = Known::new(index_date.or(own_index_date), today);
    let mut variables: Vec<Variable> = Vec::new();
    for variable in &entry.variables {
        let place = variable.place();
        let mut reporter = Reporter::new(&entry.name, Some(&variable.name), &place, &mut problems);
        for checked in check_variable(variable, codelists, &known, &mut reporter) {
            if checked.name == PATIENT_ID {
                reporter.report("name", "this name is reserved");
            }
            if !known.add(&checked) {
                reporter.report(
                    "name",
                    format!("two variables have the name '{}'", checked.name),
                );
            }
            variables.push(checked);
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(CheckedStudy {
        name: entry.name.clone(),
        index_date: known.index_date,
        index_date_in_name: index_date.is_some(),
        variables,
        default_expectations,
    })
}

fn own_index_date(value: &Value, reporter: &mut Reporter) -> Option<Date> {
    match value {
        Value::Null => None,
        Value::String(text) => {
            let date = iso_date(text);
            if date.is_none() {
                reporter.report(
                    "date",
                    format!("the index_date is not in YYYY-MM-DD format: {text}"),
                );
            }
            date
        }
        _ => {
            reporter.report("date", "the index_date must be a date in quotes");
            None
        }
    }
}

/// The variable, and the date column that it asks for beside itself.
fn check_variable(
    entry: &VariableEntry,
    codelists: &[Codelist],
    known: &Known,
    reporter: &mut Reporter,
) -> Vec<Variable> {
    let Some(function) = function(&entry.function) else {
        reporter.report(
            "function",
            format!("the function patients.{} is not supported", entry.function),
        );
        return Vec::new();
    };
    let given = checked_arguments(entry, function, codelists, reporter);
    let asked = asked(function, &given, reporter);
    let period = period(function, &given, known, reporter);
    let dates = dates(function, &given, known, reporter);
    let returning = asked.returning.as_deref();
    check_constraints(function, &given, &dates, returning, reporter);
    // A variable whose type is unknown is still declared, so that those that use it are not reported
    // as well; the study fails anyway.
    let ruled = rule(
        function,
        &given,
        asked.returning.as_deref(),
        known,
        reporter,
    )
    .unwrap_or(Ruled {
        rule: Rule::Records,
        value_type: ValueType::Text,
        format: None,
    });
    let expectations = given
        .get("return_expectations")
        .and_then(Value::as_object)
        .cloned();

    let variable = Variable {
        name: entry.name.clone(),
        place: entry.place(),
        function,
        value_type: ruled.value_type,
        hidden: entry.hidden_in.is_some() || entry.name == POPULATION,
        returning: asked.returning,
        period,
        pick: asked.pick,
        format: ruled.format.unwrap_or(asked.format),
        dates,
        rule: ruled.rule,
        arguments: own_arguments(function, &given),
        expectations,
    };
    let date = date_beside(&variable, &given);
    std::iter::once(variable).chain(date).collect()
}

/// Arguments that are the function's own, without those that have become fields.
fn own_arguments(function: &Function, given: &Map<String, Value>) -> Map<String, Value> {
    let shared: Vec<&str> = function
        .groups
        .iter()
        .flat_map(|group| group.names().iter().copied())
        .collect();
    given
        .iter()
        .filter(|(name, _)| !shared.contains(&name.as_str()) && !TAKEN_UP.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The column that `include_date_of_match` and `include_measurement_date` add.
fn date_beside(variable: &Variable, given: &Map<String, Value>) -> Option<Variable> {
    let yes = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let suffix = if yes("include_measurement_date") {
        "_date_measured"
    } else if yes("include_date_of_match") {
        "_date"
    } else {
        return None;
    };
    Some(Variable {
        name: format!("{}{suffix}", variable.name),
        place: variable.place.clone(),
        function: function("date_of")?,
        value_type: ValueType::Date,
        hidden: variable.hidden,
        returning: None,
        period: Period::default(),
        pick: Pick::default(),
        format: variable.format,
        dates: BTreeMap::new(),
        rule: Rule::DateOf(variable.name.clone()),
        arguments: Map::new(),
        expectations: variable.expectations.clone(),
    })
}

fn period(
    function: &Function,
    given: &Map<String, Value>,
    known: &Known,
    reporter: &mut Reporter,
) -> Period {
    if !function.has(Group::Period) {
        return Period::default();
    }
    let single = ["on_or_after", "on_or_before"].map(|name| given.get(name));
    let (bounds, names) = match given.get("between") {
        None => (single, ["on_or_after", "on_or_before"]),
        Some(between) => {
            if single.iter().any(Option::is_some) {
                reporter.report(
                    "argument",
                    "between cannot be given together with on_or_after or on_or_before",
                );
            }
            let pair = between.as_array().map(Vec::as_slice);
            let bounds = if let Some([from, to]) = pair {
                [Some(from), Some(to)]
            } else {
                reporter.report("argument", "'between' should be a pair of dates");
                [None, None]
            };
            (bounds, ["between", "between"])
        }
    };
    let mut bound = |position: usize| match bounds[position] {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => known.date(names[position], text, reporter),
        Some(_) => {
            reporter.report(
                "argument",
                format!("'{}' takes dates in quotes", names[position]),
            );
            None
        }
    };
    Period {
        from: bound(0),
        to: bound(1),
    }
}

fn dates(
    function: &'static Function,
    given: &Map<String, Value>,
    known: &Known,
    reporter: &mut Reporter,
) -> BTreeMap<&'static str, crate::dates::DateExpression> {
    function
        .arguments
        .iter()
        .filter(|argument| argument.kind == ArgumentKind::Date)
        .filter_map(|argument| {
            let text = given.get(argument.name)?.as_str()?;
            Some((argument.name, known.date(argument.name, text, reporter)?))
        })
        .collect()
}

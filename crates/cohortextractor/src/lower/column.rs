//! From a variable to the column that stands for it.

use std::collections::{HashMap, HashSet};

use glovebox_dummy::{
    Cells, ColumnCheck, Day, Days, Kind, Operation as Aggregation, Precision, Presence, Source,
    Values,
};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::from_file::cells;
use crate::dates::{DateExpression, iso_date};
use crate::expectations::{
    Expectations, category_values, date_values, float_values, int_values, merged, presence,
};
use crate::files::FileTables;
use crate::functions::ValueType;
use crate::problem::Reporter;
use crate::study::{
    AggregateSource, CheckedStudy, DateFormat, Operation, Rule, Variable, codelist_position,
};

/// What returns a number but is drawn like a category: a rank rounded to hundreds, a class.
const NUMBERS_AS_CATEGORIES: [&str; 2] = [
    "index_of_multiple_deprivation",
    "rural_urban_classification",
];

/// What a column is lowered with.
pub(super) struct Lowering<'a, 'r> {
    pub(super) study: &'a CheckedStudy,
    /// The categories of each codelist.
    pub(super) categories: &'a [HashSet<&'a str>],
    pub(super) today: Date,
    pub(super) by_name: &'a HashMap<&'a str, &'a Variable>,
    /// The date columns of the file, by the variable whose date they are.
    pub(super) dates_beside: &'a HashMap<&'a str, &'a str>,
    pub(super) positions: &'a HashMap<&'a str, usize>,
    pub(super) checked: &'a ColumnCheck,
    pub(super) files: &'a FileTables<'a>,
    /// The file that says who the patients are.
    pub(super) first_file: Option<&'a str>,
    pub(super) reporter: &'a mut Reporter<'r>,
}

/// A variable's column. `None` if problems were reported.
pub(super) fn lower(variable: &Variable, lowering: &mut Lowering) -> Option<Kind> {
    match &variable.rule {
        Rule::Fixed(value) => {
            let kind = Kind::Fixed(fixed(value)?);
            lowering.check(variable, &kind).then_some(kind)
        }
        Rule::Aggregate { operation, sources } => {
            aggregate(variable, *operation, sources, lowering)
        }
        Rule::File { path, column } => from_file(variable, path, column.as_deref(), lowering),
        Rule::DateOf(source) => {
            // The date comes and goes with the value, so the value's expectations are the date's too.
            let expectations = lowering.by_name.get(source.as_str())?.expectations.as_ref();
            random(variable, expectations, lowering)
        }
        Rule::Records | Rule::Beside(_) | Rule::Satisfying(_) | Rule::Categories(_) => {
            random(variable, variable.expectations.as_ref(), lowering)
        }
    }
}

fn random(
    variable: &Variable,
    own: Option<&Map<String, Value>>,
    lowering: &mut Lowering,
) -> Option<Kind> {
    let default = &lowering.study.default_expectations;
    if default.is_empty() && own.is_none_or(Map::is_empty) {
        lowering.reporter.report(
            "expectations",
            "No `return_expectations` defined, and no `default_expectations` defined for the study",
        );
        return None;
    }
    let merged = merged(default, own.unwrap_or(&Map::new()));
    let expectations = Expectations::read(&merged, lowering.reporter)?;
    let values = values(variable, &expectations, lowering)?;
    let kind = Kind::Random {
        values,
        presence: presence_of(variable, &expectations, lowering),
    };
    lowering.check(variable, &kind).then_some(kind)
}

/// A value with a date column beside it is present where the date is; others by their incidence.
fn presence_of(variable: &Variable, expectations: &Expectations, lowering: &Lowering) -> Presence {
    if variable.value_type != ValueType::Date || matches!(variable.rule, Rule::Categories(_)) {
        let date = lowering.dates_beside.get(variable.name.as_str());
        if let Some(position) = date.and_then(|date| lowering.positions.get(date)) {
            return Presence::WithDateOf(*position);
        }
    }
    presence(expectations)
}

fn values(
    variable: &Variable,
    expectations: &Expectations,
    lowering: &mut Lowering,
) -> Option<Values> {
    let reporter = &mut *lowering.reporter;
    let as_category = variable
        .returning
        .as_deref()
        .is_some_and(|returning| NUMBERS_AS_CATEGORIES.contains(&returning));
    let is_categories = matches!(variable.rule, Rule::Categories(_));
    let has = |key: &str| expectations.has(key);
    // Categories that are numbers may be drawn as either; the reference knows only numbers.
    let is_drawn_as_category = |number: &str| is_categories && !has(number) && has("category");
    match variable.value_type {
        ValueType::Flag => Some(Values::Flag),
        ValueType::Date if !is_categories => {
            let mut dates = date_values(
                expectations,
                precision(variable.format),
                lowering.study.index_date,
                lowering.today,
                reporter,
            )?;
            // Bounds that depend on another variable are left to real data.
            let day = |bound: &Option<DateExpression>| match bound {
                Some(DateExpression::Static(date)) => Some(Day::from_date(*date)),
                _ => None,
            };
            dates.not_before = day(&variable.period.from);
            dates.not_after = day(&variable.period.to);
            Some(Values::Date(dates))
        }
        ValueType::Int if !as_category && !is_drawn_as_category("int") => {
            if has("int") {
                int_values(expectations, reporter)
            } else {
                not_returned(variable, "int", reporter)
            }
        }
        ValueType::Float if !is_drawn_as_category("float") => {
            if has("float") {
                float_values(expectations, reporter)
            } else {
                not_returned(variable, "float", reporter)
            }
        }
        ValueType::Int | ValueType::Float | ValueType::Text | ValueType::Date => {
            if !has("category") {
                return not_returned(variable, "category", reporter);
            }
            let values = if let Rule::Categories(rules) = &variable.rule {
                let keys: Vec<String> = rules.iter().map(|(key, _)| text(key)).collect();
                let available = keys.iter().map(String::as_str).collect();
                category_values(expectations, Some(&available), reporter)
            } else {
                let available = available_categories(variable, lowering.categories);
                category_values(expectations, available, reporter)
            };
            if variable.value_type == ValueType::Date {
                values.map(as_days)
            } else {
                values
            }
        }
    }
}

fn not_returned(variable: &Variable, wanted: &str, reporter: &mut Reporter) -> Option<Values> {
    reporter.report(
        "expectations",
        format!(
            "Column definition {} does not return expected type {wanted}: give return_expectations \
             the key '{wanted}'",
            variable.name
        ),
    );
    None
}

/// The categories of a variable's codelist, if it has any.
fn available_categories<'a>(
    variable: &Variable,
    categories: &'a [HashSet<&'a str>],
) -> Option<&'a HashSet<&'a str>> {
    let position = codelist_position(variable.arguments.get("codelist")?)?;
    let categories = categories.get(position)?;
    (!categories.is_empty()).then_some(categories)
}

/// Categories that are all dates as the days that they are, so that they can be compared.
fn as_days(values: Values) -> Values {
    let Values::Category(categories) = values else {
        return values;
    };
    let days: Option<Vec<Day>> = categories
        .labels
        .iter()
        .map(|label| iso_date(label).map(Day::from_date))
        .collect();
    match days {
        Some(days) => Values::Day(Days {
            days,
            ratios: categories.ratios,
        }),
        None => Values::Category(categories),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn fixed(value: &Value) -> Option<Cells> {
    Some(match value {
        Value::Bool(flag) => Cells::Flags(vec![*flag]),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cells::Ints(vec![number]),
            None => Cells::Floats(vec![number.as_f64()?]),
        },
        Value::String(text) => match iso_date(text) {
            Some(date) => Cells::Dates {
                days: vec![Some(Day::from_date(date))],
                precision: Precision::Day,
            },
            None => Cells::Texts(vec![text.clone()]),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    })
}

/// The file has been read, unless that was a problem of its own.
fn from_file(
    variable: &Variable,
    path: &str,
    column: Option<&str>,
    lowering: &mut Lowering,
) -> Option<Kind> {
    let first = lowering.first_file?;
    let precision = precision(variable.format);
    match cells(variable, path, column, first, lowering.files, precision) {
        Ok(cells) => {
            let kind = Kind::Given(cells);
            lowering.check(variable, &kind).then_some(kind)
        }
        Err(message) => {
            lowering.reporter.report("file", message);
            None
        }
    }
}

fn aggregate(
    variable: &Variable,
    operation: Operation,
    sources: &[AggregateSource],
    lowering: &mut Lowering,
) -> Option<Kind> {
    let sources: Option<Vec<Source>> = sources
        .iter()
        .map(|source| match source {
            AggregateSource::Date(date) => Some(Source::Day(Day::from_date(*date))),
            // A source without a column has had its own problem reported.
            AggregateSource::Variable(name) => lowering
                .positions
                .get(name.as_str())
                .copied()
                .map(Source::Column),
        })
        .collect();
    let operation = match operation {
        Operation::Minimum => Aggregation::Minimum,
        Operation::Maximum => Aggregation::Maximum,
    };
    let precision = precision(variable.format);
    let kind = Kind::Aggregate {
        operation,
        sources: sources?,
        precision,
    };
    lowering.check(variable, &kind).then_some(kind)
}

fn precision(format: DateFormat) -> Precision {
    match format {
        DateFormat::Year => Precision::Year,
        DateFormat::Month => Precision::Month,
        DateFormat::Day => Precision::Day,
    }
}

impl Lowering<'_, '_> {
    /// Reports what the generator would refuse.
    fn check(&mut self, variable: &Variable, kind: &Kind) -> bool {
        let problems = self.checked.problems(&variable.name, kind);
        for problem in &problems {
            self.reporter
                .report("expectations", problem.message.clone());
        }
        problems.is_empty()
    }
}

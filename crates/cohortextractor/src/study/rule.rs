//! How a variable follows from others, and the type that this gives it.

use serde_json::{Map, Value};

use super::arguments::pairs;
use super::model::{AggregateSource, DateFormat, Operation, Rule};
use super::references::Known;
use crate::dates::iso_date;
use crate::expressions::{Condition, parse_expression};
use crate::functions::{Function, Returns, ValueType};
use crate::problem::{Reporter, listed};

/// The condition that stands for "none of the others".
const DEFAULT: &str = "DEFAULT";
/// Names that a care home's categories may use.
const CARE_HOME: [&str; 3] = [
    "IsPotentialCareHome",
    "LocationRequiresNursing",
    "LocationDoesNotRequireNursing",
];

/// Rule, type, and the date format that the rule imposes, if any.
pub(super) struct Ruled {
    pub(super) rule: Rule,
    pub(super) value_type: ValueType,
    pub(super) format: Option<DateFormat>,
}

/// Works out the rule of a variable from its arguments. `None` if a problem hides it.
pub(super) fn rule(
    function: &'static Function,
    given: &Map<String, Value>,
    returning: Option<&str>,
    known: &Known,
    reporter: &mut Reporter,
) -> Option<Ruled> {
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let plain = |rule, value_type| {
        Some(Ruled {
            rule,
            value_type,
            format: None,
        })
    };
    match function.name {
        "date_of" => {
            let source = text("source")?;
            known.variable(source, reporter)?;
            plain(Rule::DateOf(source.to_owned()), ValueType::Date)
        }
        "comparator_from"
        | "reference_range_lower_bound_from"
        | "reference_range_upper_bound_from" => {
            let source = text("source")?;
            let summary = known.variable(source, reporter)?;
            if summary.function != "with_these_clinical_events"
                || summary.returning.as_deref() != Some("numeric_value")
            {
                reporter.report(
                    "reference",
                    format!("'{source}' must be with_these_clinical_events(…, returning=\"numeric_value\")"),
                );
            }
            plain(
                Rule::Beside(source.to_owned()),
                own_type(function, returning, given, reporter)?,
            )
        }
        "satisfying" => {
            let condition = condition(text("expression")?, None, &[], known, reporter)?;
            plain(Rule::Satisfying(condition), ValueType::Flag)
        }
        "categorised_as" => categories(given.get("category_definitions")?, &[], known, reporter),
        "care_home_status_as_of" => {
            if let Some(map) = given.get("categorised_as") {
                return categories(map, &CARE_HOME, known, reporter);
            }
            let care_home = Condition::Present(CARE_HOME[0].to_owned());
            let rules = vec![(Value::from(1), Some(care_home)), (Value::from(0), None)];
            plain(Rule::Categories(rules), ValueType::Flag)
        }
        "minimum_of" => aggregate(Operation::Minimum, given, known, reporter),
        "maximum_of" => aggregate(Operation::Maximum, given, known, reporter),
        "fixed_value" => {
            let value = given.get("value")?;
            let value_type = value_type(value)?;
            let format = (value_type == ValueType::Date).then_some(DateFormat::Day);
            Some(Ruled {
                rule: Rule::Fixed(value.clone()),
                value_type,
                format,
            })
        }
        "with_value_from_file" | "which_exist_in_file" => {
            let rule = Rule::File {
                path: text("f_path")?.to_owned(),
                column: text("returning").map(str::to_owned),
            };
            plain(rule, own_type(function, returning, given, reporter)?)
        }
        _ => plain(
            Rule::Records,
            own_type(function, returning, given, reporter)?,
        ),
    }
}

/// The type of a function that reads records.
fn own_type(
    function: &Function,
    returning: Option<&str>,
    given: &Map<String, Value>,
    reporter: &mut Reporter,
) -> Option<ValueType> {
    match function.returns {
        Returns::Always(value_type) => Some(value_type),
        Returns::Choice { choices, .. } => chosen_type(function, choices, returning, reporter),
        Returns::ReturningType => match given.get("returning_type")?.as_str()? {
            "bool" => Some(ValueType::Flag),
            "date" => Some(ValueType::Date),
            "str" => Some(ValueType::Text),
            "int" => Some(ValueType::Int),
            "float" => Some(ValueType::Float),
            _ => None,
        },
        Returns::Categories | Returns::Sources | Returns::Value => None,
    }
}

fn chosen_type(
    function: &Function,
    choices: &[(&str, ValueType)],
    returning: Option<&str>,
    reporter: &mut Reporter,
) -> Option<ValueType> {
    let names = || listed(choices.iter().map(|(name, _)| *name));
    let Some(returning) = returning else {
        reporter.report(
            "returning",
            format!("'returning' must be given: one of {}", names()),
        );
        return None;
    };
    if let Some((_, value_type)) = choices.iter().find(|(name, _)| *name == returning) {
        return Some(*value_type);
    }
    // Trials publish properties of practices under names of their own.
    if function.name == "registered_practice_as_of" && returning.starts_with("rct__") {
        let enrolled = returning.ends_with("__enrolled");
        return Some(if enrolled {
            ValueType::Flag
        } else {
            ValueType::Text
        });
    }
    let message = if returning == "nhse_region_name" {
        "'nhse_region_name' should be changed to the more accurate 'nuts1_region_name'".to_owned()
    } else {
        format!(
            "No matching type for '{returning}': patients.{} returns {}",
            function.name,
            names()
        )
    };
    reporter.report("returning", message);
    None
}

fn condition(
    text: &str,
    category: Option<&Value>,
    also: &[&str],
    known: &Known,
    reporter: &mut Reporter,
) -> Option<Condition> {
    match parse_expression(text) {
        Ok(condition) => {
            known.check_names(&condition, also, reporter);
            Some(condition)
        }
        Err(error) => {
            let which = category
                .map(|key| format!("category {key}: "))
                .unwrap_or_default();
            reporter.report("expression", format!("{which}{error}, in: {}", text.trim()));
            None
        }
    }
}

fn categories(map: &Value, also: &[&str], known: &Known, reporter: &mut Reporter) -> Option<Ruled> {
    let pairs = pairs(map)?;
    let mut rules = Vec::with_capacity(pairs.len());
    let mut defaults = 0;
    let mut complete = true;
    for (key, text) in &pairs {
        match text.as_str() {
            Some(DEFAULT) => {
                defaults += 1;
                rules.push(((*key).clone(), None));
            }
            Some(text) => match condition(text, Some(key), also, known, reporter) {
                Some(condition) => rules.push(((*key).clone(), Some(condition))),
                None => complete = false,
            },
            None => {
                reporter.report(
                    "expression",
                    format!("the expression of category {key} must be a string"),
                );
                complete = false;
            }
        }
    }
    if defaults != 1 {
        reporter.report("expression", "exactly one category must be \"DEFAULT\"");
    }
    let types: Vec<Option<ValueType>> = pairs.iter().map(|(key, _)| value_type(key)).collect();
    let first = types.first().copied().flatten();
    if first.is_none() || types.iter().any(|other| *other != first) {
        reporter.report(
            "type",
            "categories must all be of one type: numbers, strings or dates in quotes",
        );
        return None;
    }
    let is_flag = pairs.len() == 2
        && [0, 1]
            .iter()
            .all(|n| pairs.iter().any(|(key, _)| **key == *n));
    let value_type = match first? {
        ValueType::Int if is_flag => ValueType::Flag,
        other => other,
    };
    let format = (value_type == ValueType::Date).then_some(DateFormat::Day);
    complete.then_some(Ruled {
        rule: Rule::Categories(rules),
        value_type,
        format,
    })
}

/// The type of a constant. ISO dates are dates.
fn value_type(value: &Value) -> Option<ValueType> {
    match value {
        Value::Bool(_) => Some(ValueType::Flag),
        Value::Number(number) if number.is_f64() => Some(ValueType::Float),
        Value::Number(_) => Some(ValueType::Int),
        Value::String(text) if iso_date(text).is_some() => Some(ValueType::Date),
        Value::String(_) => Some(ValueType::Text),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn aggregate(
    operation: Operation,
    given: &Map<String, Value>,
    known: &Known,
    reporter: &mut Reporter,
) -> Option<Ruled> {
    let mut sources = Vec::new();
    let mut first: Option<(&str, ValueType, DateFormat)> = None;
    let mut complete = true;
    for name in given
        .get("column_names")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
    {
        let (source, value_type, format) = if let Some(date) = iso_date(name) {
            (
                AggregateSource::Date(date),
                ValueType::Date,
                DateFormat::Day,
            )
        } else if let Some(summary) = known.variable(name, reporter) {
            (
                AggregateSource::Variable(name.to_owned()),
                summary.value_type,
                summary.format,
            )
        } else {
            complete = false;
            continue;
        };
        sources.push(source);
        match first {
            None => first = Some((name, value_type, format)),
            Some((other, other_type, _)) if other_type != value_type => {
                reporter.report(
                    "type",
                    format!("'{other}' is a {other_type} and '{name}' a {value_type}: they cannot be compared"),
                );
            }
            Some((other, ValueType::Date, other_format)) if other_format != format => {
                reporter.report(
                    "type",
                    format!(
                        "'{other}' has the date format {} and '{name}' has {}: make them the same",
                        other_format.as_str(),
                        format.as_str()
                    ),
                );
            }
            Some(_) => {}
        }
    }
    let (_, value_type, format) = first?;
    let format = (value_type == ValueType::Date).then_some(format);
    complete.then_some(Ruled {
        rule: Rule::Aggregate { operation, sources },
        value_type,
        format,
    })
}

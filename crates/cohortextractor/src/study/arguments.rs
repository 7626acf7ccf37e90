//! Whether arguments are of the kind that a function's table states.

use serde_json::{Map, Value};

use crate::document::{Codelist, VariableEntry};
use crate::functions::{ArgumentKind, Function, Group};
use crate::problem::{Reporter, listed};

/// The key under which the document refers to a codelist.
const CODELIST: &str = "$codelist";
/// The key under which the document holds a map whose keys keep their types.
const PAIRS: &str = "$pairs";

/// The arguments that were given, without those given as None, after checking names and kinds.
pub(super) fn checked_arguments(
    entry: &VariableEntry,
    function: &Function,
    codelists: &[Codelist],
    reporter: &mut Reporter,
) -> Map<String, Value> {
    let known = function.argument_names();
    for name in entry.arguments.keys() {
        if !known.contains(&name.as_str()) {
            reporter.report(
                "argument",
                format!("patients.{} has no argument '{name}'", function.name),
            );
        }
    }
    let given: Map<String, Value> = entry
        .arguments
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for argument in function.arguments {
        match given.get(argument.name) {
            // The author gives these names without an argument's name.
            value if argument.kind == ArgumentKind::Variables && !value.is_some_and(is_names) => {
                reporter.report(
                    "argument",
                    format!(
                        "patients.{} compares variables: give it their names in quotes, or extra \
                         columns as keywords",
                        function.name
                    ),
                );
            }
            None if argument.required => reporter.report(
                "argument",
                format!(
                    "patients.{} needs the argument '{}'",
                    function.name, argument.name
                ),
            ),
            None => {}
            Some(value) => {
                if let Err(wanted) = matches(value, argument.kind, codelists) {
                    reporter.report("argument", format!("'{}' must be {wanted}", argument.name));
                }
            }
        }
    }
    for group in function.groups {
        for name in group.names() {
            if let Some(value) = given.get(*name)
                && let Err(wanted) = matches_group(value, name, *group)
            {
                reporter.report("argument", format!("'{name}' must be {wanted}"));
            }
        }
    }
    given
}

fn matches_group(value: &Value, name: &str, group: Group) -> Result<(), &'static str> {
    let (fits, wanted) = match group {
        // A pair of dates is checked where its dates are read.
        Group::Period if name == "between" => return Ok(()),
        Group::Period => (value.is_string(), "a date in quotes"),
        Group::Format | Group::FormatWithoutDay => (value.is_string(), "a date format in quotes"),
        Group::Expectations => (value.is_object(), "a dictionary"),
        _ => (value.is_boolean(), "True or False"),
    };
    if fits { Ok(()) } else { Err(wanted) }
}

/// Whether a value is of a kind; if not, what was wanted.
fn matches(value: &Value, kind: ArgumentKind, codelists: &[Codelist]) -> Result<(), String> {
    let texts = |value: &Value| match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    };
    let (fits, wanted) = match kind {
        ArgumentKind::Codelist(systems) => return matches_codelist(value, systems, codelists),
        ArgumentKind::Codes => (
            texts(value) || codelist_of(value, codelists).is_some(),
            "a codelist or a list of codes",
        ),
        ArgumentKind::Date => (value.is_string(), "a date in quotes"),
        ArgumentKind::Text | ArgumentKind::Expression | ArgumentKind::File => {
            (value.is_string(), "a string")
        }
        ArgumentKind::Variable => (value.is_string(), "the name of a variable in quotes"),
        ArgumentKind::Texts => (texts(value), "a string or a list of strings"),
        ArgumentKind::Count => (value.is_u64(), "a whole number of 0 or more"),
        ArgumentKind::Percent => (
            value
                .as_f64()
                .is_some_and(|percent| (0.0..=100.0).contains(&percent)),
            "a number from 0 to 100",
        ),
        ArgumentKind::Flag | ArgumentKind::OptionalFlag => (value.is_boolean(), "True or False"),
        ArgumentKind::OneOf(words) => {
            let fits = value.as_str().is_some_and(|word| words.contains(&word));
            return if fits {
                Ok(())
            } else {
                Err(format!("one of: {}", listed(words.iter().copied())))
            };
        }
        ArgumentKind::Episode => (
            value.as_str().is_some_and(is_episode),
            "of the form 'series of events each <= N days apart'",
        ),
        ArgumentKind::Variables => (is_names(value), "names of variables in quotes"),
        ArgumentKind::Categories => (
            pairs(value).is_some_and(|pairs| !pairs.is_empty()),
            "a dictionary from category to expression",
        ),
        ArgumentKind::Value => (
            value.is_string() || value.is_number() || value.is_boolean(),
            "a string, a number, True or False",
        ),
        ArgumentKind::Vaccine => (value.is_object(), "a dictionary"),
    };
    if fits { Ok(()) } else { Err(wanted.to_owned()) }
}

fn matches_codelist(value: &Value, systems: &[&str], codelists: &[Codelist]) -> Result<(), String> {
    let codelist = codelist_of(value, codelists)
        .ok_or("a codelist: make one with codelist(…) or codelist_from_csv(…)")?;
    if systems.is_empty() || systems.contains(&codelist.system.as_str()) {
        Ok(())
    } else {
        let systems = systems.join(" or ");
        Err(format!(
            "a codelist of the system {systems}, not {}",
            codelist.system
        ))
    }
}

fn is_names(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|names| !names.is_empty() && names.iter().all(Value::is_string))
}

/// The text `series of events each <= N days apart`, with a whole number N.
fn is_episode(text: &str) -> bool {
    text.strip_prefix("series of events each <= ")
        .and_then(|rest| rest.strip_suffix(" days apart"))
        .is_some_and(|days| !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The codelist that a value refers to.
fn codelist_of<'a>(value: &Value, codelists: &'a [Codelist]) -> Option<&'a Codelist> {
    codelists.get(codelist_position(value)?)
}

/// The position of the codelist that a value refers to.
pub(crate) fn codelist_position(value: &Value) -> Option<usize> {
    let position = value.as_object()?.get(CODELIST)?.as_u64()?;
    usize::try_from(position).ok()
}

/// The pairs of a map whose keys keep their types.
pub(super) fn pairs(value: &Value) -> Option<Vec<(&Value, &Value)>> {
    let pairs = value.as_object()?.get(PAIRS)?.as_array()?;
    pairs
        .iter()
        .map(|pair| match pair.as_array().map(Vec::as_slice) {
            Some([key, value]) => Some((key, value)),
            _ => None,
        })
        .collect()
}

//! Old ways to say things, turned into the current ones.

use serde_json::{Map, Value};

use super::model::{DateFormat, Pick};
use crate::functions::{Function, Group, Returns};
use crate::problem::{Reporter, listed};

/// What is asked for, whichever form said so.
pub(super) struct Asked {
    pub(super) returning: Option<String>,
    pub(super) pick: Pick,
    pub(super) format: DateFormat,
}

/// Functions whose dates keep the day unless told otherwise.
const DAY_BY_DEFAULT: [&str; 2] = ["outpatient_appointment_date", "with_value_from_file"];

/// Reads `returning`, the match to pick and the date format, in new or old form.
pub(super) fn asked(
    function: &Function,
    given: &Map<String, Value>,
    reporter: &mut Reporter,
) -> Asked {
    let yes = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let mut pick = match (
        yes("find_first_match_in_period"),
        yes("find_last_match_in_period"),
    ) {
        (true, true) => {
            reporter.report(
                "argument",
                "find_first_match_in_period and find_last_match_in_period exclude each other",
            );
            Pick::Last
        }
        (true, false) => Pick::First,
        (false, _) => Pick::Last,
    };
    let mut returning = match function.returns {
        Returns::Choice { default, .. } => match given.get("returning") {
            None => default.map(str::to_owned),
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                reporter.report("argument", "'returning' must be a string");
                default.map(str::to_owned)
            }
        },
        _ => None,
    };
    if function.has(Group::OldReturning) {
        for (old, new, picked) in [
            ("return_binary_flag", "binary_flag", None),
            (
                "return_number_of_matches_in_period",
                "number_of_matches_in_period",
                None,
            ),
            ("return_first_date_in_period", "date", Some(Pick::First)),
            ("return_last_date_in_period", "date", Some(Pick::Last)),
        ] {
            if yes(old) {
                returning = Some(new.to_owned());
                pick = picked.unwrap_or(pick);
            }
        }
    }
    Asked {
        returning,
        pick,
        format: format(function, given, reporter),
    }
}

fn format(function: &Function, given: &Map<String, Value>, reporter: &mut Reporter) -> DateFormat {
    let yes = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let default = if DAY_BY_DEFAULT.contains(&function.name) || yes("include_day") {
        DateFormat::Day
    } else if yes("include_month") {
        DateFormat::Month
    } else {
        DateFormat::Year
    };
    let Some(text) = given.get("date_format").and_then(Value::as_str) else {
        return default;
    };
    if yes("include_day") || yes("include_month") {
        reporter.report(
            "argument",
            "date_format makes include_month and include_day needless: give one",
        );
    }
    let formats = [DateFormat::Year, DateFormat::Month, DateFormat::Day].map(DateFormat::as_str);
    match DateFormat::parse(text) {
        Some(DateFormat::Day) if function.has(Group::FormatWithoutDay) => {
            reporter.report(
                "argument",
                format!(
                    "patients.{} gives no day: use YYYY-MM or YYYY",
                    function.name
                ),
            );
            DateFormat::Day
        }
        Some(format) => format,
        None => {
            reporter.report(
                "argument",
                format!("'date_format' must be one of: {}", listed(formats)),
            );
            default
        }
    }
}

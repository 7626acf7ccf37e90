//! Rules that hold for single functions.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::{Map, Value};

use crate::dates::DateExpression;
use crate::functions::{Function, Group};
use crate::problem::Reporter;

/// The one day as of which households are known.
const HOUSEHOLDS: Date = date(2020, 2, 1);

/// Reports arguments that fit their kinds but not each other.
pub(super) fn check_constraints(
    function: &Function,
    given: &Map<String, Value>,
    dates: &BTreeMap<&str, DateExpression>,
    returning: Option<&str>,
    reporter: &mut Reporter,
) {
    let yes = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let mut report = |message: &str| reporter.report("argument", message);
    let picks = yes("find_first_match_in_period") || yes("find_last_match_in_period");
    let rounding = given.get("round_to_nearest");
    match (function.name, returning) {
        ("address_as_of", Some("index_of_multiple_deprivation"))
            if rounding != Some(&Value::from(100)) =>
        {
            report("index_of_multiple_deprivation needs round_to_nearest=100");
        }
        ("address_as_of", Some(other))
            if other != "index_of_multiple_deprivation" && rounding.is_some() =>
        {
            report("round_to_nearest goes with index_of_multiple_deprivation only");
        }
        // However the date is written; one that could not be read has its own problem.
        ("household_as_of", _)
            if dates
                .get("reference_date")
                .is_some_and(|date| *date != DateExpression::Static(HOUSEHOLDS)) =>
        {
            report("households are known as of 2020-02-01 only: give that reference_date");
        }
        ("with_ethnicity_from_sus", _) if !yes("use_most_frequent_code") => {
            report("use_most_frequent_code=True must be given: no other code can be returned");
        }
        (
            "admitted_to_hospital",
            Some("total_bed_days_in_period" | "total_critical_care_days_in_period"),
        ) if picks => {
            report("totals are over all matches: remove find_first or find_last_match_in_period");
        }
        ("with_test_result_in_sgss", Some(returning)) => {
            check_test_result(given, returning, &mut report);
        }
        _ => {}
    }
    if function.has(Group::DateOfMeasurement)
        && function.name != "most_recent_bmi"
        && yes("include_measurement_date")
        && !yes("on_most_recent_day_of_measurement")
    {
        report("include_measurement_date needs on_most_recent_day_of_measurement=True");
    }
}

fn check_test_result(given: &Map<String, Value>, returning: &str, report: &mut impl FnMut(&str)) {
    let restricted = given
        .get("restrict_to_earliest_specimen_date")
        .is_none_or(|value| value == &Value::Bool(true));
    let positive = given.get("test_result").and_then(Value::as_str) == Some("positive");
    match returning {
        "case_category" if !(restricted && positive) => {
            report("case_category needs test_result='positive' and the earliest specimens only");
        }
        "variant" | "variant_detection_method" | "symptomatic" | "number_of_matches_in_period"
            if restricted =>
        {
            report("this 'returning' needs restrict_to_earliest_specimen_date=False");
        }
        _ => {}
    }
}

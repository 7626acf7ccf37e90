//! Settings: every problem is named, and all of them at once.

use glovebox_matching::{MatchRule, Settings};
use serde_json::json;

fn problems(settings: &serde_json::Value) -> String {
    match Settings::from_json(&settings.to_string()) {
        Ok(settings) => panic!("{settings:?}"),
        Err(error) => error.to_string(),
    }
}

/// Case 42.
#[test]
fn all_problems_are_listed_together() {
    assert_eq!(
        problems(&json!({"match_variables": {}})),
        "matches_per_case: this setting is required; add it\n\
         index_date_variable: this setting is required; add it"
    );
    assert_eq!(
        problems(&json!({
            "matches_per_case": "5",
            "match_variables": {"a": 1.5, "b": "sex", "c": true, "d": -1, "e": 2, "f": "category"},
            "index_date_variable": "indexdate",
            "date_exclusion_variables": {"died": "on"},
            "min_matches_per_case": 3,
            "generate_match_index_date": "-1_year_earlier",
            "min_match_per_case": 1,
            "colour": "green",
            "replace_match_index_date_with_case": "no_offset",
            "output_format": "arrow",
            "output_suffix": "/../x",
            "indicator_variable_name": "e",
        })),
        r#"matches_per_case: "5" is not a whole number from 0 up
match_variables: `a`: 1.5 is not a rule; use "category", "month_only" or a whole number from 0 up
match_variables: `b`: "sex" is not a rule; use "category", "month_only" or a whole number from 0 up
match_variables: `c`: true is not a rule; use "category", "month_only" or a whole number from 0 up
match_variables: `d`: -1 is not a rule; use "category", "month_only" or a whole number from 0 up
date_exclusion_variables: `died`: "on" is not a rule; use "before" or "after"
generate_match_index_date: `-1` in `-1_year_earlier` is not a whole number from 0 to 99999; write no_offset, or a number, a unit and a direction as in 2_months_earlier
output_format: `arrow` cannot be written; the formats that can are csv and csv.gz
min_match_per_case: there is no such setting; did you mean min_matches_per_case?
colour: there is no such setting; the settings are matches_per_case, match_variables, index_date_variable, closest_match_variables, date_exclusion_variables, min_matches_per_case, generate_match_index_date, indicator_variable_name, drop_cases_from_matches, output_path, output_suffix, output_format, seed
replace_match_index_date_with_case: this setting is now called generate_match_index_date
indicator_variable_name: `e` is also used in match_variables; give the indicator another name
output_suffix: it must be at most 100 letters, digits and signs that can stand in a file name"#
    );
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let sound = json!({
        "matches_per_case": 2,
        "match_variables": {"sex": "category", "seen": "month_only"},
        "index_date_variable": "indexdate",
    });
    for (name, value, expected) in [
        (
            "min_matches_per_case",
            json!(3),
            "min_matches_per_case: 3 is more than matches_per_case, which is 2; lower it",
        ),
        (
            "closest_match_variables",
            json!(["seen"]),
            "closest_match_variables: `seen` is a date matched by month; only numbers can be closest",
        ),
        (
            "closest_match_variables",
            json!(["a", "a"]),
            "closest_match_variables: `a` is listed twice; keep one",
        ),
        (
            "closest_match_variables",
            json!("age"),
            "closest_match_variables: \"age\" is not a list of column names, as in [\"age\"]",
        ),
        (
            "indicator_variable_name",
            json!("set_id"),
            "indicator_variable_name: `set_id` cannot name the indicator; choose another name",
        ),
        (
            "index_date_variable",
            json!("patient_id"),
            "index_date_variable: `patient_id` says who a person is; it cannot be used here",
        ),
        (
            "match_variables",
            json!(["sex"]),
            "match_variables: [\"sex\"] does not map column names to rules, as {\"sex\": \"category\"}",
        ),
        (
            "output_path",
            json!(""),
            "output_path: it is empty; name a folder, or . for this one",
        ),
        (
            "drop_cases_from_matches",
            json!(1),
            "drop_cases_from_matches: 1 is neither true nor false",
        ),
        (
            "seed",
            json!(-1),
            "seed: -1 is not a whole number from 0 up",
        ),
    ] {
        let mut settings = sound.clone();
        settings[name] = value;
        assert_eq!(problems(&settings), expected);
    }
}

#[test]
fn text_that_is_no_settings_object_is_one_problem() {
    for (text, expected) in [
        (
            "",
            "settings: they are not valid JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "[1]",
            "settings: they must be one JSON object, as in {\"matches_per_case\": 5, …}",
        ),
    ] {
        assert_eq!(Settings::from_json(text).unwrap_err().to_string(), expected);
    }
    let deep = "[".repeat(100_000);
    assert!(Settings::from_json(&deep).is_err());
}

/// Case 33.
#[test]
fn bad_offsets_are_refused() {
    for offset in [
        "1_year",
        "1_week_earlier",
        "x_days_later",
        "1_year_sideways",
        "-1_year_earlier",
        "1_syears_earlier",
    ] {
        let problem = problems(&json!({
            "matches_per_case": 1, "match_variables": {}, "index_date_variable": "d",
            "generate_match_index_date": offset,
        }));
        assert!(
            problem.starts_with("generate_match_index_date: ") && problem.lines().count() == 1,
            "{problem}"
        );
    }
}

#[test]
fn what_is_not_said_has_the_reference_s_default() {
    let settings = Settings::from_json(
        r#"{"matches_per_case": 2, "match_variables": {"age": 1, "sex": "category"}, "index_date_variable": "d",
            "closest_match_variables": null, "generate_match_index_date": ""}"#,
    )
    .unwrap();
    let expected = [
        ("age".to_owned(), MatchRule::Within(1.0)),
        ("sex".to_owned(), MatchRule::Category),
    ];
    assert_eq!(settings.match_variables, expected, "in the order given");
    assert_eq!(settings.indicator_variable_name, "case");
    assert_eq!(settings.output_path.to_str(), Some("output"));
    assert_eq!(
        (
            settings.min_matches_per_case,
            settings.generate_match_index_date
        ),
        (0, None)
    );
    assert!(!settings.drop_cases_from_matches && settings.closest_match_variables.is_empty());
}

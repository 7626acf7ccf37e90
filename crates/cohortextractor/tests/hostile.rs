//! Documents that something else than the package printed, to harm the machine that reads them.

mod composing;

use composing::{document, problems};
use serde_json::json;

#[test]
fn no_name_of_a_study_becomes_a_path_elsewhere() {
    let cases = [
        (
            json!(["study_definition/../../../../tmp/x"]),
            "all",
            "cannot be named",
        ),
        (json!(["study_definition_/etc/x"]), "all", "cannot be named"),
        (json!(["/etc/passwd"]), "all", "cannot be named"),
        (json!([".."]), "all", "cannot be named"),
        (json!(["input"]), "all", "cannot be named"),
        (json!(["study_definition_a.csv"]), "all", "cannot be named"),
        (json!([""]), "all", "cannot be named"),
        (
            json!(["study_definition_a", "study_definition_a"]),
            "all",
            "two study definitions are named study_definition_a",
        ),
        (
            json!(["study_definition_b"]),
            "study_definition_a",
            "study_definition_b was evaluated, but --study-definition asks for \"study_definition_a\"",
        ),
        (json!(["study_definition_a"]), "study_definition_a", ""),
        (json!(["study_definition", "study_definition_a"]), "all", ""),
    ];
    for (names, asked, expected) in cases {
        let mut document = document(&[]);
        let entry = document["studies"][0].clone();
        let studies = names.as_array().into_iter().flatten().map(|name| {
            let mut entry = entry.clone();
            entry["name"] = name.clone();
            entry
        });
        document["studies"] = studies.collect();
        document["request"]["study_definition"] = json!(asked);
        let problems = problems(&document);
        assert!(
            problems.contains(expected) && expected.is_empty() == problems.is_empty(),
            "{names}: {problems}"
        );
    }
}

#[test]
fn what_is_too_large_names_its_variable() {
    let text = |length: usize| "x".repeat(length);
    let ratios = |label: &str| json!({"return_expectations": {"category": {"ratios": {label: 1}}}});
    let poisson = json!({"reference_date": "today", "return_expectations": {
        "int": {"distribution": "poisson", "mean": 1e6}}});
    let name = text(201);
    let cases = [
        (
            "a",
            "fixed_value",
            json!({"value": text(1001)}),
            "a: a text of 1001 bytes is too long",
        ),
        ("a", "fixed_value", json!({"value": text(1000)}), ""),
        (
            "a",
            "sex",
            ratios(&text(1001)),
            "a: a text of 1001 bytes is too long",
        ),
        ("a", "sex", ratios(&text(1000)), ""),
        (
            &name,
            "fixed_value",
            json!({"value": 1}),
            ": a name of 201 bytes is too long",
        ),
        (&name[1..], "fixed_value", json!({"value": 1}), ""),
        (
            "a",
            "age_as_of",
            poisson,
            "a: the mean of a poisson distribution lies between 0 and 100000",
        ),
        (
            "a",
            "satisfying",
            json!({"expression": "b AND ".repeat(1_000_000)}),
            "a: the expression is nested too deeply or too long",
        ),
    ];
    for (name, function, arguments, expected) in cases {
        let problems = problems(&document(&[(name, function, arguments)]));
        assert!(
            problems.contains(expected) && expected.is_empty() == problems.is_empty(),
            "{function}: {problems}"
        );
        assert!(
            problems.len() < 3_000,
            "a problem quotes the beginning only"
        );
    }
}

/// A document of so many variables: dates, values with dates beside them, flags, categories, and
/// aggregates of all dates.
fn wide(variables: usize) -> serde_json::Value {
    let names: Vec<String> = (0..variables)
        .map(|number| format!("variable_{number}"))
        .collect();
    let bmi = json!({"include_measurement_date": true, "date_format": "YYYY-MM-DD",
        "return_expectations": {"float": {"distribution": "normal", "mean": 28, "stddev": 4}}});
    let events =
        json!({"codelist": {"$codelist": 0}, "returning": "date", "date_format": "YYYY-MM-DD"});
    let category = json!({"category_definitions": {"$pairs": [["a", "variable_1"], ["b", "DEFAULT"]]},
        "return_expectations": {"category": {"ratios": {"a": 0.5, "b": 0.5}}}});
    let dates: Vec<&String> = names
        .iter()
        .take(variables / 2)
        .step_by(5)
        .skip(1)
        .collect();
    let aggregate = json!({"column_names": dates});
    let variables: Vec<(&str, &str, serde_json::Value)> = names
        .iter()
        .enumerate()
        .map(|(number, name)| match number % 5 {
            0 => (name.as_str(), "with_these_clinical_events", events.clone()),
            1 => (
                name.as_str(),
                "with_these_clinical_events",
                json!({"codelist": {"$codelist": 0}}),
            ),
            2 => (name.as_str(), "most_recent_bmi", bmi.clone()),
            3 => (name.as_str(), "categorised_as", category.clone()),
            _ if number > names.len() / 2 => (name.as_str(), "minimum_of", aggregate.clone()),
            _ => (name.as_str(), "fixed_value", json!({"value": "x"})),
        })
        .collect();
    document(&variables)
}

#[test]
fn five_thousand_variables_are_planned_quickly_and_no_more_at_all() {
    let document = wide(5_000);
    let begin = std::time::Instant::now();
    assert_eq!(problems(&document), "");
    let taken = begin.elapsed();
    println!("5000 variables were planned in {taken:?}");
    assert!(taken.as_secs() < 10, "{taken:?}");
    assert!(problems(&wide(5_001)).contains("the study has 5001 variables: 5000 are allowed"));

    let mut weekly = wide(5_000);
    weekly["request"]["index_date_range"] = json!("2000-01-01 to 2009-12-31 by week");
    assert!(problems(&weekly).contains("ask for fewer index dates"));

    let mut long = wide(500);
    long["request"]["expectations_population"] = json!(100_000_000);
    assert!(problems(&long).contains("ask for a smaller population"));
}

#[test]
fn a_thousand_problems_are_enough() {
    let wrong: Vec<String> = (0..4_000).map(|number| format!("v{number}")).collect();
    let variables: Vec<(&str, &str, serde_json::Value)> = wrong
        .iter()
        .map(|name| (name.as_str(), "satisfying", json!({"expression": "no"})))
        .collect();
    let mut document = document(&variables);
    document["request"]["index_date_range"] = json!("2000-01-01 to 2005-12-31 by month");
    let problems = problems(&document);
    assert_eq!(problems.lines().count(), 1_001);
    assert!(problems.ends_with("mend them first"));
}

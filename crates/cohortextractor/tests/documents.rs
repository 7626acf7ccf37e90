//! Documents that no honest package prints, and studies that only the trusted side can judge.

mod composing;

use composing::{document, problems};
use glovebox_cohortextractor::{DocumentError, DummyOptions, parse_document, plan_dummy};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn each_mistake_has_its_sentence() {
    let events = "with_these_clinical_events";
    let codes = json!({"$codelist": 0});
    let expecting = |expectations: Value| json!({"return_expectations": expectations});
    let ratios = |ratios: Value| expecting(json!({"category": {"ratios": ratios}}));
    let categories = |pairs: Value| json!({"category_definitions": {"$pairs": pairs}});
    let cases = [
        (
            vec![("x", "hack", json!({}))],
            "x: the function patients.hack is not supported",
        ),
        (
            vec![("x", "with_an_isaric_record", json!({}))],
            "is not supported",
        ),
        (
            vec![("x", "sex", json!({"a": 1}))],
            "x: patients.sex has no argument 'a'",
        ),
        (
            vec![("x", "age_as_of", json!({}))],
            "needs the argument 'reference_date'",
        ),
        (
            vec![("x", "age_as_of", json!({"reference_date": 3}))],
            "'reference_date' must be a date in quotes",
        ),
        (
            vec![(
                "x",
                "age_as_of",
                json!({"reference_date": "index_date + 1 year"}),
            )],
            "x: reference_date: No such date 29 February 2021 in: index_date + 1 year",
        ),
        (
            vec![
                ("x", "registered_as_of", json!({"reference_date": "y"})),
                ("y", "all", json!({})),
            ],
            "there is no variable 'y' before this one",
        ),
        (
            vec![
                ("y", "sex", ratios(json!({"M": 1}))),
                ("x", "registered_as_of", json!({"reference_date": "y"})),
            ],
            "'y' is not a date but a str",
        ),
        (
            vec![
                ("y", "date_of_birth", json!({})),
                ("x", "registered_as_of", json!({"reference_date": "y"})),
            ],
            "'y' has years only",
        ),
        (
            vec![("x", "date_of_birth", json!({"date_format": "YYYY-MM-DD"}))],
            "patients.date_of_birth gives no day",
        ),
        (
            vec![("x", events, json!({}))],
            "needs the argument 'codelist'",
        ),
        (
            vec![("x", events, json!({"codelist": ["a"]}))],
            "'codelist' must be a codelist: make one",
        ),
        (
            vec![("x", events, json!({"codelist": {"$codelist": 7}}))],
            "'codelist' must be a codelist",
        ),
        (
            vec![("x", events, json!({"codelist": {"$codelist": 1}}))],
            "system ctv3 or snomed, not icd10",
        ),
        (
            vec![("x", events, json!({"codelist": codes, "returning": "gold"}))],
            "No matching type for 'gold'",
        ),
        (
            vec![("x", events, json!({"codelist": codes, "returning": 3}))],
            "'returning' must be a string",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": codes, "between": ["2020-01-01"]}),
            )],
            "'between' should be a pair of dates",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": codes, "between": [null, "today"], "on_or_after": "today"}),
            )],
            "between cannot be given together",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": codes, "find_first_match_in_period": true, "find_last_match_in_period": true}),
            )],
            "exclude each other",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": codes, "include_month": true, "date_format": "YYYY"}),
            )],
            "give one",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": codes, "episode_defined_as": "weekly"}),
            )],
            "of the form 'series of events",
        ),
        (
            vec![(
                "x",
                events,
                json!({"codelist": {"$codelist": 2}, "returning": "category", "return_expectations": {"category": {"ratios": {"3": 1}}}}),
            )],
            "the categories 3 are not among the available ones: 1, 2",
        ),
        (
            vec![("x", "registered_practice_as_of", json!({"date": "today"}))],
            "'returning' must be given",
        ),
        (
            vec![(
                "x",
                "registered_practice_as_of",
                json!({"date": "today", "returning": "nhse_region_name"}),
            )],
            "more accurate 'nuts1_region_name'",
        ),
        (
            vec![(
                "x",
                "household_as_of",
                json!({"reference_date": "2020-02-02", "returning": "is_prison"}),
            )],
            "as of 2020-02-01 only",
        ),
        (
            vec![(
                "x",
                "household_as_of",
                json!({"reference_date": "index_date", "returning": "is_prison"}),
            )],
            "as of 2020-02-01 only",
        ),
        // The index date is 29 February.
        (
            vec![(
                "x",
                "household_as_of",
                json!({"reference_date": "first_day_of_month(index_date)", "returning": "is_prison"}),
            )],
            "",
        ),
        (
            vec![(
                "x",
                "address_as_of",
                json!({"date": "today", "returning": "index_of_multiple_deprivation"}),
            )],
            "round_to_nearest=100",
        ),
        (
            vec![("x", "with_test_result_in_sgss", json!({"pathogen": "flu"}))],
            "'pathogen' must be one of: SARS-CoV-2",
        ),
        (
            vec![(
                "x",
                "with_test_result_in_sgss",
                json!({"pathogen": "SARS-CoV-2", "returning": "variant"}),
            )],
            "restrict_to_earliest_specimen_date=False",
        ),
        (
            vec![("x", "satisfying", json!({"expression": "a == 1"}))],
            "'==' is not supported",
        ),
        (
            vec![("x", "satisfying", json!({"expression": "b AND b"}))],
            "there is no variable 'b'",
        ),
        (
            vec![("x", "all", json!({})), ("x", "all", json!({}))],
            "two variables have the name 'x'",
        ),
        (
            vec![("patient_id", "all", json!({}))],
            "this name is reserved",
        ),
        (
            vec![(
                "x",
                "categorised_as",
                categories(json!([["a", "DEFAULT"], [1, "DEFAULT"]])),
            )],
            "must all be of one type",
        ),
        (
            vec![("x", "categorised_as", categories(json!([])))],
            "must be a dictionary from category",
        ),
        (
            vec![
                ("y", "all", json!({})),
                ("x", "categorised_as", categories(json!([["a", "y"]]))),
            ],
            "exactly one category must be \"DEFAULT\"",
        ),
        (
            vec![("x", "minimum_of", json!({"column_names": []}))],
            "patients.minimum_of compares variables: give it their names in quotes",
        ),
        (
            vec![("x", "minimum_of", json!({"column_names": ["x"]}))],
            "there is no variable 'x' before this one",
        ),
        (
            vec![
                ("y", "date_of_birth", json!({})),
                (
                    "x",
                    "minimum_of",
                    json!({"column_names": ["y", "2020-01-01"]}),
                ),
            ],
            "'y' has the date format YYYY and '2020-01-01' has YYYY-MM-DD",
        ),
        (
            vec![
                ("y", "sex", ratios(json!({"M": 1}))),
                ("x", "minimum_of", json!({"column_names": ["y"]})),
            ],
            "only numbers and dates have a least",
        ),
        (
            vec![("x", "sex", json!({}))],
            "Column definition x does not return expected type category",
        ),
        (
            vec![("x", "age_as_of", json!({"reference_date": "today"}))],
            "Column definition x does not return expected type int",
        ),
        (
            vec![("x", "sex", ratios(json!({"M": 0.4, "F": 0.4})))],
            "the ratios of the categories must add up to 1",
        ),
        (
            vec![("x", "sex", ratios(json!({"M": "all"})))],
            "must be a number",
        ),
        (
            vec![("x", "sex", expecting(json!({"foo": 1})))],
            "Encountered unexpected arguments: foo",
        ),
        (
            vec![("x", "sex", expecting(json!({"incidence": 0})))],
            "'incidence' must lie above 0",
        ),
        (
            vec![("x", "sex", expecting(json!({"incidence": 1.5})))],
            "'incidence' must lie above 0",
        ),
        (
            vec![("x", "sex", expecting(json!({"rate": "often"})))],
            "'rate' must be one of",
        ),
        (
            vec![(
                "x",
                "sex",
                expecting(json!({"date": {"earliest": "soon"}, "category": {"ratios": {"M": 1}}})),
            )],
            "",
        ),
        (
            vec![(
                "x",
                "date_of_birth",
                expecting(json!({"date": {"earliest": "soon"}})),
            )],
            "cannot depend on the variable 'soon'",
        ),
        (
            vec![(
                "x",
                "date_of_birth",
                expecting(json!({"date": {"earliest": "2020-13-01"}})),
            )],
            "date[earliest]: Date not in YYYY-MM-DD format",
        ),
        (
            vec![(
                "x",
                "most_recent_bmi",
                expecting(json!({"float": {"distribution": "poisson"}})),
            )],
            "Only `normal` distributions",
        ),
        (
            vec![(
                "x",
                "most_recent_bmi",
                expecting(json!({"float": {"distribution": "normal", "mean": 3}})),
            )],
            "float[stddev] must be given",
        ),
        (
            vec![("x", "which_exist_in_file", json!({"f_path": "a.csv"}))],
            "x: there is no file a.csv: if an action writes it,",
        ),
    ];
    for (variables, expected) in cases {
        let problems = problems(&document(&variables));
        let fits = if expected.is_empty() {
            problems.is_empty()
        } else {
            problems.contains(expected)
        };
        assert!(fits, "{variables:?}: {problems}");
        assert!(
            problems.is_empty() || problems.starts_with("analysis/study_definition.py:9: "),
            "{problems}"
        );
    }
}

#[test]
fn defects_of_the_reference_are_mended() {
    let universal = json!({"rate": "universal", "category": {"ratios": {"1": 0.5, "2": 0.5}}});
    let pairs = json!({"$pairs": [[1, "y"], [2, "y"], [3, "DEFAULT"]]});
    let variables = [
        // The reference fails on a universal date, and on whole numbers as categories.
        (
            "y",
            "date_of_birth",
            json!({"date_format": "YYYY-MM", "return_expectations": universal}),
        ),
        (
            "x",
            "categorised_as",
            json!({"category_definitions": pairs, "return_expectations": universal}),
        ),
        // The reference prints a nested aggregate as a bare year.
        ("m", "minimum_of", json!({"column_names": ["y"]})),
        ("n", "maximum_of", json!({"column_names": ["m", "y"]})),
        // The reference prints True.
        ("f", "fixed_value", json!({"value": true})),
    ];
    let document = parse_document(document(&variables).to_string().as_bytes()).unwrap();
    let options = DummyOptions {
        population: 3,
        seed: 1,
        today: jiff::civil::date(2024, 5, 17),
    };
    let cohorts = plan_dummy(&document, options, &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
    .unwrap();
    let mut bytes = Vec::new();
    let (plain, watch) = (
        glovebox_dummy::Compression::None,
        glovebox_dummy::Watch::NONE,
    );
    glovebox_dummy::write_csv(&cohorts[0].spec, plain, &mut bytes, watch).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("y,x,f,m,n,patient_id"));
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0].len(), 7);
        assert!(["1", "2"].contains(&cells[1]));
        assert_eq!(cells[2], "1");
        assert_eq!((cells[3], cells[4]), (cells[0], cells[0]));
    }
}

#[test]
fn requests_are_judged_too() {
    let cases = [
        (
            "output_dir",
            json!("../elsewhere"),
            "must stay inside the study's folder",
        ),
        (
            "output_format",
            json!("feather"),
            "feather is not supported yet: use csv or csv.gz",
        ),
        (
            "expectations_population",
            json!(0),
            "the population must be from 1",
        ),
        (
            "expectations_population",
            json!(-5),
            "the population must be from 1",
        ),
        ("index_date_range", json!("soon"), "is not a date"),
        (
            "dummy_data_file",
            json!("a.csv"),
            "--dummy-data-file is not supported yet",
        ),
        ("output_dir", json!(3), "is not a study document"),
        ("surprise", json!(3), "is not a study document"),
    ];
    for (option, value, expected) in cases {
        let mut document = document(&[]);
        document["request"][option] = value;
        let problems = problems(&document);
        assert!(problems.contains(expected), "{option}: {problems}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for bytes in [
        "",
        "hello",
        "{}",
        "[]",
        "null",
        "{\"format\": \"cohortextractor-study/1\"}",
        &deep,
    ] {
        let error = parse_document(bytes.as_bytes()).unwrap_err();
        assert!(matches!(error, DocumentError::Malformed(_)), "{error}");
    }
    let newer = parse_document(b"{\"format\": \"cohortextractor-study/2\"}").unwrap_err();
    assert!(matches!(newer, DocumentError::Format(_)));
    let large = vec![b' '; glovebox_cohortextractor::MAX_DOCUMENT_BYTES + 1];
    assert!(matches!(
        parse_document(&large).unwrap_err(),
        DocumentError::TooLarge
    ));
}

proptest! {
    /// Replacing any one value of a sound document by another never panics.
    #[test]
    fn no_document_panics(position in 0..60_usize, value in prop::sample::select(vec![
        Value::Null, json!(-1), json!(1e308), json!("x"), json!([]), json!([[1]]), json!({}), json!({"$codelist": 9}), json!({"$pairs": [[1, 2], 3]}), json!(true),
    ])) {
        let bmi = json!({"between": ["today", "index_date - 1 day"], "include_measurement_date": true,
            "return_expectations": {"float": {"distribution": "normal", "mean": 1, "stddev": 1}}});
        let smoking = json!({"category_definitions": {"$pairs": [["a", "bmi > 3"], ["b", "DEFAULT"]]},
            "return_expectations": {"category": {"ratios": {"a": 1}}}});
        let mut document = document(&[("bmi", "most_recent_bmi", bmi), ("s", "categorised_as", smoking)]);
        let mut left = position;
        replace(&mut document, &mut left, &value);
        let _ = problems(&document);
    }
}

/// Replaces the value at a position, counted depth first.
fn replace(at: &mut Value, left: &mut usize, by: &Value) {
    if *left == 0 {
        *at = by.clone();
    }
    *left = left.wrapping_sub(1);
    match at {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, left, by)),
        Value::Object(map) => map.values_mut().for_each(|item| replace(item, left, by)),
        _ => {}
    }
}

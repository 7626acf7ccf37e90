//! The closest of several eligible controls.

use serde_json::json;

use crate::trial::{Trial, sex_and_age};

fn closest_age() -> Trial {
    sex_and_age().with("closest_match_variables", json!(["age"]))
}

fn with_ages(trial: Trial, ages: &[&str]) -> Trial {
    let rows = (10..)
        .zip(ages)
        .map(|(id, age)| format!("{id},F,{age},2020-01-01"));
    trial.controls(&rows.collect::<Vec<_>>().join(" | "))
}

/// Case 21.
#[test]
fn the_smallest_differences_win() {
    let trial = closest_age()
        .with("match_variables", json!({"sex": "category", "age": 5}))
        .cases("1,F,36,2020-02-02");
    assert_eq!(
        with_ages(trial, &["36", "35", "37", "31"])
            .run()
            .controls_of("1")[0],
        "10"
    );
    let trial = closest_age().cases("1,F,36,2020-02-02");
    assert_eq!(
        with_ages(trial, &["36", "36", "37", "35"]).run().pairs(),
        "10->1 11->1"
    );
}

/// Case 22: an exact match is never given up because others tie.
#[test]
fn chance_decides_only_among_equals() {
    let mut partners = Vec::new();
    for seed in 0..40 {
        let trial = closest_age().with("seed", seed).cases("1,F,36,2020-02-02");
        let chosen = with_ages(trial, &["36", "35", "37", "35", "37"])
            .run()
            .controls_of("1");
        assert_eq!((chosen.len(), chosen[0].as_str()), (2, "10"));
        partners.push(chosen[1].clone());
    }
    partners.sort();
    partners.dedup();
    assert_eq!(
        partners,
        ["11", "12", "13", "14"],
        "each of the tied is chosen now and then"
    );
}

/// Case 23.
#[test]
fn the_first_variable_matters_most() {
    for seed in 0..10 {
        let outcome = closest_age()
            .columns("patient_id,sex,age,bmi,indexdate")
            .with("seed", seed)
            .with("match_variables", json!({"sex": "category", "age": 5}))
            .with("closest_match_variables", json!(["age", "bmi"]))
            .cases("1,F,36,20,2020-02-02")
            .controls("10,F,36,30,2020-01-01 | 11,F,37,20,2020-01-01 | 12,F,36,21,2020-01-01 | 13,F,36,25,2020-01-01")
            .run();
        assert_eq!(outcome.controls_of("1"), ["12", "13"]);
    }
}

/// Case 24.
#[test]
fn an_unknown_distance_is_longer_than_every_known_one() {
    for closest in [json!(["bmi"]), json!(["age", "bmi"])] {
        for seed in 0..10 {
            let outcome = sex_and_age()
                .columns("patient_id,sex,age,bmi,indexdate")
                .with("seed", seed)
                .with("closest_match_variables", closest.clone())
                .cases("1,F,36,20,2020-02-02")
                .controls("10,F,36,,2020-01-01 | 11,F,36,,2020-01-01 | 12,F,36,21,2020-01-01")
                .run();
            let chosen = outcome.controls_of("1");
            assert_eq!((chosen.len(), chosen[1].as_str()), (2, "12"));
        }
    }
}

#[test]
fn a_case_without_the_value_still_gets_controls() {
    let trial = sex_and_age()
        .columns("patient_id,sex,age,bmi,indexdate")
        .with("closest_match_variables", json!(["bmi"]))
        .cases("1,F,36,,2020-02-02");
    let outcome = trial
        .controls("10,F,36,20,2020-01-01 | 11,F,36,,2020-01-01")
        .run();
    assert_eq!(outcome.counts(), "1:2.0");
    // With a caliper on the same variable, nobody can be shown to be within it.
    let trial = closest_age().cases("1,F,,2020-02-02");
    assert_eq!(with_ages(trial, &["36"]).run().counts(), "1:0.0");
}

/// Case 25.
#[test]
fn only_numbers_can_be_close() {
    let problems = sex_and_age()
        .with("closest_match_variables", json!(["sex"]))
        .cases("1,F,36,2020-02-02")
        .controls("10,F,36,2020-01-01 | 11,M,36,2020-01-01")
        .problems();
    assert_eq!(
        problems,
        "cases.csv: 1 row with something in `sex` that is not a number, as closest_match_variables needs; the first is on line 2\n\
         controls.csv: 2 rows with something in `sex` that is not a number, as closest_match_variables needs; the first is on line 2"
    );
}

#[test]
fn the_report_describes_the_variable_without_single_values() {
    let cases: Vec<String> = (1..=30)
        .map(|id| format!("{id},F,{},2020-02-02", 30 + id % 10))
        .collect();
    let controls: Vec<String> = (100..200)
        .map(|id| format!("{id},F,{},2020-01-01", 30 + id % 10))
        .collect();
    let trial = closest_age()
        .cases(&cases.join(" | "))
        .controls(&controls.join(" | "));
    let report = trial.run().report;
    let described: Vec<&str> = report
        .lines()
        .skip_while(|line| !line.contains("`age`"))
        .take(3)
        .collect();
    assert_eq!(
        described,
        [
            "`age` among the matched",
            "  cases     count 30, mean 34.50, standard deviation 2.90, quartiles 32.0, 34.5, 37.0",
            "  controls  count 60, mean 34.50, standard deviation 2.90, quartiles 32.0, 34.5, 37.0",
        ]
    );
}

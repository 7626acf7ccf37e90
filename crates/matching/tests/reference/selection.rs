//! Who is eligible, and the order in which cases choose.

use serde_json::json;

use crate::trial::sex_and_age;

/// Case 10.
#[test]
fn a_caliper_includes_its_ends_and_cases_come_by_date() {
    let outcome = sex_and_age()
        .cases("1,F,40,2020-02-02 | 2,M,50,2020-02-01")
        .controls("10,F,41,2020-01-01 | 11,F,39,2020-01-01 | 12,F,40,2020-01-01 | 13,F,42,2020-01-01 | 14,M,50,2020-01-01")
        .run();
    assert_eq!(outcome.counts(), "2:1.0 1:2.0");
    assert_eq!(outcome.controls_of("2"), ["14"]);
    let of_1 = outcome.controls_of("1");
    assert!(
        of_1.len() == 2 && !of_1.contains(&"13".to_owned()),
        "{of_1:?}"
    );
}

/// Case 11.
#[test]
fn of_equal_controls_as_many_as_asked_for_are_chosen() {
    let controls: Vec<String> = (10..19).map(|id| format!("{id},F,36,2020-01-01")).collect();
    let trial = sex_and_age()
        .with("matches_per_case", 5)
        .cases("1,F,36,2020-02-02");
    let outcome = trial.controls(&controls.join(" | ")).run();
    assert_eq!(outcome.counts(), "1:5.0");
    assert_eq!(outcome.controls_of("1").len(), 5);
}

/// Case 12.
#[test]
fn a_missing_index_date_comes_last() {
    let outcome = sex_and_age()
        .with("matches_per_case", 1)
        .cases("5,F,36,2020-03-01 | 4,F,36,2020-01-01 | 3,F,36,")
        .controls("10,F,36,2020-01-01 | 11,F,36,2020-01-01 | 12,F,36,2020-01-01")
        .run();
    assert_eq!(outcome.counts(), "4:1.0 5:1.0 3:1.0");
}

/// Case 13.
#[test]
fn an_earlier_case_is_not_starved_by_a_later_one() {
    let outcome = sex_and_age()
        .cases("1,F,36,2020-02-02 | 2,F,36,2020-02-03")
        .controls("10,F,36,2020-01-01 | 11,F,36,2020-01-01 | 12,F,36,2020-01-01")
        .run();
    assert_eq!(outcome.counts(), "1:2.0 2:1.0");
}

/// Case 14. Whether the earlier case leaves 10 to itself or takes it is chance; it never waits.
#[test]
fn greedy_choice_does_not_look_ahead() {
    let trial = sex_and_age()
        .with("matches_per_case", 1)
        .cases("1,F,36,2020-02-02 | 2,F,37,2020-02-03")
        .controls("10,F,35,2020-01-01 | 11,F,36,2020-01-01");
    let mut seen = Vec::new();
    for seed in 0..20 {
        let outcome = trial_with_seed(&trial, seed);
        match outcome.as_str() {
            "1:1.0 2:0.0" | "1:1.0 2:1.0" => seen.push(outcome),
            other => panic!("{other}"),
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2, "both choices are equally likely");
}

fn trial_with_seed(trial: &crate::trial::Trial, seed: u64) -> String {
    trial.clone().with("seed", seed).run().counts()
}

/// Case 15. Ties are settled by `patient_id`, whatever the order of the rows.
#[test]
fn cases_of_one_date_come_by_patient_id() {
    let ids = [
        7, 20, 3, 11, 1, 19, 5, 2, 18, 10, 4, 9, 8, 6, 17, 12, 16, 13, 15, 14,
    ];
    let cases: Vec<String> = ids
        .iter()
        .map(|id| format!("{id},F,36,2020-02-02"))
        .collect();
    let trial = sex_and_age()
        .with("matches_per_case", 1)
        .cases(&cases.join(" | "));
    let outcome = trial.controls("100,F,36,2020-01-01").run();
    let expected: Vec<String> = (1..=20)
        .map(|id| format!("{id}:{}.0", u8::from(id == 1)))
        .collect();
    assert_eq!(outcome.counts(), expected.join(" "));
}

/// Case 16.
#[test]
fn categories_are_compared_letter_by_letter() {
    let outcome = sex_and_age()
        .cases("1,f,36,2020-02-02")
        .controls("10,F,36,2020-01-01 | 11, f,36,2020-01-01")
        .run();
    assert_eq!(outcome.counts(), "1:0.0");
    assert!(
        outcome
            .report
            .contains("no value of `sex` is in both files"),
        "{}",
        outcome.report
    );
}

/// Case 17.
#[test]
fn numbers_may_have_fractions() {
    let outcome = sex_and_age()
        .cases("1,F,36.5,2020-02-02")
        .controls("10,F,37.5,2020-01-01 | 11,F,37.6,2020-01-01")
        .run();
    assert_eq!(outcome.pairs(), "10->1");
}

/// Case 18.
#[test]
fn without_match_variables_everyone_is_eligible() {
    let trial = sex_and_age()
        .with("match_variables", json!({}))
        .cases("1,F,30,2020-02-02");
    assert_eq!(trial.controls("10,M,80,2020-01-01").run().pairs(), "10->1");
}

/// Case 19.
#[test]
fn nothing_asked_for_is_nothing_found() {
    let trial = sex_and_age()
        .with("matches_per_case", 0)
        .cases("1,F,30,2020-02-02");
    let outcome = trial.controls("10,F,30,2020-01-01").run();
    assert_eq!(
        (outcome.counts().as_str(), outcome.pairs().as_str()),
        ("1:0.0", "")
    );
}

/// Case 20.
#[test]
fn a_case_without_eligible_controls_is_kept() {
    let trial = sex_and_age().cases("1,F,30,2020-02-02");
    for controls in [trial.clone(), trial.controls("10,M,30,2020-01-01")] {
        let outcome = controls.run();
        assert_eq!(outcome.counts(), "1:0.0");
        assert_eq!(
            outcome.matches,
            "patient_id,sex,age,indexdate,set_id,case\n"
        );
    }
}

/// A caliper of zero, a second caliper, and a number that is written in two ways.
#[test]
fn several_numbers_must_all_agree() {
    let outcome = sex_and_age()
        .columns("patient_id,sex,age,bmi,year,indexdate")
        .with("matches_per_case", 9)
        .with("match_variables", json!({"sex": "category", "age": 1, "bmi": 2, "year": 0}))
        .cases("1,F,40,25,2020,2020-02-02")
        .controls("10,F,41,27,2020.0,2020-01-01 | 11,F,42,25,2020,2020-01-01 | 12,F,40,27.1,2020,2020-01-01 | 13,F,40,25,2019,2020-01-01 | 14,F,40,,2020,2020-01-01 | 15,F,39.0,23,2020,2020-01-01")
        .run();
    assert_eq!(outcome.pairs(), "10->1 15->1");
}

/// Case 39.
#[test]
fn a_set_below_the_minimum_gives_its_controls_back() {
    let trial = sex_and_age().with("min_matches_per_case", 2);
    let outcome = trial
        .clone()
        .cases("1,M,50,2020-02-01 | 2,F,40,2020-02-02")
        .controls("10,M,50,2020-01-01 | 11,F,40,2020-01-01 | 12,F,40,2020-01-01")
        .run();
    assert_eq!(
        (outcome.counts().as_str(), outcome.pairs().as_str()),
        ("2:2.0", "11->2 12->2")
    );
    assert_eq!(
        outcome.summary.found.into_iter().collect::<Vec<_>>(),
        [(1, 1), (2, 1)]
    );

    let outcome = trial
        .cases("1,F,29,2020-02-01 | 2,F,31,2020-02-02")
        .controls("10,F,30,2020-01-01 | 11,F,32,2020-01-01")
        .run();
    assert_eq!(
        (outcome.counts().as_str(), outcome.pairs().as_str()),
        ("2:2.0", "10->2 11->2")
    );
}

//! Missing values, duplicates, and people who are in both files.

use crate::trial::sex_and_age;

/// Case 34.
#[test]
fn missing_never_matches() {
    for missing in ["", "NA", "nan", "<NA>"] {
        let outcome = sex_and_age()
            .cases(&format!(
                "1,{missing},36,2020-02-02 | 2,F,{missing},2020-02-02 | 3,F,36,2020-02-03"
            ))
            .controls(&format!(
                "10,{missing},36,2020-01-01 | 11,F,{missing},2020-01-01 | 12,F,36,2020-01-01"
            ))
            .run();
        assert_eq!(outcome.counts(), "1:0.0 2:0.0 3:1.0");
        assert_eq!(outcome.pairs(), "12->3");
        let noted = "`sex` is missing in [7 or fewer] of [7 or fewer] cases, who match nobody";
        assert!(outcome.report.contains(noted), "{}", outcome.report);
    }
}

/// Case 35.
#[test]
fn nobody_is_their_own_control() {
    let trial = sex_and_age()
        .cases("1,F,36,2020-02-02 | 3,F,36,2020-02-03")
        .controls("1,F,36,2020-02-02 | 2,F,36,2020-01-01");
    for seed in 0..10 {
        let outcome = trial.clone().with("seed", seed).run();
        assert_eq!(outcome.counts(), "1:1.0 3:1.0");
        assert_eq!(outcome.pairs(), "1->3 2->1");
        assert_eq!(outcome.summary.in_both, 1);
        assert!(
            outcome.report.contains("people are in both files"),
            "{}",
            outcome.report
        );
    }
    let outcome = trial.with("drop_cases_from_matches", true).run();
    assert_eq!(
        (outcome.counts().as_str(), outcome.pairs().as_str()),
        ("1:1.0 3:0.0", "2->1")
    );
    assert_eq!(outcome.summary.controls_eligible, 1);
    assert!(
        outcome
            .report
            .contains("\nwithout cases among the controls "),
        "{}",
        outcome.report
    );
}

/// Case 36.
#[test]
fn duplicates_are_refused() {
    let problems = sex_and_age()
        .cases("1,F,36,2020-02-02 | 2,F,36,2020-02-02 | 1,F,36,2020-02-03")
        .controls("10,F,36,2020-01-01 | 10,M,99,2020-01-01 | 10,F,36,2020-01-01 | ,F,36,2020-01-01 | ,F,36,2020-01-01")
        .problems();
    assert_eq!(
        problems,
        "controls.csv: 2 rows without a patient_id; the first is on line 5\n\
         cases.csv: duplicate patient_id: rows that repeat an earlier one's: 1; keep one row for each person\n\
         controls.csv: duplicate patient_id: rows that repeat an earlier one's: 2; keep one row for each person"
    );
}

/// Case 37.
#[test]
fn every_id_can_be_a_case() {
    for id in [
        "-9",
        "0",
        "4294967295",
        "9223372036854775807",
        "99999999999999999999",
        "a b",
        "é",
    ] {
        let trial = sex_and_age().cases(&format!("{id},F,36,2020-02-02"));
        let outcome = trial.controls("10,F,36,2020-01-01").run();
        assert_eq!(outcome.pairs(), format!("10->{id}"));
    }
}

/// Case 38.
#[test]
fn a_category_is_the_same_however_its_number_is_written() {
    let trial = sex_and_age().cases("1,1.0,36,2020-02-02");
    let outcome = trial
        .controls("10,1,36,2020-01-01 | 11,01,36,2020-01-01")
        .run();
    assert_eq!(outcome.pairs(), "10->1");
}

#[test]
fn everything_wrong_with_both_files_is_said_at_once() {
    let problems = sex_and_age()
        .columns("patient_id,sex,age,indexdate,age")
        .cases("1,F,36,2020-02-02,1")
        .problems();
    assert_eq!(
        problems,
        "cases.csv: two columns are called `age`; rename one\n\
         controls.csv: two columns are called `age`; rename one"
    );
    let problems = sex_and_age()
        .case_columns("id,sex,indexdate")
        .controls("10,F,36,2020-01-01,extra | 11,F | 12,F,old,2020-01-01")
        .problems();
    assert_eq!(
        problems,
        "cases.csv: it has no column `patient_id`; every person needs one\n\
         cases.csv: it has no column `age`, which match_variables names\n\
         controls.csv: 2 rows with another number of cells than the header's 4; the first is on line 2\n\
         controls.csv: 1 row with something in `age` that is not a number, as match_variables needs; the first is on line 4"
    );
}

#[test]
fn a_name_with_a_line_end_makes_no_line() {
    let problems = sex_and_age()
        .columns("patient_id,sex,age,indexdate,\"a\nerror: b\",\"a\nerror: b\"")
        .problems();
    assert_eq!(problems.lines().count(), 2, "{problems}");
}

//! Index dates, exclusions and months.

use serde_json::json;

use crate::trial::{Trial, sex_and_age};

const CONTROLS: &str = "10,F,36,2020-01-01,2019-12-31, | 11,F,36,2020-01-01,2020-01-01, | 12,F,36,2020-01-01,, | 13,F,36,2020-01-01,2020-01-15, | 14,F,36,2020-01-01,,2020-01-02";

fn with_events() -> Trial {
    sex_and_age()
        .columns("patient_id,sex,age,indexdate,died,ev")
        .with(
            "date_exclusion_variables",
            json!({"died": "before", "ev": "after"}),
        )
}

/// Case 26. Which two of the three eligible controls the first case gets is chance.
#[test]
fn a_person_is_excluded_by_their_own_date() {
    for seed in 0..10 {
        let outcome = with_events()
            .with("seed", seed)
            .cases("1,F,36,2020-02-02,, | 2,F,36,2020-03-01,2020-02-29, | 3,F,36,2020-04-01,2020-04-01,")
            .controls(CONTROLS)
            .run();
        assert_eq!(outcome.counts(), "1:2.0 3:1.0");
        let mut all = [outcome.controls_of("1"), outcome.controls_of("3")].concat();
        all.sort();
        assert_eq!(all, ["11", "12", "13"]);
    }
}

/// Case 27.
#[test]
fn a_generated_date_excludes_case_by_case() {
    let outcome = with_events()
        .with("matches_per_case", 1)
        .with("date_exclusion_variables", json!({"died": "before"}))
        .with("generate_match_index_date", "no_offset")
        .cases("1,F,36,2020-02-02,, | 2,F,36,2020-04-01,, | 3,F,36,,,")
        .controls("10,F,36,2020-01-01,2019-12-31, | 11,F,36,2020-01-01,2020-02-02, | 12,M,36,2020-01-01,2020-03-15,")
        .run();
    // 11 died on the first case's date, which does not exclude; 10 is free again for a case
    // without a date, which nothing can lie before.
    assert_eq!(outcome.pairs(), "10->3 11->1");
    assert_eq!(outcome.counts(), "1:1.0 2:0.0 3:1.0");

    let outcome = with_events()
        .with("matches_per_case", 1)
        .with("generate_match_index_date", "1_month_earlier")
        .cases("1,F,36,2020-02-01,, | 2,F,36,2020-02-03,,")
        .controls("10,F,36,1999-01-01,,2020-01-02")
        .run();
    // An event after the generated date excludes at first, and no longer once the date is there.
    assert_eq!(outcome.pairs(), "10->2");
}

/// Cases 28 and 29.
#[test]
fn a_generated_date_is_the_case_date_moved() {
    for (offset, date, expected) in [
        ("1_year_earlier", "2020-02-29", "2019-02-28"),
        ("1_year_earlier", "2020-03-31", "2019-03-31"),
        ("1_month_earlier", "2020-03-31", "2020-02-29"),
        ("3_days_later", "2020-12-30", "2021-01-02"),
        ("no_offset", "2020-12-30", "2020-12-30"),
        ("no_offset", "", ""),
    ] {
        let trial = sex_and_age().with("generate_match_index_date", offset);
        let trial = trial
            .cases(&format!("1,F,36,{date}"))
            .controls("10,F,36,1999-01-01");
        assert_eq!(
            trial.run().matches,
            format!("patient_id,sex,age,indexdate,set_id,case\n10,F,36,{expected},1,0\n"),
            "{offset} of {date}"
        );
    }
}

/// Case 30, second half.
#[test]
fn a_generated_date_that_the_controls_lack_comes_after_their_columns() {
    let outcome = sex_and_age()
        .control_columns("patient_id,sex,age,region")
        .with("generate_match_index_date", "no_offset")
        .cases("1,F,36,2020-02-02")
        .controls("10,F,36,London")
        .run();
    assert_eq!(
        outcome.matches,
        "patient_id,sex,age,region,indexdate,set_id,case\n10,F,36,London,2020-02-02,1,0\n"
    );
    let problems = sex_and_age()
        .control_columns("patient_id,sex,age,region")
        .cases("1,F,36,2020-02-02")
        .problems();
    assert_eq!(
        problems,
        "controls.csv: it has no column `indexdate`, which index_date_variable names"
    );
}

/// Case 31.
#[test]
fn months_match_across_years_and_become_a_column() {
    let outcome = sex_and_age()
        .with("match_variables", json!({"indexdate": "month_only"}))
        .cases("1,F,36,2020-02-29")
        .controls("10,M,80,2019-02-01 | 11,F,36,2020-03-29")
        .run();
    assert_eq!(
        outcome.combined,
        "patient_id,sex,age,indexdate,indexdate_m,set_id,case,match_counts\n\
         1,F,36,2020-02-29,02,1,1,1.0\n\
         10,M,80,2019-02-01,02,1,0,\n"
    );
}

/// Case 32.
#[test]
fn a_missing_month_matches_no_other() {
    let outcome = sex_and_age()
        .with("match_variables", json!({"indexdate": "month_only"}))
        .cases("1,F,36,")
        .controls("10,M,80, | 11,F,36,2020-03-29")
        .run();
    assert_eq!(
        outcome.cases,
        "patient_id,sex,age,indexdate,indexdate_m,set_id,case,match_counts\n1,F,36,,,1,1,0.0\n"
    );
    assert_eq!(outcome.pairs(), "");
}

#[test]
fn what_is_no_date_is_reported_for_both_files_at_once() {
    let problems = with_events()
        .with("match_variables", json!({"indexdate": "month_only"}))
        .cases("1,F,36,2020-02-30,never, | 2,F,36,02/01/2020,,")
        .controls("10,F,36,2020,,2020-1-1")
        .problems();
    assert_eq!(
        problems,
        "cases.csv: 2 rows with something in `indexdate` that is not a date as YYYY-MM-DD or YYYY-MM, as match_variables needs; the first is on line 2\n\
         cases.csv: 1 row with something in `died` that is not a date as YYYY-MM-DD, as date_exclusion_variables needs; the first is on line 2\n\
         cases.csv: 2 rows with something in `indexdate` that is not a date as YYYY-MM-DD, as index_date_variable needs; the first is on line 2\n\
         controls.csv: 1 row with something in `indexdate` that is not a date as YYYY-MM-DD or YYYY-MM, as match_variables needs; the first is on line 2\n\
         controls.csv: 1 row with something in `ev` that is not a date as YYYY-MM-DD, as date_exclusion_variables needs; the first is on line 2"
    );
}

#[test]
fn an_offset_that_leaves_the_calendar_is_reported() {
    let trial = sex_and_age().with("generate_match_index_date", "9000_years_later");
    let problems = trial
        .cases("1,F,36,2020-02-02")
        .controls("10,F,36,2020-01-01")
        .problems();
    assert_eq!(
        problems,
        "cases.csv: generate_match_index_date moves 1 date(s) of `indexdate` out of the years 1 to 9999"
    );
}

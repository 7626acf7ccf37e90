//! Files made to hurt: nothing panics, nothing takes long, nothing deep overflows a stack.

#![expect(
    clippy::format_push_string,
    reason = "test files are put together for reading, not for speed"
)]

use std::time::{Duration, Instant};

use glovebox_pipeline::{Report, check, check_bytes, split_words};
use proptest::prelude::*;

const VALID: &str = "
version: '3.0'
expectations: {population_size: 1000}
actions:
  extract: &e
    run: cohortextractor:latest generate_cohort --study-definition s --output-dir=output
    outputs:
      highly_sensitive: {cohort: output/input.csv}
  model:
    run: >-
      r:v2 Rscript \"analysis/model é.R\"
    needs: [extract]
    config: {a: [1, 2.5, null], b: 'it''s'}
    outputs:
      moderately_sensitive:
        table: output/*.csv # comment
";

/// Generous, since tests run unoptimised on busy machines: what is caught is the quadratic.
const SOON: Duration = Duration::from_secs(20);

#[track_caller]
fn checked_soon(text: &str) -> Report {
    let start = Instant::now();
    let report = check(text);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    report
}

#[track_caller]
fn first_kind(text: &str) -> String {
    match checked_soon(text).outcome {
        Ok(_) => "accepted".to_owned(),
        Err(rejected) => rejected.errors[0].kind.to_string(),
    }
}

#[test]
fn alias_bombs_are_refused() {
    let mut bomb =
        "version: 5\nactions:\n  a:\n    config:\n      l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
            .to_owned();
    for level in 1..20 {
        let previous = vec![format!("*l{}", level - 1); 9].join(", ");
        bomb += &format!("      l{level}: &l{level} [{previous}]\n");
    }
    assert_eq!(first_kind(&bomb), "yaml:too-large");

    let mut merges = "version: 5\nactions:\n  m0: &m0 {k0: 0}\n".to_owned();
    for level in 1..2_100 {
        merges += &format!(
            "  m{level}: &m{level} {{<<: *m{}, k{level}: 0}}\n",
            level - 1
        );
    }
    assert_eq!(first_kind(&merges), "yaml:too-large");

    let mut deep = "version: 5\nactions:\n  a:\n    config:\n      l0: &l0 [x]\n".to_owned();
    for level in 1..1_000 {
        deep += &format!("      l{level}: &l{level} [*l{}]\n", level - 1);
    }
    assert_eq!(first_kind(&deep), "yaml:too-deep");
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- ", "[\n", "? ", "- - "] {
        let text = format!("version: 5\nactions: {}", open.repeat(100_000));
        let kind = first_kind(&text);
        assert!(
            matches!(kind.as_str(), "yaml:too-deep" | "yaml:syntax"),
            "{open:?}: {kind}"
        );
    }
    let steps: Vec<String> = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let steps = steps.concat();
    assert_eq!(first_kind(&steps), "yaml:too-deep");
}

#[test]
fn large_values_and_lines_do_no_harm() {
    let value = "x".repeat(2 << 20);
    let run = format!(
        "version: 5\nactions:\n  a:\n    run: python:v2 {value}\n    outputs: {{highly_sensitive: {{d: d.csv}}}}\n"
    );
    assert_eq!(first_kind(&run), "accepted");
    let key = format!("version: 5\nactions: {{}}\n\"{value}\": x\n");
    let report = checked_soon(&key);
    let errors = report.outcome.unwrap_err().errors;
    assert!(errors[0].message.len() < 1_000);
    assert_eq!(first_kind(&"x".repeat((16 << 20) + 1)), "yaml:too-large");
}

#[test]
fn many_errors_on_one_line_stay_few_and_fast() {
    let actions: Vec<String> = (0..5_000)
        .map(|n| format!("é{n}: {{run: x, needs: [ghost{n}]}}"))
        .collect();
    let report = checked_soon(&format!(
        "{{version: 5, actions: {{{}}}}}",
        actions.join(", ")
    ));
    let errors = report.outcome.unwrap_err().errors;
    assert_eq!(errors.len(), 1_001);
    assert_eq!(errors[1_000].kind.as_str(), "project:too-many-errors");
}

#[test]
fn long_chains_and_wide_graphs_are_checked() {
    let action = |n: usize, needs: &str| {
        format!(
            "  a{n}: {{run: 'r:v1 {n}', needs: [{needs}], outputs: {{highly_sensitive: {{d: o/{n}.csv, p: o/{n}*.csv}}}}}}\n"
        )
    };
    let count = 5_000;
    let mut chain = "version: 5\nactions:\n".to_owned();
    for n in 0..count {
        chain += &action(
            n,
            &if n + 1 < count {
                format!("a{}", n + 1)
            } else {
                String::new()
            },
        );
    }
    let start = Instant::now();
    let project = check(&chain).outcome.unwrap();
    let closure = project.closure(["a0"]).unwrap();
    assert_eq!((closure.len(), closure[0].name.as_str()), (count, "a4999"));
    assert_eq!(project.dependants("a4999").len(), count - 1);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());

    let circle = chain.replace(
        "a4999: {run: 'r:v1 4999', needs: []",
        "a4999: {run: 'r:v1 4999', needs: [a0]",
    );
    let errors = checked_soon(&circle).outcome.unwrap_err().errors;
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.len() < 400, "{}", errors[0]);
}

#[test]
fn irregular_layout_cannot_be_made_slow() {
    for part in [
        "a: [b,\nc]\n",
        "a: |x ",
        "'\n",
        "[\n",
        "a:\tb\n",
        "{a: 'b\n",
    ] {
        checked_soon(&part.repeat(10_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = check_bytes(&bytes);
    }

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,200}|[-\\[\\]{}:,&*!|>'\"#?@ \n\ta-c0-9.é<]{0,200}") {
        let _ = check(&text);
        let _ = split_words(&text);
    }

    #[test]
    fn mutated_files_get_an_answer_with_places_inside_them(
        cuts in proptest::collection::vec((0..VALID.len(), 0..12_usize, "[-\\[\\]{}:,&*!|>'\"#? \n\ta-e0-9.<]{0,6}"), 1..6)
    ) {
        let mut text = VALID.to_owned();
        for (at, length, insert) in cuts {
            let floor = |mut index: usize| { index = index.min(text.len()); while !text.is_char_boundary(index) { index -= 1; } index };
            let range = floor(at)..floor(at + length);
            text.replace_range(range, &insert);
        }
        let report = check(&text);
        let errors = report.outcome.err().map(|rejected| rejected.errors);
        prop_assert!(errors.as_ref().is_none_or(|errors| !errors.is_empty()));
        for problem in errors.iter().flatten().chain(&report.warnings) {
            prop_assert!(text.get(problem.location.span.clone()).is_some());
            prop_assert!(problem.location.line <= text.lines().count() + 2);
            prop_assert!(!problem.message.is_empty());
        }
    }
}

#[test]
fn the_file_that_is_mutated_is_valid() {
    assert_eq!(first_kind(VALID), "accepted");
}

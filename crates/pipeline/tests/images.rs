//! Rules that hold for some images, and what is told together.
//!
//! A row is a command, its outputs and what is said of them.

mod said;

use said::{action, assert_said};

#[test]
fn images_with_rules_of_their_own() {
    const HIGH: &str = "highly_sensitive: {d: output/d.csv}";
    // (command, outputs, first error)
    for (run, outputs, expected) in [
        (
            "ehrql:v1 generate-dataset x --output output/d.csv",
            HIGH,
            None,
        ),
        (
            "ehrql:v1   generate-dataset x",
            HIGH,
            Some("ehrql:no-output-argument@4:10"),
        ),
        (
            "ehrql:v1 'generate-dataset' x",
            HIGH,
            Some("ehrql:no-output-argument@4:10"),
        ),
        (
            "ehrql:v1 generate_dataset x",
            HIGH,
            Some("ehrql:no-output-argument@4:10"),
        ),
        (
            "ehrql:v1 --x y generate-dataset",
            HIGH,
            Some("ehrql:no-output-argument@4:10"),
        ),
        ("ehrql:v1 exec generate-dataset", HIGH, None),
        (
            "ehrql:v1 generate-dataset x --output=output/e.csv",
            HIGH,
            Some("ehrql:output-mismatch@4:10"),
        ),
        (
            "ehrql:v1 generate-dataset x --output output:csv",
            HIGH,
            None,
        ),
        (
            "ehrql:v1 generate-dataset x --output ./output//:csv",
            HIGH,
            None,
        ),
        (
            "ehrql:v1 generate-dataset x --output :csv",
            HIGH,
            Some("ehrql:output-mismatch@4:10"),
        ),
        (
            "ehrql:v1 generate-dataset x --output /output:csv",
            HIGH,
            Some("ehrql:output-mismatch@4:10"),
        ),
        (
            "ehrql:v1 generate-dataset x --output output/d.csv",
            "highly_sensitive: {d: output/d.csv}, moderately_sensitive: {e: e.csv}",
            Some("ehrql:outputs-not-highly-sensitive@5:78"),
        ),
        (
            "ehrql:v1 generate-measures x",
            "moderately_sensitive: {e: e.csv}",
            None,
        ),
    ] {
        let text = action(&format!("    run: {run}\n    outputs: {{{outputs}}}"));
        assert_said(&text, expected.as_slice());
    }
}

#[test]
fn cohortextractor() {
    const TWO: &str = "highly_sensitive: {d: a/d.csv, e: b/e.csv}";
    let text = |run: &str, outputs: &str| {
        format!(
            "version: 3\nexpectations: {{population_size: 10}}\nactions:\n  a:\n    run: {run}\n    outputs: {{{outputs}}}\n"
        )
    };
    for (run, outputs, expected) in [
        (
            "cohortextractor:v1 generate_cohort",
            TWO,
            Some("cohortextractor:many-dirs@5:10"),
        ),
        (
            "cohortextractor:v1  generate_cohort",
            TWO,
            Some("cohortextractor:many-dirs@5:10"),
        ),
        (
            "cohortextractor:v1 generate_cohort --output-dir=a",
            TWO,
            None,
        ),
        (
            "cohortextractor:v1 generate_cohort",
            "highly_sensitive: {}",
            Some("cohortextractor:many-dirs@5:10"),
        ),
        (
            "cohortextractor:v1 generate_cohort",
            "highly_sensitive: {}, minimally_sensitive: {}",
            Some("cohortextractor:more-than-one-level@5:10"),
        ),
        ("cohortextractor:v1 generate_measures", TWO, None),
    ] {
        let mut all: Vec<&str> = expected.into_iter().collect();
        all.push("~version:old@1:10");
        assert_said(&text(run, outputs), &all);
    }
}

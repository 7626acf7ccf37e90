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

#[test]
fn what_is_wrong_is_told_together() {
    // (image and command, outputs, all errors)
    for (run, outputs, expected) in [
        (
            "ehrql:v1 generate-dataset x.py",
            "moderately_sensitive: {d: output/d.csv, e: output/e}",
            &[
                "path:no-extension@5:58",
                "ehrql:outputs-not-highly-sensitive@5:41",
                "ehrql:no-output-argument@4:10",
            ][..],
        ),
        (
            "ehrql:v1 generate-dataset x --output z.csv",
            "highly_sensitive: {d: d.csv}, moderately_sensitive: {e: e.csv, f: f.csv}, minimally_sensitive: {g: 5}",
            &[
                "outputs:path-not-a-string@5:114",
                "ehrql:outputs-not-highly-sensitive@5:71",
                "ehrql:outputs-not-highly-sensitive@5:114",
            ],
        ),
        (
            "ehrql:v1 generate-dataset x --output z.csv",
            "highly_sensitive: {d: d.csv}, minimally_sensitive: {e: e.csv}",
            &[
                "ehrql:outputs-not-highly-sensitive@5:70",
                "ehrql:output-mismatch@4:10",
            ],
        ),
        // What `--output` asks for may be the faulty path once that is mended.
        (
            "ehrql:v1 generate-dataset x --output d.csv",
            "highly_sensitive: {d: ./d.csv}",
            &["path:not-normalised@5:37"],
        ),
        (
            "ehrql:v1 generate-dataset x --output o:csv",
            "highly_sensitive: {d: o//d.csv}",
            &["path:not-normalised@5:37"],
        ),
        (
            "ehrql:v1 generate-dataset x --output o:csv",
            "highly_sensitive: {d: o//d.csv, e: p/e.csv}",
            &["path:not-normalised@5:37", "ehrql:output-mismatch@4:10"],
        ),
        (
            "ehrql:v1 generate-dataset x",
            "highly: {d: d.csv}",
            &["outputs:none-given@5:15", "ehrql:no-output-argument@4:10"],
        ),
        (
            "python:v1 x",
            "moderately_sensitive: {d: './metadata\\d.sav', e: '../*?', f: d, g: d}",
            &[
                "path:backslash@5:41",
                "path:type-not-allowed-at-moderate@5:41",
                "path:not-normalised@5:41",
                "path:in-metadata-dir@5:41",
                "path:unsupported-wildcard@5:64",
                "path:no-extension@5:64",
                "path:no-extension@5:76",
                "path:no-extension@5:82",
                "outputs:duplicate-path@5:82",
                "path:escapes-workspace@5:64",
            ],
        ),
    ] {
        let text = action(&format!("    run: {run}\n    outputs: {{{outputs}}}"));
        assert_said(&text, expected);
    }
    assert_said(
        &action("    run: ehrql:v1 generate-dataset x"),
        &["action:no-outputs@3:3", "ehrql:no-output-argument@4:10"],
    );
}

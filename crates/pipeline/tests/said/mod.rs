//! What is said of a file, in short: `kind@line:column`, warnings with a `~` before them.

use glovebox_pipeline::{Report, check};

/// Errors, then warnings, in order.
pub(crate) fn said(report: &Report) -> Vec<String> {
    let errors = report
        .outcome
        .as_ref()
        .err()
        .map_or(&[][..], |rejected| &rejected.errors);
    let place = |mark: &str, problem: &glovebox_pipeline::Problem| {
        format!(
            "{mark}{}@{}:{}",
            problem.kind, problem.location.line, problem.location.column
        )
    };
    errors
        .iter()
        .map(|error| place("", error))
        .chain(report.warnings.iter().map(|warning| place("~", warning)))
        .collect()
}

/// Checks a file, and that just this is said of it.
#[track_caller]
pub(crate) fn assert_said(text: &str, expected: &[&str]) {
    assert_eq!(said(&check(text)), expected, "of:\n{text}");
}

/// A version 5 project with one action `a`, whose lines from the third on are given.
pub(crate) fn action(lines: &str) -> String {
    format!("version: 5\nactions:\n  a:\n{lines}\n")
}

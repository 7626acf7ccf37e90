//! `cohortextractor generate_cohort`: all outputs at one level and in one folder.

use std::collections::BTreeSet;

use super::database::runs_command;
use crate::{
    kind::Kind,
    problem::Problems,
    project::{DraftOutputs, DraftRun, OutputPattern},
};

/// Checks by words, not by text, so that a second space does not turn the rule off.
pub(super) fn check(draft: &DraftRun, outputs: &DraftOutputs<'_>, problems: &mut Problems<'_>) {
    let run = &draft.run;
    if run.image.name != "cohortextractor" || !runs_command(run, &["generate_cohort"]) {
        return;
    }
    if outputs.sections.is_empty() {
        return;
    }
    if outputs.sections.len() > 1 {
        problems.error(
            Kind::CohortextractorMoreThanOneLevel,
            draft.span,
            format!(
                "`generate_cohort` leaves outputs at one security level, but {} are given: keep one",
                outputs.sections.len()
            ),
        );
        // Which folders are left depends on which level is kept.
        return;
    }
    let patterns = outputs.outputs.iter().map(|output| output.pattern.as_ref());
    let directories: BTreeSet<&str> = patterns
        .clone()
        .flatten()
        .map(OutputPattern::directory)
        .collect();
    // A path that was not read, or has faults of its own, counts once it is mended.
    let all_known = outputs.complete && patterns.clone().all(|pattern| pattern.is_some());
    let names_directory = run
        .parts
        .iter()
        .any(|word| word == "--output-dir" || word.starts_with("--output-dir="));
    let may_be_one = directories.len() == 1 || directories.is_empty() && !all_known;
    if may_be_one || names_directory {
        return;
    }
    let message = if directories.is_empty() {
        "`generate_cohort` leaves outputs, but none are given: name the file it writes".to_owned()
    } else {
        let list: Vec<String> = directories
            .iter()
            .take(5)
            .map(|directory| format!("`{directory}/`"))
            .collect();
        format!(
            "`generate_cohort` writes into one folder, but its outputs lie in {} ({}): move them together, or give `--output-dir`",
            directories.len(),
            list.join(", ")
        )
    };
    problems.error(Kind::CohortextractorManyDirs, draft.span, message);
}

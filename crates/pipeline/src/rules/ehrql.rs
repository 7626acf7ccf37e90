//! `ehrql generate-dataset`: row-level outputs, where `--output` says they are.

use glovebox_levels::Level;

use super::database::runs_command;
use crate::{
    kind::Kind,
    problem::Problems,
    project::{DraftOutput, DraftOutputs, DraftRun, MAX_PATH_BYTES, matches_name},
    yaml::shorten,
};

/// Checks by words, not by text, so that a second space does not turn the rule off.
pub(super) fn check(draft: &DraftRun, outputs: &DraftOutputs<'_>, problems: &mut Problems<'_>) {
    let run = &draft.run;
    if !matches!(run.image.name.as_str(), "ehrql" | "databuilder")
        || !runs_command(run, &["generate-dataset", "generate_dataset"])
    {
        return;
    }
    for section in &outputs.sections {
        if let Some(first) = section.first
            && section.level != Level::HighlySensitive
        {
            problems.error(
                Kind::EhrqlOutputsNotHighlySensitive,
                first,
                format!(
                    "`generate-dataset` writes one row for each patient, so nothing may be {} here: move this output, and others of this level, to highly_sensitive",
                    section.level
                ),
            );
        }
    }
    let Some(argument) = output_argument(&run.parts).filter(|argument| !argument.is_empty()) else {
        problems.error(
            Kind::EhrqlNoOutputArgument,
            draft.span,
            "`generate-dataset` is not told where to write: add `--output` and the path that stands in `outputs`",
        );
        return;
    };
    let wanted = Wanted::from_argument(argument);
    let agree = match &wanted {
        // A path that was not read, or has faults of its own, may be the one once it is mended.
        Wanted::File(path) => {
            let may_be =
                |output: &DraftOutput<'_>| output.path == *path || output.pattern.is_none();
            !outputs.complete || outputs.outputs.iter().any(may_be)
        }
        // With no stars side by side, nothing so long matches a path, and trying takes its length.
        Wanted::Files(pattern) if pattern.len() > 2 * MAX_PATH_BYTES + 1 => false,
        Wanted::Files(pattern) => outputs
            .outputs
            .iter()
            .filter_map(|output| output.pattern.as_ref())
            .all(|given| matches_name(pattern, given.as_str())),
    };
    if !agree {
        let expected = match &wanted {
            Wanted::File(path) => path,
            Wanted::Files(pattern) => pattern.as_str(),
        };
        problems.error(
            Kind::EhrqlOutputMismatch,
            draft.span,
            format!(
                "`--output {}` and `outputs` do not agree: give `{}` under highly_sensitive, or change `--output`",
                shorten(argument),
                shorten(expected)
            ),
        );
    }
}

/// What the first `--output` says.
fn output_argument(words: &[String]) -> Option<&str> {
    words.iter().enumerate().find_map(|(index, word)| {
        if word == "--output" {
            return Some(words.get(index + 1).map_or("", String::as_str));
        }
        word.strip_prefix("--output=")
    })
}

/// What `outputs` must say for an `--output`.
enum Wanted<'a> {
    /// One path must be this one.
    File(&'a str),
    /// Every path must match this pattern, in which `*` crosses `/`.
    Files(String),
}

impl<'a> Wanted<'a> {
    /// `dir:ext` and `dir/:ext` ask for a file for each table, in a folder; all else for one file.
    fn from_argument(argument: &'a str) -> Self {
        let components: Vec<&str> = argument
            .split('/')
            .filter(|component| !matches!(*component, "" | "."))
            .collect();
        let Some((name, parents)) = components.split_last() else {
            return Self::File(argument);
        };
        let Some((name, extension)) = name.rsplit_once(':') else {
            return Self::File(argument);
        };
        let mut directory = if argument.starts_with('/') { "/" } else { "" }.to_owned();
        directory.push_str(&parents.join("/"));
        if !name.is_empty() {
            if !parents.is_empty() {
                directory.push('/');
            }
            directory.push_str(name);
        }
        if directory.is_empty() {
            directory.push('.');
        }
        let mut pattern = format!("{directory}/*.{extension}");
        // Stars side by side mean no more than one.
        while pattern.contains("**") {
            pattern = pattern.replace("**", "*");
        }
        Self::Files(pattern)
    }
}

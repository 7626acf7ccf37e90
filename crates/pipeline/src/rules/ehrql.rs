//! `ehrql generate-dataset`: row-level outputs, where `--output` says they are.

use glovebox_levels::Level;

use super::database::runs_command;
use crate::{
    kind::Kind,
    problem::Problems,
    project::{DraftOutputs, DraftRun, matches_name},
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
    if let Some(visible) = outputs
        .outputs
        .iter()
        .find(|output| output.level != Level::HighlySensitive)
    {
        problems.error(
            Kind::EhrqlOutputsNotHighlySensitive,
            visible.span,
            format!(
                "`generate-dataset` writes one row for each patient, so this output may not be {}: move it to highly_sensitive",
                visible.level
            ),
        );
        return;
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
    let mut paths = outputs.outputs.iter().map(|output| output.path);
    let agree = match &wanted {
        Wanted::File(path) => paths.any(|given| given == *path),
        Wanted::Files(pattern) => paths.all(|given| matches_name(pattern, given)),
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
        Self::Files(format!("{directory}/*.{extension}"))
    }
}

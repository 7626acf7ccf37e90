//! What a run came to, for people and for programs.

use std::io::{self, Write as _};

use glovebox_runner::{ActionReport, FailureKind, ProjectFolder, State};
use serde::Serialize;

use super::super::say::say;
use super::super::visible::visible;
use super::table;
use crate::exit::Exit;

/// A table on standard output; what failed and what to do on standard error.
pub(super) fn for_people(reports: &[ActionReport], folder: &ProjectFolder) -> io::Result<()> {
    for report in reports {
        explain(report, folder);
    }
    let width = terminal_width();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", table::table(reports, folder, width))?;
    writeln!(out, "{}", summary(reports))
}

/// One JSON object on standard output.
pub(super) fn for_programs(reports: &[ActionReport], folder: &ProjectFolder) -> io::Result<()> {
    #[derive(Serialize)]
    struct Report<'a> {
        succeeded: bool,
        project_dir: std::borrow::Cow<'a, str>,
        actions: &'a [ActionReport],
    }
    let report = Report {
        succeeded: reports.iter().all(|report| report.state.is_success()),
        // A name that is no text must not cost the result.
        project_dir: folder.root().to_string_lossy(),
        actions: reports,
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report)?;
    writeln!(out)
}

/// What a run came to, as an exit code. A machine that cannot is no fault of the study.
pub(super) fn exit(reports: &[ActionReport]) -> Exit {
    let mut failures = reports
        .iter()
        .filter(|report| report.state == State::Failed)
        .map(|report| report.failure.as_ref().map(|failure| failure.kind));
    let is_whole = |report: &ActionReport| report.state.is_success() && report.not_copied.is_none();
    if reports.iter().all(is_whole) {
        Exit::Success
    } else if failures.any(|kind| {
        matches!(
            kind,
            Some(FailureKind::Environment | FailureKind::RuntimeMissing)
        )
    }) {
        Exit::Environment
    } else if reports.iter().all(|report| report.state.is_success()) {
        // All that is missing are copies.
        Exit::Environment
    } else {
        Exit::Failure
    }
}

/// Says why an action failed, or which of its outputs were withheld and why.
fn explain(report: &ActionReport, folder: &ProjectFolder) {
    if report.state == State::Failed
        && let Some(failure) = &report.failure
    {
        say(&format!(
            "\n✖ {}: {}",
            visible(&report.action),
            visible(&failure.reason)
        ));
        for line in &failure.details {
            say(&format!("  {}", visible(line)));
        }
        if !report.last_lines.is_empty() {
            say("  its last lines:");
            for line in &report.last_lines {
                say(&format!("  │ {}", visible(line)));
            }
        }
        if let Some(log) = &report.log {
            say(&format!("  the whole log: {}", folder.shown(log)));
        }
    }
    if let Some(failure) = &report.not_copied {
        let why = failure.details.join("; ");
        say(&format!(
            "\n⚠ {}: its outputs are filed, but could not be copied into the project folder: {}",
            visible(&report.action),
            visible(&why)
        ));
    }
    for output in &report.outputs {
        if let Some(why) = &output.withheld {
            say(&format!(
                "\n⚠ {}: {} is withheld: {}",
                visible(&report.action),
                visible(&output.path),
                visible(why)
            ));
        }
    }
}

fn summary(reports: &[ActionReport]) -> String {
    let count = |state: State| {
        reports
            .iter()
            .filter(|report| report.state == state)
            .count()
    };
    let mut parts = Vec::new();
    for state in [
        State::Succeeded,
        State::Reused,
        State::Failed,
        State::Cancelled,
        State::NotRun,
    ] {
        let number = count(state);
        if number > 0 {
            parts.push(format!("{number} {}", state.in_words()));
        }
    }
    let longest = reports.iter().map(|report| report.duration).sum();
    format!(
        "{} actions: {}; {} of job time",
        reports.len(),
        parts.join(", "),
        table::seconds(longest)
    )
}

/// The width of the terminal on standard output, if there is one.
fn terminal_width() -> Option<u16> {
    use std::io::IsTerminal as _;
    if io::stdout().is_terminal() {
        None
    } else {
        Some(160)
    }
}

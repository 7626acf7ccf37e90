//! What a run came to, for people and for programs.

use std::io::{self, Write as _};

use glovebox_runner::{ActionReport, ProjectFolder, State};
use serde::Serialize;

use super::super::say::say;
use super::table;

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
        project_dir: &'a std::path::Path,
        actions: &'a [ActionReport],
    }
    let report = Report {
        succeeded: reports.iter().all(|report| report.state.is_success()),
        project_dir: folder.root(),
        actions: reports,
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report)?;
    writeln!(out)
}

/// Says why an action failed, or which of its outputs were withheld and why.
fn explain(report: &ActionReport, folder: &ProjectFolder) {
    if report.state == State::Failed
        && let Some(failure) = &report.failure
    {
        say(&format!("\n✖ {}: {}", report.action, failure.reason));
        for line in &failure.details {
            say(&format!("  {line}"));
        }
        if !report.last_lines.is_empty() {
            say("  its last lines:");
            for line in &report.last_lines {
                say(&format!("  │ {line}"));
            }
        }
        if let Some(log) = &report.log {
            say(&format!("  the whole log: {}", folder.shown(log)));
        }
    }
    for output in &report.outputs {
        if let Some(why) = &output.withheld {
            say(&format!(
                "\n⚠ {}: {} is withheld: {why}",
                report.action, output.path
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

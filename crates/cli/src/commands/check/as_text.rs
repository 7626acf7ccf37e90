//! The answer for people.

use std::fmt::Write as _;

use glovebox_pipeline::{Problem, Report};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, Severity};

use super::super::visible::visible;
use super::excerpt::Excerpt;

/// How many errors, and how many warnings, are shown with their lines. What is beyond is counted:
/// the first mending often mends more than one.
const MOST_SHOWN: usize = 50;

/// Every problem with its lines, then one line that answers the question.
pub(super) fn write(report: &Report, name: &str, text: &str, in_colour: bool) -> String {
    let theme = if in_colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false);
    let errors = match &report.outcome {
        Ok(_) => &[],
        Err(rejected) => rejected.errors.as_slice(),
    };
    let mut out = String::new();
    for (problems, severity) in [
        (report.warnings.as_slice(), Severity::Warning),
        (errors, Severity::Error),
    ] {
        for problem in problems.iter().take(MOST_SHOWN) {
            show(&mut out, &handler, problem, severity, name, text);
        }
        if problems.len() > MOST_SHOWN {
            let _ = writeln!(out, "… and {} more\n", problems.len() - MOST_SHOWN);
        }
    }
    out.push_str(&summary(report, name));
    out.push('\n');
    out
}

fn show(
    out: &mut String,
    handler: &GraphicalReportHandler,
    problem: &Problem,
    severity: Severity,
    name: &str,
    text: &str,
) {
    let message = visible(&problem.message);
    let location = &problem.location;
    let excerpt = Excerpt::around(location, name, text);
    let mut diagnostic = match &excerpt {
        Some(excerpt) => MietteDiagnostic::new(message).with_label(
            LabeledSpan::new_primary_with_span(None, excerpt.marked.clone()),
        ),
        None => MietteDiagnostic::new(format!(
            "{name}:{}:{}: {message}",
            location.line, location.column
        )),
    };
    diagnostic = diagnostic
        .with_code(problem.kind.as_str())
        .with_severity(severity);
    if let Some(help) = &problem.help {
        diagnostic = diagnostic.with_help(visible(help));
    }
    let mut report = miette::Report::new(diagnostic);
    if let Some(excerpt) = excerpt {
        report = report.with_source_code(excerpt);
    }
    // Drawing into a string fails only where a span lies outside its source. The sentence counts.
    if handler.render_report(out, report.as_ref()).is_err() {
        let _ = writeln!(
            out,
            "{name}:{}:{}: {report}",
            location.line, location.column
        );
    }
    out.push('\n');
}

fn summary(report: &Report, name: &str) -> String {
    match &report.outcome {
        Ok(project) => {
            let actions = project.actions();
            let database = actions
                .iter()
                .filter(|action| action.is_database_action)
                .count();
            let of_them = match database {
                0 => "none of them reads the database".to_owned(),
                1 => "1 of them reads the database".to_owned(),
                _ => format!("{database} of them read the database"),
            };
            match actions.len() {
                0 => format!("{name}: accepted: no actions"),
                1 if database == 1 => {
                    format!("{name}: accepted: 1 action, which reads the database")
                }
                1 => format!("{name}: accepted: 1 action, which does not read the database"),
                count => format!("{name}: accepted: {count} actions, {of_them}"),
            }
        }
        Err(rejected) => match rejected.errors.len() {
            1 => format!("1 error in {name}"),
            count => format!("{count} errors in {name}"),
        },
    }
}

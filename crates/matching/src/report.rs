//! `matching_report.txt`: what was done and how it came out, for people.
//!
//! Studies declare this file moderately sensitive: a researcher may look at it. So every figure
//! in it is rounded, see [`crate::rounding`].

use std::fmt::{self, Write};

use jiff::Timestamp;

use crate::{
    Settings, Summary,
    rounding::{Description, Rounded},
};

/// When the steps of a matching were done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) started: Timestamp,
    pub(crate) read: Timestamp,
    pub(crate) matched: Timestamp,
}

/// A closest variable among the matched: its name, the cases' values, the controls' values.
pub(crate) type Closest = (String, Description, Description);

/// The report's text.
pub(crate) fn text(
    settings: &Settings,
    times: Times,
    summary: &Summary,
    closest: &[Closest],
) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut text, settings, times, summary, closest);
    text
}

fn write_text(
    text: &mut String,
    settings: &Settings,
    times: Times,
    summary: &Summary,
    closest: &[Closest],
) -> fmt::Result {
    writeln!(text, "Matching report")?;
    writeln!(
        text,
        "Counts are rounded to the nearest 5; counts of 1 to 7 are withheld.\n"
    )?;
    writeln!(text, "Started   {}", second(times.started))?;
    writeln!(text, "Read      {}", second(times.read))?;
    writeln!(text, "Matched   {}\n", second(times.matched))?;

    writeln!(text, "{:<34}{:>14}{:>14}", "", "cases", "controls")?;
    let controls_without_cases = summary.controls_read.saturating_sub(summary.in_both);
    let mut line = |step: &str, cases: usize, controls: usize| {
        writeln!(
            text,
            "{step:<34}{:>14}{:>14}",
            Rounded(cases),
            Rounded(controls)
        )
    };
    line("in the files", summary.cases_read, summary.controls_read)?;
    if settings.drop_cases_from_matches {
        let among_controls = "without cases among the controls";
        line(among_controls, summary.cases_read, controls_without_cases)?;
    }
    line(
        "eligible after exclusions",
        summary.cases_eligible,
        summary.controls_eligible,
    )?;
    line("matched", summary.cases_matched, summary.controls_matched)?;

    writeln!(text, "\nCases by the number of controls found for them")?;
    write!(text, "(at most {} each", settings.matches_per_case)?;
    if settings.min_matches_per_case > 0 {
        write!(
            text,
            "; with fewer than {} a case is left out",
            settings.min_matches_per_case
        )?;
    }
    writeln!(text, ")\n{:>10}{:>14}", "controls", "cases")?;
    let mut by_frequency: Vec<_> = summary.found.iter().collect();
    by_frequency.sort_by_key(|(found, cases)| (std::cmp::Reverse(**cases), **found));
    for (found, cases) in by_frequency {
        writeln!(text, "{found:>10}{:>14}", Rounded(*cases))?;
    }

    for (name, of_cases, of_controls) in closest {
        writeln!(text, "\n`{name}` among the matched")?;
        describe(text, "cases", of_cases)?;
        describe(text, "controls", of_controls)?;
    }

    if !summary.oddities.is_empty() {
        writeln!(text, "\nWorth knowing about the data")?;
        for oddity in &summary.oddities {
            writeln!(text, "- {oddity}")?;
        }
    }
    writeln!(text, "\nRandom seed {}", settings.seed)
}

fn describe(text: &mut String, who: &str, description: &Description) -> fmt::Result {
    match description {
        Description::TooFew => writeln!(text, "  {who:<10}too few values to describe"),
        Description::Of {
            count,
            mean,
            deviation,
            quartiles: [lower, median, upper],
        } => writeln!(
            text,
            "  {who:<10}count {count}, mean {mean}, standard deviation {deviation}, \
             quartiles {lower}, {median}, {upper}",
        ),
    }
}

/// UTC to the second.
fn second(time: Timestamp) -> String {
    let time = time.to_string();
    format!("{} UTC", time.get(..19).unwrap_or(&time).replace('T', " "))
}

//! The table at the end of a run.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::visible::visible;
use comfy_table::{ContentArrangement, Table, presets};
use glovebox_levels::Level;
use glovebox_runner::{ActionReport, OutputReport, ProjectFolder, State};

/// All actions of a run: state, duration, outputs with level and size, log.
pub(super) fn table(
    reports: &[ActionReport],
    folder: &ProjectFolder,
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "action",
            "state",
            "took",
            "outputs, each with its level and size",
            "log",
        ]);
    if let Some(width) = width {
        table.set_width(width);
    }
    for report in reports {
        let outputs: Vec<String> = report.outputs.iter().map(output).collect();
        let log = report
            .log
            .as_deref()
            .map(|path| folder.shown(path))
            .unwrap_or_default();
        table.add_row([
            visible(&report.action),
            format!("{} {}", symbol(report), report.state.in_words()),
            took(report),
            outputs.join("\n"),
            log,
        ]);
    }
    table.to_string()
}

fn output(output: &OutputReport) -> String {
    let mut text = format!(
        "{}\n  {}, {}",
        visible(&output.path),
        level(output.level),
        size(output.size)
    );
    if output.withheld.is_some() {
        text.push_str("\n  ⚠ withheld from this level");
    }
    text
}

fn level(level: Level) -> &'static str {
    match level {
        Level::HighlySensitive => "highly sensitive",
        Level::ModeratelySensitive => "moderately sensitive",
        Level::MinimallySensitive => "minimally sensitive",
    }
}

fn took(report: &ActionReport) -> String {
    match report.state {
        State::NotRun | State::Reused => String::new(),
        _ => seconds(report.duration),
    }
}

/// The shape that stands for a state, so that colour is never the only sign.
pub(super) fn symbol(report: &ActionReport) -> char {
    match report.state {
        State::Succeeded
            if report
                .outputs
                .iter()
                .any(|output| output.withheld.is_some()) =>
        {
            '⚠'
        }
        State::Succeeded | State::Reused => '✔',
        State::Failed => '✖',
        State::Cancelled => '⊘',
        State::NotRun => '◌',
    }
}

/// A duration as people read it: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
pub(super) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let whole = duration.as_secs();
    if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else if whole < 3600 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{} h {:02} min", whole / 3600, whole / 60 % 60)
    }
}

/// A size as people read it, in decimal units: `812 B`, `6.4 kB`, `1.2 GB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let mut text = String::new();
    let _ = write!(text, "{value:.1} {}", UNITS[unit]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_read_well() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (6_543_210, "6.5 MB"),
            (999_999, "1.0 MB"),
        ];
        for (bytes, words) in sizes {
            assert_eq!(size(bytes), words);
        }
        assert_eq!(size(u64::MAX), "18446744.1 TB");
        let durations = [
            (420, "0.42 s"),
            (12_340, "12.3 s"),
            (245_000, "4 min 05 s"),
            (7_380_000, "2 h 03 min"),
        ];
        for (millis, words) in durations {
            assert_eq!(seconds(Duration::from_millis(millis)), words);
        }
    }
}

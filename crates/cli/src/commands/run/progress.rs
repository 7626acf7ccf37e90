//! What a person sees while a run goes on: a live line per action on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use glovebox_runner::{ActionReport, Event, Observer, State};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::super::visible::visible;
use super::table;

/// Most live lines: more than a screen holds would only flicker.
const MOST_LINES: usize = 24;

/// Shows a run on standard error.
pub(super) fn observer(actions: &[String]) -> Box<dyn Observer> {
    let terminal = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    if terminal && actions.len() <= MOST_LINES {
        Box::new(Live::new(actions))
    } else {
        Box::new(Plain)
    }
}

/// One line an event.
struct Plain;

impl Observer for Plain {
    fn event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Preparing { what } => (*what).to_owned(),
            Event::Started { action, because } => {
                format!("◐ running    {action}{}", reasons(because))
            }
            Event::Progress { .. } => return,
            Event::Finished { report } => finished(report),
        };
        // A closed standard error must not stop a run.
        let _ = writeln!(std::io::stderr().lock(), "{}", visible(&line));
    }
}

/// A line per action that changes in place.
struct Live {
    all: MultiProgress,
    lines: BTreeMap<String, ProgressBar>,
    preparing: Mutex<Option<ProgressBar>>,
}

impl Live {
    fn new(actions: &[String]) -> Self {
        let all = MultiProgress::new();
        let lines = actions
            .iter()
            .map(|action| {
                let line = all.add(ProgressBar::new_spinner());
                line.set_style(style("{msg}"));
                line.set_message(format!("◌ waiting    {}", visible(action)));
                (action.clone(), line)
            })
            .collect();
        Self {
            all,
            lines,
            preparing: Mutex::new(None),
        }
    }
}

impl Observer for Live {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Preparing { what } => {
                let mut preparing = self
                    .preparing
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let line = preparing.get_or_insert_with(|| {
                    let line = self.all.insert(0, ProgressBar::new_spinner());
                    line.set_style(style("{spinner} {msg} ({elapsed})"));
                    line.enable_steady_tick(Duration::from_millis(120));
                    line
                });
                line.set_message((*what).to_owned());
            }
            Event::Started { action, because } => {
                if let Some(line) = self
                    .preparing
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take()
                {
                    line.finish_and_clear();
                }
                let Some(line) = self.lines.get(*action) else {
                    return;
                };
                line.set_style(style("{spinner} running    {msg} {elapsed}"));
                line.reset_elapsed();
                line.set_message(visible(&format!("{action}{}", reasons(because))));
                line.enable_steady_tick(Duration::from_millis(120));
            }
            Event::Progress {
                action,
                done,
                total,
            } => {
                let Some(line) = self.lines.get(*action) else {
                    return;
                };
                let percent = (done * 100).checked_div(*total).unwrap_or(0);
                line.set_message(visible(&format!("{action} {percent} % of {total} rows")));
            }
            Event::Finished { report } => {
                let Some(line) = self.lines.get(&report.action) else {
                    return;
                };
                line.set_style(style("{msg}"));
                line.finish_with_message(visible(&finished(report)));
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    style.tick_chars("◐◓◑◒●")
}

fn finished(report: &ActionReport) -> String {
    let mut line = format!(
        "{} {:<10} {}",
        table::symbol(report),
        report.state.in_words(),
        report.action
    );
    if !report.duration.is_zero() {
        line.push(' ');
        line.push_str(&table::seconds(report.duration));
    }
    if let (State::Reused, Some(seed), Some(today)) = (report.state, report.seed, &report.today) {
        line += &[" (of seed ", &seed.to_string(), ", today ", today, ")"].concat();
    }
    if let Some(failure) = &report.failure {
        line.push_str(": ");
        line.push_str(&failure.reason);
    }
    line
}

fn reasons(because: &[String]) -> String {
    if because.is_empty() {
        String::new()
    } else {
        format!(" (again: {})", because.join("; "))
    }
}

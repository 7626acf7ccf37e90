//! The jobs of a request as a table: each with its state, its reason, and what it makes at which level.

use std::time::Duration;

use glovebox_jobs::{Job, State, StatusCode};
use glovebox_pipeline::Project;
use glovebox_ui::{Instant, Tone, plain};

use super::JobFacts;
use crate::look;
use crate::paths::job_from_request;

/// One declared output, with its level in words.
#[derive(Debug, Clone)]
pub(crate) struct OutputInWords {
    pub(crate) pattern: String,
    pub(crate) level: &'static str,
}

/// What an action declares, most sensitive first; nothing where the file cannot be read.
pub(crate) fn outputs_of(project: Option<&Project>, action: &str) -> Vec<OutputInWords> {
    let Some(action) = project.and_then(|project| project.action(action)) else {
        return Vec::new();
    };
    let mut outputs: Vec<_> = action.outputs.iter().collect();
    outputs.sort_by_key(|output| output.level);
    let in_words = |output: &&glovebox_pipeline::Output| OutputInWords {
        pattern: plain(output.pattern.as_str()),
        level: output.level.meaning(),
    };
    outputs.iter().map(in_words).collect()
}

/// The columns of the table of jobs, as those of requests.
pub const JOB_COLUMNS: [(&str, &str, bool); 5] = [
    ("action", "Action", false),
    ("state", "State and reason", false),
    ("waited", "Waited", true),
    ("ran", "Ran", true),
    ("", "Outputs, each with its level", false),
];

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct JobRow<'a> {
    pub(super) action: &'a str,
    pub(super) path: String,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    /// Why it stands where it does, unless its state says it all.
    pub(super) reason: Option<String>,
    pub(super) waited: String,
    pub(super) ran: Option<String>,
    pub(super) outputs: Vec<OutputInWords>,
    times: (Duration, Option<Duration>),
}

impl<'a> JobRow<'a> {
    /// What the row is sorted by, where the table is sorted by a column.
    pub(super) fn key(&self, column: usize) -> (String, Option<Duration>) {
        match column {
            0 => (self.action.to_lowercase(), None),
            1 => (self.word.to_owned(), None),
            2 => (String::new(), Some(self.times.0)),
            _ => (String::new(), self.times.1),
        }
    }

    /// Whether its state says how it looks: one that runs moves, and one that looks as most do is told
    /// by the table.
    pub(super) fn is_marked(&self, usual: Tone) -> bool {
        self.tone != usual || self.tone == Tone::Running
    }

    pub(super) fn new(project: Option<&Project>, facts: &'a JobFacts, now: Instant) -> Self {
        let job = &facts.job;
        let (waited, ran) = times(job, now);
        Self {
            action: &job.action,
            path: job_from_request(&job.id.0),
            tone: look::tone_of_job(job),
            word: look::word_of_job(job),
            reason: reason(facts),
            waited: look::duration(waited),
            ran: ran.map(look::duration),
            outputs: outputs_of(project, &job.action),
            times: (waited, ran),
        }
    }
}

/// How long a job waited, and how long it ran.
pub(crate) fn times(job: &Job, now: Instant) -> (Duration, Option<Duration>) {
    let at = |millis: i64| Instant::from_millis(millis);
    let created = at(job.created_at.0);
    let ended = job.completed_at.map(|ended| at(ended.0));
    match job.started_at.map(|started| at(started.0)) {
        Some(started) => {
            let until = ended.unwrap_or(now);
            (started.since(created), Some(until.since(started)))
        }
        None => (ended.unwrap_or(now).since(created), None),
    }
}

fn reason(facts: &JobFacts) -> Option<String> {
    let job = &facts.job;
    let says_all =
        job.code == StatusCode::Executing || (job.state() == State::Succeeded && !job.withheld);
    if says_all {
        return None;
    }
    let mut text = facts.reason.clone().unwrap_or_else(|| job.sentence());
    if let Some(position) = facts
        .queue_position
        .filter(|_| job.state() == State::Pending)
    {
        text += &[" (", &ordinal(position), " in the queue)"].concat();
    }
    if let Some(cancelled) = &job.cancelled {
        let at = Instant::from_millis(cancelled.at.0).absolute();
        text += &[" by ", &cancelled.by, " at ", &at].concat();
    }
    Some(text)
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_endings() {
        let words = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal);
        assert_eq!(
            words,
            [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"
            ]
        );
    }
}

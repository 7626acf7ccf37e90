//! How the states of jobs and requests look and what they are called.

use std::time::Duration;

use glovebox_jobs::{Job, RequestStatus, State, StatusCode};
use glovebox_ui::Tone;

/// How a job's state looks.
pub(crate) fn tone_of_job(job: &Job) -> Tone {
    match (job.state(), job.code) {
        (State::Pending, _) => Tone::Waiting,
        (State::Running, _) => Tone::Running,
        (State::Succeeded, _) if job.withheld => Tone::Withheld,
        (State::Succeeded, _) => Tone::Succeeded,
        (State::Failed, StatusCode::CancelledByUser | StatusCode::KilledByAdmin) => Tone::Cancelled,
        (State::Failed, _) => Tone::Failed,
    }
}

/// A job's state in one or two words.
pub(crate) fn word_of_job(job: &Job) -> &'static str {
    match tone_of_job(job) {
        Tone::Waiting => "waiting",
        Tone::Running => "running",
        Tone::Succeeded => "succeeded",
        Tone::Withheld => "succeeded, withheld",
        Tone::Cancelled => "cancelled",
        Tone::Failed => "failed",
    }
}

/// How a request's status looks, and what it is called.
pub fn of_request(status: RequestStatus) -> (Tone, &'static str) {
    match status {
        RequestStatus::Pending => (Tone::Waiting, "Waiting"),
        RequestStatus::Running => (Tone::Running, "Running"),
        RequestStatus::Succeeded => (Tone::Succeeded, "Succeeded"),
        RequestStatus::Failed => (Tone::Failed, "Failed"),
        RequestStatus::NothingToDo => (Tone::Succeeded, "Nothing to do"),
        RequestStatus::Unknown => (Tone::Waiting, "Unknown"),
        RequestStatus::UnknownErrorCreatingJobs => {
            (Tone::Failed, "It is not known whether its jobs were made")
        }
    }
}

/// How a job's state looks where no more than that is known.
pub fn of_state(state: State) -> (Tone, &'static str) {
    match state {
        State::Pending => (Tone::Waiting, "waiting"),
        State::Running => (Tone::Running, "running"),
        State::Succeeded => (Tone::Succeeded, "succeeded"),
        State::Failed => (Tone::Failed, "failed"),
    }
}

/// A duration in its two largest units: `420 ms`, `12.3 s`, `4 min 05 s`, `9 h 29 min`.
pub(crate) fn duration(duration: Duration) -> String {
    glovebox_ui::duration_in_words(duration)
}

/// The beginning of a commit, as people write it.
pub(crate) fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}

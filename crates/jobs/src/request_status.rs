//! Where a job request stands, as its jobs have it.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{job::Job, state::State, time::Timestamp};

/// The states of a job request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    /// No job of it has started.
    Pending,
    /// A job of it runs, or some have ended and others wait.
    Running,
    /// It ended, and a job of it failed; or it was refused.
    Failed,
    /// All its jobs succeeded.
    Succeeded,
    /// There was nothing to do.
    NothingToDo,
    /// Its jobs make no sense together.
    Unknown,
    /// Nobody knows whether its jobs were made.
    UnknownErrorCreatingJobs,
}

impl RequestStatus {
    /// Every status there is.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Failed,
        Self::Succeeded,
        Self::NothingToDo,
        Self::Unknown,
        Self::UnknownErrorCreatingJobs,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Succeeded => "succeeded",
            Self::NothingToDo => "nothing_to_do",
            Self::Unknown => "unknown",
            Self::UnknownErrorCreatingJobs => "unknown_error_creating_jobs",
        }
    }

    /// Whether it may still change. One that may not is never worked out again.
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Running | Self::Unknown | Self::UnknownErrorCreatingJobs
        )
    }

    /// What a request stands at whose kept status is `self` and whose jobs stand at these words.
    ///
    /// In this order, as in OpenSAFELY's job-server: a status that is not active stays. Without jobs
    /// it stays too. If all words are equal, in any case of letters, they are it; no word is pending,
    /// and one that is no status is unknown. Else running, if any is running or pending; failed, if any is;
    /// and otherwise unknown.
    #[must_use]
    pub fn derive<'w>(self, words: impl IntoIterator<Item = &'w str>) -> Self {
        if !self.is_active() {
            return self;
        }
        let words: Vec<String> = words.into_iter().map(str::to_lowercase).collect();
        let Some(first) = words.first() else {
            return self;
        };
        if words.iter().all(|word| word == first) {
            let known = Self::ALL
                .into_iter()
                .find(|status| status.as_str() == first);
            return match known {
                None if first.is_empty() => Self::Pending,
                None => Self::Unknown,
                Some(status) => status,
            };
        }
        let any = |status: Self| words.iter().any(|word| word == status.as_str());
        if any(Self::Running) || any(Self::Pending) {
            Self::Running
        } else if any(Self::Failed) {
            Self::Failed
        } else {
            Self::Unknown
        }
    }
}

impl fmt::Display for RequestStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A job request summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Where it stands.
    pub status: RequestStatus,
    /// How many of its jobs are in each state, in the order of [`State::ALL`].
    pub jobs: [usize; 4],
    /// When its first job started.
    pub started_at: Option<Timestamp>,
    /// When its last job ended; only once its status is not active.
    pub completed_at: Option<Timestamp>,
    /// How long its jobs ran in all: not the time that passed from start to end.
    pub runtime: Duration,
}

impl Summary {
    /// Sums up the jobs of a request whose kept status is `kept`.
    ///
    /// The runtime is the sum over jobs that ended of what lies between start and end, where that
    /// is positive.
    pub fn of<'j>(kept: RequestStatus, jobs: impl IntoIterator<Item = &'j Job>) -> Self {
        let mut words = Vec::new();
        let mut counts = [0; 4];
        let mut started_at: Option<Timestamp> = None;
        let mut completed_at: Option<Timestamp> = None;
        let mut runtime = Duration::ZERO;
        for job in jobs {
            let state = job.state();
            words.push(state.as_str());
            counts[State::ALL
                .iter()
                .take_while(|other| **other != state)
                .count()] += 1;
            if let Some(started) = job.started_at {
                started_at = Some(started_at.map_or(started, |first| first.min(started)));
                if let Some(completed) = job.completed_at
                    && state.is_final()
                {
                    runtime = runtime.saturating_add(completed.since(started));
                }
            }
            completed_at = completed_at.max(job.completed_at);
        }
        let status = kept.derive(words);
        Self {
            status,
            jobs: counts,
            started_at,
            completed_at: completed_at.filter(|_| !status.is_active()),
            runtime,
        }
    }

    /// How many jobs succeeded; the reference calls these the completed ones.
    pub fn succeeded(&self) -> usize {
        self.jobs[2]
    }

    /// How many jobs there are.
    pub fn total(&self) -> usize {
        self.jobs.iter().sum()
    }

    /// The runtime as `HH:MM:SS`, with as many hours as there are; `-` if there is none.
    pub fn runtime_in_words(&self) -> String {
        let seconds = self.runtime.as_secs();
        if seconds == 0 {
            return "-".to_owned();
        }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_follows_from_those_of_the_jobs() {
        use RequestStatus::{
            Failed, NothingToDo, Pending, Running, Succeeded, Unknown, UnknownErrorCreatingJobs,
        };
        let cases: &[(RequestStatus, &[&str], RequestStatus)] = &[
            (Pending, &[], Pending),
            (UnknownErrorCreatingJobs, &[], UnknownErrorCreatingJobs),
            (Failed, &["succeeded", "succeeded"], Failed),
            (Succeeded, &["running"], Succeeded),
            (NothingToDo, &["running"], NothingToDo),
            (Pending, &["succeeded", "Succeeded"], Succeeded),
            (Pending, &["FAILED"], Failed),
            (Running, &["", ""], Pending),
            (Running, &["completed"], Unknown),
            (Running, &["nothing_to_do"], NothingToDo),
            (Unknown, &["pending", "pending"], Pending),
            (Unknown, &["unknown"], Unknown),
            (Pending, &["failed", "pending", "running"], Running),
            (Pending, &["failed", "pending", "succeeded"], Running),
            (Pending, &["pending", "succeeded"], Running),
            (Pending, &["PENDING", "failed"], Running),
            (Pending, &["failed", "succeeded"], Failed),
            (Pending, &["succeeded", "what"], Unknown),
            (Pending, &["", "succeeded"], Unknown),
            (UnknownErrorCreatingJobs, &["succeeded", "failed"], Failed),
        ];
        for (kept, words, status) in cases {
            assert_eq!(
                kept.derive(words.iter().copied()),
                *status,
                "{kept} {words:?}"
            );
        }
    }

    #[test]
    fn words_are_stable() {
        for status in RequestStatus::ALL {
            let json = serde_json::to_string(&status).expect("JSON");
            assert_eq!(json, format!("\"{status}\""));
        }
    }
}

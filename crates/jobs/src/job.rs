//! A job: what it is, where it stands, and what it has been through.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, JobId, TaskId},
    state::{State, StatusCode},
    time::Timestamp,
};

/// One action to be run once for a request, in full: what is kept of it is this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// The request that made it.
    pub request: String,
    /// The backend it runs on.
    pub backend: String,
    /// The workspace it belongs to; fairness is between these.
    pub workspace: String,
    /// The action, as named in `project.yaml`.
    pub action: String,
    /// What it runs, as one line of quoted words: the `run` of the action, and its `config` if any.
    pub run_command: String,
    /// Whether it may connect to the patients' database.
    pub requires_db: bool,
    /// The actions whose outputs it reads.
    pub needs: Vec<String>,
    /// The jobs it waits for: those for its needs that had not ended when it was made.
    pub wait_for: Vec<JobId>,
    /// How long it may run, instead of what its backend allows.
    pub time_limit: Option<Duration>,
    /// Why it stands where it does, and so its state.
    pub code: StatusCode,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed, or was last heard of if it runs.
    pub updated_at: Timestamp,
    /// When its present attempt, or the last one if it has ended, began.
    pub started_at: Option<Timestamp>,
    /// When it ended; never before it started.
    pub completed_at: Option<Timestamp>,
    /// How many attempts there were.
    pub tasks: u32,
    /// How many attempts ended by a fault of the machinery.
    pub faults: u32,
    /// The agent that may be at work on the newest attempt. A pending job that has one waits until
    /// that agent has stopped.
    pub holder: Option<AgentId>,
    /// Who had it cancelled.
    pub cancelled: Option<Cancellation>,
    /// What its command ended with.
    pub exit_code: Option<i32>,
    /// Whether a file meant to be moderately sensitive was withheld.
    pub withheld: bool,
}

impl Job {
    /// Its state.
    pub fn state(&self) -> State {
        self.code.state()
    }

    /// Its newest attempt.
    pub fn task(&self) -> Option<TaskId> {
        (self.tasks > 0).then(|| TaskId {
            job: self.id.clone(),
            number: self.tasks,
        })
    }

    /// Takes a new code at a time, and keeps the times in step with it.
    pub(crate) fn take(&mut self, code: StatusCode, now: Timestamp) {
        debug_assert!(self.code.may_become(code), "{} to {code}", self.code);
        let before = self.state();
        self.code = code;
        self.updated_at = now;
        match code.state() {
            State::Pending if before == State::Running => self.started_at = None,
            State::Pending => {}
            State::Running => {
                self.started_at.get_or_insert(now);
            }
            State::Succeeded | State::Failed => {
                // A clock that was set back makes nothing end before it began.
                self.completed_at = Some(self.started_at.map_or(now, |started| started.max(now)));
                self.holder = None;
            }
        }
    }
}

/// Who ended a job, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Their user name.
    pub by: String,
    /// In what part.
    pub role: CancelledAs,
    /// When.
    pub at: Timestamp,
}

/// In what part somebody ends a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledAs {
    /// As somebody who may cancel jobs of this study.
    User,
    /// As somebody who runs the service.
    Administrator,
}

impl CancelledAs {
    /// The code of a job that was ended so.
    pub const fn code(self) -> StatusCode {
        match self {
            Self::User => StatusCode::CancelledByUser,
            Self::Administrator => StatusCode::KilledByAdmin,
        }
    }
}

//! What is said to a backend.

use std::time::Duration;

use glovebox_jobs::{Ask, Event, IgnoredBecause, JobId, JobRequest, NothingToDo, Refused, TaskId};
use glovebox_pipeline::Project;
use glovebox_protocol::{Answer, Metrics, Reason};
use tokio::sync::oneshot;

use crate::audit::Deed;

/// A message to a backend. Whoever drops the other end of `answer` is no longer interested.
pub(crate) enum Message {
    /// An agent would take tasks.
    Ask {
        ask: Ask,
        /// How long it would wait for one.
        wait: Duration,
        answer: oneshot::Sender<Answer>,
    },
    /// Something happened.
    Tell {
        tell: Tell,
        /// For each event, why it changed nothing, if so.
        answer: oneshot::Sender<Vec<Option<IgnoredBecause>>>,
    },
    /// Somebody asks for jobs.
    Create {
        new: Box<NewRequest>,
        answer: oneshot::Sender<Result<Made, CannotCreate>>,
    },
    /// Somebody would know in which order jobs start.
    Queue { answer: oneshot::Sender<Vec<JobId>> },
}

/// Events of one moment.
#[derive(Debug, Default)]
pub(crate) struct Tell {
    pub(crate) events: Vec<Event>,
    /// What an agent said beside the first event; kept only if that counts.
    pub(crate) note: Option<Note>,
    /// Kept if any event counts.
    pub(crate) deed: Option<Deed>,
}

/// What an agent says of a task that does not decide anything.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) task: TaskId,
    pub(crate) reason: Option<Reason>,
    pub(crate) metrics: Option<Metrics>,
}

/// A request whose project was read and checked, by somebody who may ask for it.
#[derive(Debug)]
pub(crate) struct NewRequest {
    pub(crate) request: JobRequest,
    pub(crate) project: Project,
    /// The text of the project file.
    pub(crate) definition: String,
    pub(crate) workspace_id: i64,
    pub(crate) repo_url: String,
    pub(crate) branch: String,
    pub(crate) commit: String,
    pub(crate) created_by: i64,
    /// Whether who asked is told when it has ended.
    pub(crate) will_notify: bool,
    pub(crate) deed: Deed,
}

/// A request that was taken and kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) number: i64,
    pub(crate) nothing_to_do: Option<NothingToDo>,
}

/// Why a request was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CannotCreate {
    /// It keeps not to the rules.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its jobs do not go together with those that are there.
    #[error("the jobs of this request cannot be scheduled: {0}")]
    Conflict(#[from] glovebox_jobs::CannotAdd),
}

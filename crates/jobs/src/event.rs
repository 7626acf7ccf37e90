//! What happens to the jobs of a backend, and what comes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, JobId, TaskId},
    job::{CancelledAs, Job},
    state::StatusCode,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An agent has come to a stage of a task. Renews its lease.
    Progress {
        /// Who says so.
        agent: AgentId,
        /// Of which task.
        task: TaskId,
        /// The stage.
        stage: Stage,
    },
    /// An agent is still at work on a task. Renews its lease.
    Renewed {
        /// Who says so.
        agent: AgentId,
        /// Of which task.
        task: TaskId,
    },
    /// An agent has ended a task and all that belongs to it.
    Finished {
        /// Who says so.
        agent: AgentId,
        /// Of which task.
        task: TaskId,
        /// How it ended.
        result: TaskResult,
    },
    /// An agent has stopped a task that it was told to stop.
    Stopped {
        /// Who says so.
        agent: AgentId,
        /// Of which task.
        task: TaskId,
    },
    /// Somebody wants a job ended.
    Cancel {
        /// Which.
        job: JobId,
        /// Their user name.
        by: String,
        /// In what part they ask.
        role: CancelledAs,
    },
    /// Nothing more is to start; what runs goes on.
    Pause,
    /// Jobs may start again.
    Resume,
    /// The database is being maintained: what uses it stops, and starts anew afterwards.
    MaintenanceBegan,
    /// The database is there again.
    MaintenanceEnded,
    /// The machine will be restarted: nothing more is to start, and what runs stops, and starts
    /// anew after [`Self::Resume`].
    PrepareForReboot,
}

/// The stages of a task that an agent reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Code and inputs are being laid out.
    Preparing,
    /// Code and inputs are laid out.
    Prepared,
    /// The command runs.
    Executing,
    /// The command ended.
    Executed,
    /// Outputs are being collected.
    Finalizing,
    /// Outputs are collected.
    Finalized,
}

impl Stage {
    /// The code of a job at this stage.
    pub const fn code(self) -> StatusCode {
        match self {
            Self::Preparing => StatusCode::Preparing,
            Self::Prepared => StatusCode::Prepared,
            Self::Executing => StatusCode::Executing,
            Self::Executed => StatusCode::Executed,
            Self::Finalizing => StatusCode::Finalizing,
            Self::Finalized => StatusCode::Finalized,
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskResult {
    /// The command ended by itself.
    Exited {
        /// What it ended with; 0 if all is well.
        exit_code: i32,
        /// Whether an output that was declared is missing.
        unmatched_patterns: bool,
        /// Whether a file meant to be moderately sensitive was withheld.
        withheld: bool,
    },
    /// The agent ended it because it ran too long.
    TimedOut,
    /// The agent could not do it, but it, or another, may be able to later.
    MayPass,
    /// The agent cannot do it, and nor will any other.
    WillNotPass,
}

impl TaskResult {
    /// Whether the job succeeded.
    pub const fn is_success(self) -> bool {
        matches!(
            self,
            Self::Exited {
                exit_code: 0,
                unmatched_patterns: false,
                ..
            }
        )
    }
}

/// An agent that would take tasks now.
///
/// An agent asks once at a time, so what it does not hold although it was handed out to it was lost
/// on the way, and is handed out again. An ask that was answered is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who.
    pub agent: AgentId,
    /// How many it would take.
    pub slots: u32,
    /// Every task it has not reported the end of.
    pub holds: Vec<TaskId>,
}

/// What came of events and of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Effects {
    /// Every job that changed, as it is now; those that ended first. To be kept before anything
    /// below is sent.
    pub changed: Vec<Job>,
    /// What agents are to begin.
    pub handed_out: Vec<HandOut>,
    /// What agents are to stop. An agent that does not hear of it learns it from
    /// [`Backend::stops`](crate::Backend::stops).
    pub stops: Vec<Stop>,
    /// Events that changed nothing.
    pub ignored: Vec<Ignored>,
}

/// A task that an agent is to begin, under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOut {
    /// The task.
    pub task: TaskId,
    /// Who is to do it.
    pub agent: AgentId,
    /// How long the agent may be silent.
    pub lease: Duration,
    /// How long it may run.
    pub time_limit: Option<Duration>,
    /// Whether it was handed to the same agent before, which does not hold it now: it was lost on
    /// the way, or the agent has lost it and is to clear away what it began.
    pub again: bool,
}

/// A task that an agent is to stop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// The task.
    pub task: TaskId,
    /// Who holds it.
    pub agent: AgentId,
}

/// An event that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Its place in the list that was given.
    pub event: usize,
    /// Why.
    pub why: IgnoredBecause,
}

/// Why an event changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum IgnoredBecause {
    /// There is no such job, or it has ended.
    #[error("there is no such job, or it has ended")]
    NotActive,
    /// The task is not the newest of its job, or not this agent's, or its lease is over: the agent
    /// is to stop it.
    #[error("this task is no longer with this agent: it is to stop")]
    NotHeld,
    /// The task had been stopped before the agent said how it ended.
    #[error("this task had been stopped: its result is not used")]
    StoppedBefore,
}

//! Between the server and the agent beside the data. The agent asks; the server never calls.
//!
//! Both calls are `POST` with a backend's token as `Authorization: Bearer …`, which says which backend
//! the agent speaks for: no message names one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{integer, openapi::bounds};

/// Asks for tasks, and waits for one. The body is [`Ask`], the answer [`Answer`].
pub const PATH_ASK: &str = "/api/agent/v1/ask";

/// Says what happened to a task. The body is [`Report`], the answer [`Verdict`].
pub const PATH_REPORT: &str = "/api/agent/v1/report";

/// An agent would take tasks. One is under way at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The agent's name, unique in its backend and the same after a restart.
    #[schema(max_length = 100, pattern = "^[A-Za-z0-9._-]+$", example = "tpp-1")]
    pub agent: String,
    /// How many tasks it would take now.
    #[serde(deserialize_with = "integer::narrow")]
    #[schema(maximum = 10_000, example = 0)]
    pub slots: u32,
    /// Every task that it holds and has not reported the end of.
    #[schema(schema_with = bounds::tasks)]
    pub holds: Vec<String>,
    /// How long the server may wait for something to say; it waits 30 s at most.
    #[serde(deserialize_with = "integer::narrow")]
    #[schema(maximum = 3_600, example = 0)]
    pub wait_seconds: u32,
}

/// What an agent is to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Tasks to begin.
    pub begin: Vec<Task>,
    /// Tasks to stop, and then to report as [`Happened::Stopped`].
    pub stop: Vec<String>,
}

/// A task: one attempt at one job, under a lease.
///
/// It says *what was asked*. What is allowed is for the agent to say: it has its own lists of
/// repositories, runtimes and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Task {
    /// Names the attempt; every report repeats it.
    pub task: String,
    /// Whether it was handed out to this agent before: what it began is to be cleared away first.
    pub again: bool,
    /// How long the agent may be silent about it, counted from when it *sent* what renewed it.
    pub lease_seconds: u64,
    /// How long it may run, if that is limited.
    pub time_limit_seconds: Option<u64>,
    /// The workspace whose outputs it reads and adds to.
    pub workspace: String,
    /// Where the code is.
    pub repo: String,
    /// The commit, 40 hexadecimal digits, at which `project.yaml` and the code are read.
    pub commit: String,
    /// The action.
    pub action: String,
    /// Whether it may be given patients' records.
    pub requires_db: bool,
    /// The job request that it belongs to, for the record.
    pub request: String,
    /// Who asked for it, for the record.
    pub requested_by: String,
}

/// Something happened to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The agent.
    #[schema(max_length = 100, pattern = "^[A-Za-z0-9._-]+$", example = "tpp-1")]
    pub agent: String,
    /// The task.
    #[schema(
        pattern = "^[a-z2-7]{16}-(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,8})$",
        example = "abcdefghij234567-001"
    )]
    pub task: String,
    /// What happened.
    pub happened: Happened,
    /// What it has used so far, where that was measured.
    pub metrics: Option<Metrics>,
}

/// What happened to a task. Whatever it is, the lease begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Happened {
    /// It came to a stage.
    Stage(Stage),
    /// It goes on.
    GoesOn,
    /// It ended, and so did all that belongs to it.
    Ended(Ended),
    /// It was stopped because the server said so.
    Stopped,
}

/// The stages of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Code and inputs are being laid out.
    Preparing,
    /// The command runs.
    Executing,
    /// Outputs are being collected and filed.
    Finalizing,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ended {
    /// Its outputs are filed.
    Succeeded {
        /// Whether a file meant to be moderately sensitive was withheld.
        withheld: bool,
    },
    /// It failed, and would fail again.
    Failed(Reason),
    /// The machine could not do it now, and it, or another, may be able to later.
    MayPass,
}

/// Why a task failed: all that is said of it outside the secure zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The command ended with a code other than zero.
    NonzeroExit,
    /// A declared output was not made, or is nothing that may be kept.
    MissingOutputs,
    /// It changed an output of another action.
    ChangedInputs,
    /// The outputs of an action that it needs are not there.
    MissingInputs,
    /// A script that the command names does not exist.
    MissingScript,
    /// The study definition could not be evaluated, or asks for something impossible.
    StudyDefinition,
    /// The command could not be started.
    CouldNotStart,
    /// It used more memory than it may.
    OutOfMemory,
    /// It ran longer than it may.
    TimedOut,
    /// It used more processor time than it may.
    CpuTime,
    /// It wrote more to disk than it may.
    DiskLimit,
    /// It started more processes than it may.
    TooManyProcesses,
    /// A signal from elsewhere ended it.
    Signalled,
    /// This backend does not allow it: the repository, the commit, the runtime or the action.
    NotAllowed,
    /// The code could not be read at its commit, or its `project.yaml` is rejected there.
    Code,
    /// A defect in Glovebox.
    Internal,
}

/// What a task has used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Processors kept busy, on average.
    #[schema(minimum = 0)]
    pub cpu_mean: f64,
    /// Most processors kept busy at once.
    #[schema(minimum = 0)]
    pub cpu_peak: f64,
    /// Memory on average, in bytes.
    #[serde(deserialize_with = "integer::wide")]
    #[schema(maximum = 9_223_372_036_854_775_807_u64)]
    pub memory_mean: u64,
    /// Most memory at once, in bytes.
    #[serde(deserialize_with = "integer::wide")]
    #[schema(maximum = 9_223_372_036_854_775_807_u64)]
    pub memory_peak: u64,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It counts.
    Noted,
    /// The task is no longer with this agent: it is to stop it, and to forget it.
    NotYours,
    /// Nothing more is expected of this task.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_as_documented() {
        let report = Report {
            agent: "a".to_owned(),
            task: "j-1".to_owned(),
            happened: Happened::Ended(Ended::Failed(Reason::OutOfMemory)),
            metrics: None,
        };
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(
            text,
            r#"{"agent":"a","task":"j-1","happened":{"ended":{"failed":"out_of_memory"}},"metrics":null}"#
        );
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
        let more = text.replace("\"metrics\"", "\"log\":\"a row\",\"metrics\"");
        assert!(
            serde_json::from_str::<Report>(&more).is_err(),
            "no room for text"
        );
    }
}

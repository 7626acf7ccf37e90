//! Between the server and a person's program (`glovebox submit`, `status`, `cancel`).
//!
//! A personal token as `Authorization: Bearer …` says who calls. What anonymous visitors may see, `GET`
//! answers without one.

use serde::{Deserialize, Serialize};

/// `POST` here with a [`CreateRequest`] asks for jobs and answers [`Created`]; `GET` below it, at
/// `/{number}`, answers a [`JobRequest`]; `POST` at `/{number}/cancel` takes a [`CancelRequest`].
pub const PATH_JOB_REQUESTS: &str = "/api/v1/job-requests";

/// Asks for actions to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRequest {
    /// The workspace.
    pub workspace: String,
    /// The backend.
    pub backend: String,
    /// A branch or a commit; the workspace's branch if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// Actions, or `run_all`.
    pub actions: Vec<String>,
    /// Whether all that the actions need runs anew too.
    #[serde(default)]
    pub force_run_dependencies: bool,
    /// Whether who asks is told when it has ended.
    #[serde(default)]
    pub notify: bool,
}

/// A request that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The request, as it is now.
    pub request: JobRequest,
    /// Why there was nothing to do, if so.
    pub nothing_to_do: Option<String>,
}

/// A job request as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// Its public number.
    pub number: i64,
    /// Its name between systems, 16 characters.
    pub id: String,
    /// Its page, as a path of this server.
    pub path: String,
    /// The workspace.
    pub workspace: String,
    /// The backend.
    pub backend: String,
    /// The commit.
    pub commit: String,
    /// `pending`, `running`, `succeeded`, `failed`, `nothing_to_do`, …
    pub status: String,
    /// The actions that were asked for.
    pub requested_actions: Vec<String>,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
}

/// A job as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name, 16 characters.
    pub id: String,
    /// The action.
    pub action: String,
    /// `pending`, `running`, `succeeded` or `failed`.
    pub state: String,
    /// Why it stands where it does, as a stable word.
    pub status_code: String,
    /// The same as a sentence.
    pub status_message: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub started_at: Option<i64>,
    /// Milliseconds since 1970.
    pub completed_at: Option<i64>,
}

/// Cancels jobs of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// The actions; all that have not ended if there are none.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable word: `unauthorised`, `not_found`, `project_rejected`, `refused`, …
    pub code: String,
    /// One sentence for a person: what is wrong, and what to do.
    pub message: String,
    /// What is wrong with `project.yaml`, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with `project.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word.
    pub kind: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// A sentence that says how to mend it.
    pub message: String,
}

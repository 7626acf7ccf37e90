//! Between the server and a person's program (`glovebox submit`, `status`, `logs`, `cancel`).
//!
//! A personal token as `Authorization: Bearer …` says who calls. What anonymous visitors may see, `GET`
//! answers without one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::openapi::bounds;

/// `POST` here with a [`CreateRequest`] asks for jobs and answers [`Created`], `GET` lists; `GET` below it,
/// at `/{number}`, answers a [`JobRequest`]; `POST` at `/{number}/cancel` takes a [`CancelRequest`].
pub const PATH_JOB_REQUESTS: &str = "/api/v1/job-requests";

/// Asks for actions to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRequest {
    /// The workspace.
    #[schema(
        max_length = 100,
        pattern = "^[a-z0-9][a-z0-9_-]*$",
        example = "sick-notes"
    )]
    pub workspace: String,
    /// The backend.
    #[schema(
        max_length = 100,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        example = "tpp"
    )]
    pub backend: String,
    /// A branch or a commit; the workspace's branch if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "main")]
    pub git_ref: Option<String>,
    /// Actions, or `run_all`.
    #[schema(schema_with = bounds::actions_to_run)]
    pub actions: Vec<String>,
    /// Whether all that the actions need runs anew too.
    #[serde(default)]
    pub force_run_dependencies: bool,
    /// Whether who asks is told when it has ended.
    #[serde(default)]
    pub notify: bool,
}

/// A request that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Created {
    /// The request, as it is now.
    pub request: JobRequest,
    /// Why there was nothing to do, if so.
    pub nothing_to_do: Option<String>,
}

/// A job request as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRequest {
    /// Its public number.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Its name between systems.
    #[schema(pattern = "^[a-z2-7]{16}$")]
    pub id: String,
    /// Its page, as a path of this server.
    pub path: String,
    /// The workspace.
    pub workspace: String,
    /// The backend.
    pub backend: String,
    /// The commit.
    #[schema(pattern = "^[0-9a-f]{40}$")]
    pub commit: String,
    /// Where it stands.
    #[schema(schema_with = bounds::request_status)]
    pub status: String,
    /// A sentence that says more than the status, if there is more to say.
    pub message: Option<String>,
    /// The user name of who asked.
    pub created_by: String,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
    /// When the last of its jobs ended, in milliseconds since 1970.
    pub completed_at: Option<i64>,
    /// The actions that were asked for.
    pub requested_actions: Vec<String>,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
}

/// A job as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its name.
    #[schema(pattern = "^[a-z2-7]{16}$")]
    pub id: String,
    /// The action.
    pub action: String,
    /// Its state.
    #[schema(schema_with = bounds::job_state)]
    pub state: String,
    /// Why it stands where it does, as a stable word.
    #[schema(pattern = "^[a-z_]+$")]
    pub status_code: String,
    /// The same as a sentence.
    pub status_message: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it last changed, or was last heard of, in milliseconds since 1970.
    pub updated_at: i64,
    /// When its present or last attempt began, in milliseconds since 1970.
    pub started_at: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    pub completed_at: Option<i64>,
    /// Who had it cancelled, if somebody did.
    pub cancelled: Option<Cancelled>,
}

/// Who had a job cancelled, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancelled {
    /// Their user name.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// Cancels jobs of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// The actions; all that have not ended if there are none.
    #[serde(default)]
    #[schema(schema_with = bounds::actions_to_cancel)]
    pub actions: Vec<String>,
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// A stable word: `unauthorised`, `not_found`, `project_rejected`, `refused`, …
    #[schema(pattern = "^[a-z_]+$")]
    pub code: String,
    /// One sentence for a person: what is wrong, and what to do.
    #[schema(min_length = 1)]
    pub message: String,
    /// What is wrong with `project.yaml`, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with `project.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

//! What anybody may read of many requests at once, without a token.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::openapi::bounds;

/// `GET` below it, at `/{name}/statuses`, answers [`WorkspaceStatuses`].
pub const PATH_WORKSPACES: &str = "/api/v1/workspaces";

/// Which requests; what is not said does not matter. Names that do not exist lead to an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only requests at this status.
    #[param(schema_with = bounds::request_status)]
    pub status: Option<String>,
    /// Only requests on this backend.
    #[param(
        max_length = 100,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        nullable = false
    )]
    pub backend: Option<String>,
    /// Only requests of this project.
    #[param(
        max_length = 100,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        nullable = false
    )]
    pub project: Option<String>,
    /// Only requests of this workspace.
    #[param(
        max_length = 100,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        nullable = false
    )]
    pub workspace: Option<String>,
    /// Only requests of this user name.
    #[param(
        max_length = 100,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        nullable = false
    )]
    pub created_by: Option<String>,
    /// Only requests with a lower number: what an earlier page gave as `next`.
    #[param(minimum = 1, maximum = 9_223_372_036_854_775_807_i64, nullable = false)]
    pub before: Option<i64>,
    /// How many at most; 25 if it is not said.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    pub size: Option<u32>,
}

/// A part of the list of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRequestPage {
    /// The newest first.
    pub job_requests: Vec<JobRequestRow>,
    /// Where the next page begins ([`ListQuery::before`]), if there is one.
    pub next: Option<i64>,
}

/// A request as a line in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRequestRow {
    /// Its public number.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Its page, as a path of this server.
    pub path: String,
    /// The organisation.
    pub organisation: String,
    /// The project.
    pub project: String,
    /// The workspace.
    pub workspace: String,
    /// The backend.
    pub backend: String,
    /// Where it stands.
    #[schema(schema_with = bounds::request_status)]
    pub status: String,
    /// The user name of who asked.
    pub created_by: String,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
    /// When its first job started, in milliseconds since 1970.
    pub started_at: Option<i64>,
    /// When the last of its jobs ended, in milliseconds since 1970.
    pub completed_at: Option<i64>,
    /// The actions that were asked for.
    pub requested_actions: Vec<String>,
    /// How many jobs are in each state.
    pub jobs: JobCounts,
}

/// How many jobs are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCounts {
    /// Not started.
    pub pending: u64,
    /// Under way.
    pub running: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Failed or cancelled.
    pub failed: u64,
}

/// Where the actions of a workspace stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceStatuses {
    /// The workspace.
    pub workspace: String,
    /// By action and backend: each that was ever asked for.
    pub statuses: Vec<ActionStatus>,
}

/// Where an action stands on a backend: the newest job of it that nobody cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionStatus {
    /// The action.
    pub action: String,
    /// The backend.
    pub backend: String,
    /// The state of its job.
    #[schema(schema_with = bounds::job_state)]
    pub state: String,
    /// The number of the request that the job belongs to.
    #[schema(minimum = 1)]
    pub job_request: i64,
    /// When it ended, in milliseconds since 1970.
    pub completed_at: Option<i64>,
}

//! A job request, with its jobs summed up, so that lists read no jobs.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub number: i64,
    /// 16 characters.
    pub id: String,
    pub workspace_id: i64,
    pub backend_id: i64,
    pub created_by: i64,
    /// As it was when the request was made, and so are branch and commit.
    pub repo_url: String,
    pub branch: String,
    pub commit_sha: String,
    pub definition_digest: String,
    /// A JSON array of texts.
    pub requested_actions: String,
    pub force_run_dependencies: bool,
    /// Whether who asked is told when it has ended.
    pub will_notify: bool,
    pub created_at: i64,
    /// A word of [`glovebox_jobs::RequestStatus`].
    pub status: String,
    /// A sentence that says more than the status, if there is more to say.
    pub message: Option<String>,
    pub jobs_pending: i64,
    pub jobs_running: i64,
    pub jobs_succeeded: i64,
    pub jobs_failed: i64,
    pub started_at: Option<i64>,
    /// Nothing while the status is active.
    pub completed_at: Option<i64>,
    /// The sum over jobs, not the time that passed.
    pub runtime_ms: i64,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

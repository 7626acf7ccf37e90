//! A job request as one row of a list.

use glovebox_jobs::RequestStatus;
use glovebox_ui::Instant;

use crate::look;
use crate::paths::{backend_path, job_request_path, user_path, workspace_path};
use crate::table::Cell;

/// A job request in a list.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// Its public number.
    pub number: i64,
    /// The project's name in addresses.
    pub project: String,
    /// The workspace.
    pub workspace: String,
    /// The backend's name.
    pub backend: String,
    /// Its name in addresses.
    pub backend_slug: String,
    /// Who asked.
    pub requested_by: String,
    /// Their user name.
    pub username: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// How many of its jobs succeeded.
    pub succeeded: usize,
    /// How many jobs it has.
    pub jobs: usize,
    /// When it was made.
    pub created_at: Instant,
}

/// The columns of a list of requests: what each is sorted by in addresses, its head, and whether it holds
/// numbers. [`RequestRow::cells`] has the cells in this order.
pub const REQUEST_COLUMNS: [(&str, &str, bool); 7] = [
    ("number", "Request", false),
    ("status", "State", false),
    ("workspace", "Workspace", false),
    ("succeeded", "Jobs succeeded", true),
    ("backend", "Backend", false),
    ("user", "Requested by", false),
    ("", "Requested", false),
];

impl RequestRow {
    /// The cells.
    pub fn cells(&self) -> Vec<Cell> {
        let (tone, word) = look::of_request(self.status);
        vec![
            Cell::link(
                self.number.to_string(),
                job_request_path(&self.project, &self.workspace, self.number),
            ),
            Cell::State(tone, word),
            Cell::link(
                self.workspace.clone(),
                workspace_path(&self.project, &self.workspace),
            ),
            Cell::Figure(format!("{} of {}", self.succeeded, self.jobs)),
            Cell::link(self.backend.clone(), backend_path(&self.backend_slug)),
            Cell::link(self.requested_by.clone(), user_path(&self.username)),
            Cell::Time(self.created_at),
        ]
    }
}

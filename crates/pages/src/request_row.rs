//! A job request as one row of a list.

use glovebox_jobs::RequestStatus;
use glovebox_ui::{Element, Instant, Tone};

use crate::look;
use crate::paths::{job_request_path, workspace_path};

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
    /// Who asked.
    pub requested_by: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// How many of its jobs succeeded.
    pub succeeded: usize,
    /// How many jobs it has.
    pub jobs: usize,
    /// When it was made.
    pub created_at: Instant,
}

impl RequestRow {
    pub(crate) fn path(&self) -> String {
        job_request_path(&self.project, &self.workspace, self.number)
    }

    pub(crate) fn workspace_path(&self) -> String {
        workspace_path(&self.project, &self.workspace)
    }

    pub(crate) fn tone(&self) -> Tone {
        look::of_request(self.status).0
    }

    pub(crate) fn word(&self) -> &'static str {
        look::of_request(self.status).1
    }

    pub(crate) fn created(&self, now: &Instant) -> Element {
        self.created_at.element(*now)
    }
}

//! Asking whether jobs are to be cancelled, by their names.

use std::fmt;

use askama::Template;
use glovebox_ui::{SCRIPT, STYLE, plain};

use crate::frame::Frame;
use crate::paths::{job_path, job_request_path, workspace_path};

/// The page that asks before jobs are cancelled. Its form is sent to its own address.
#[derive(Debug, Clone, Template)]
#[template(path = "cancel.html")]
pub struct CancelPage {
    /// What stands around it.
    pub frame: Frame,
    /// The project's name in addresses.
    pub project: String,
    /// The workspace.
    pub workspace: String,
    /// The backend's name.
    pub backend: String,
    /// The public number of the request.
    pub number: i64,
    /// The one job that is meant: its name and its action; the whole request without.
    pub job: Option<(String, String)>,
    /// The actions whose jobs would be cancelled; none where all have ended.
    pub actions: Vec<String>,
}

impl CancelPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    fn name(&self) -> String {
        match &self.job {
            Some((_, action)) => format!("{} of job request {}", plain(action), self.number),
            None => format!("job request {}", self.number),
        }
    }

    /// Where whoever keeps the jobs goes back to.
    fn back(&self) -> String {
        match &self.job {
            Some((job, _)) => job_path(&self.project, &self.workspace, self.number, job),
            None => self.request_path(),
        }
    }

    fn request_path(&self) -> String {
        job_request_path(&self.project, &self.workspace, self.number)
    }

    fn workspace_path(&self) -> String {
        workspace_path(&self.project, &self.workspace)
    }
}

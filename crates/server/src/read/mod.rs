//! What pages and the API show: plain values, read in a few short questions each.
//!
//! Everything here may be seen by everybody. What a person may see beyond it is decided elsewhere.

mod actions;
mod backends;
mod deeds;
mod earlier;
mod filter;
mod job_request;
mod latest;
mod members;
mod names;
mod places;
mod projects;
mod workspace;

use std::sync::Arc;

pub use actions::{ActionView, LastRun, OnBackend, WhyStale};
pub use backends::{BackendView, QueuedJob};
pub use earlier::{EarlierRun, EarlierView};
pub use filter::Filter;
pub use job_request::{JobRequestView, JobView};
pub use latest::{Latest, Page, RequestRow, Sort};
pub use names::{Named, Who};
pub use places::{OrganisationView, PersonView, ProjectView, WorkspaceRow};
pub use workspace::{LastJob, WorkspaceView};

use glovebox_pipeline::Project;
use projects::Projects;
use tokio::sync::Semaphore;

use crate::storage::Database;

/// Reads what is to be shown.
#[derive(Debug, Clone)]
pub struct Reader {
    database: Arc<Database>,
    projects: Arc<Projects>,
    searches: Arc<Semaphore>,
}

/// How many searches for a text are under way at once: each reads all there is, and others want the database
/// too.
const SEARCHES: usize = 2;

impl Reader {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            projects: Arc::default(),
            searches: Arc::new(Semaphore::new(SEARCHES)),
        }
    }

    /// The project file of a request as it was read; nothing where it cannot be. Takes a moment if it is
    /// large and was not read lately.
    pub(crate) fn project_file(&self, view: &JobRequestView) -> Option<Arc<Project>> {
        self.projects
            .of(&view.definition_digest, &view.project_yaml)
    }
}

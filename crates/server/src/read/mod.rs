//! What pages and the API show: plain values, read in a few short questions each.
//!
//! Everything here may be seen by everybody. What a person may see beyond it is decided elsewhere.

mod backends;
mod deeds;
mod job_request;
mod latest;
mod names;
mod workspace;

use std::sync::Arc;

pub use backends::BackendView;
pub use job_request::{JobRequestView, JobView};
pub use latest::{Filter, Latest, Page, RequestRow};
pub use names::{Named, Who};
pub use workspace::{LastJob, WorkspaceView};

use crate::storage::Database;

/// Reads what is to be shown.
#[derive(Debug, Clone)]
pub struct Reader {
    database: Arc<Database>,
}

impl Reader {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

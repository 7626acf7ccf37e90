//! What every part of the API works with.

use std::sync::Arc;

use crate::{
    changes::Changes, git::Repositories, read::Reader, scheduling::Scheduling, storage::Database,
};

pub(crate) struct App {
    pub(crate) database: Arc<Database>,
    pub(crate) scheduling: Scheduling,
    pub(crate) repositories: Repositories,
    pub(crate) changes: Changes,
    pub(crate) reader: Reader,
    /// Whether repositories may be folders of this machine.
    pub(crate) allow_file: bool,
}

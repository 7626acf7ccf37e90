//! What every part of the API works with.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::Semaphore;

use crate::{
    changes::Changes, git::Repositories, limits::Limiter, read::Reader, scheduling::Scheduling,
    storage::Database,
};

pub(crate) struct App {
    pub(crate) database: Arc<Database>,
    pub(crate) scheduling: Scheduling,
    pub(crate) repositories: Repositories,
    pub(crate) changes: Changes,
    pub(crate) reader: Reader,
    /// Places for those who watch a request.
    pub(crate) watchers: Arc<Semaphore>,
    /// How often an address may show a token that is none.
    pub(crate) wrong_tokens: Limiter<IpAddr>,
    /// Whether repositories may be folders of this machine.
    pub(crate) allow_file: bool,
}

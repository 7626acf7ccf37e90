//! What every part of the API works with.

use std::{net::IpAddr, sync::Arc};

use crate::{
    changes::Changes,
    git::{Comparisons, Repositories},
    http::Places,
    ledger::Ledger,
    limits::Limiter,
    notify::Notifier,
    people::People,
    read::Reader,
    scheduling::Scheduling,
    storage::Database,
    web::PageCache,
};

pub(crate) struct App {
    pub(crate) database: Arc<Database>,
    pub(crate) scheduling: Scheduling,
    pub(crate) repositories: Repositories,
    pub(crate) comparisons: Comparisons,
    pub(crate) pages: PageCache,
    pub(crate) changes: Changes,
    pub(crate) reader: Reader,
    pub(crate) people: People,
    pub(crate) ledger: Ledger,
    pub(crate) notifier: Arc<Notifier>,
    /// Places for those who watch a request.
    pub(crate) watchers: Arc<Places>,
    /// How often an address may show a token that is none.
    pub(crate) wrong_tokens: Limiter<IpAddr>,
    /// How often an address may ask for a comparison that nobody has made.
    pub(crate) comparing: Limiter<IpAddr>,
    /// Whether it is only for this machine, and so to be called by a name of it.
    pub(crate) is_local: bool,
    /// Whether repositories may be folders of this machine.
    pub(crate) allow_file: bool,
    /// Where people reach it, such as `https://jobs.example.org`, if that was said.
    pub(crate) public_origin: Option<String>,
}

impl App {
    /// Where people reach it, if that was said: scheme, host and port.
    pub(crate) fn public_origin(&self) -> Option<&str> {
        self.public_origin.as_deref()
    }

    /// Whether browsers reach it over TLS only.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_origin()
            .is_some_and(|origin| origin.starts_with("https://"))
    }

    /// The name of the cookie of a session. With the prefix, browsers take it from this host alone.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_secure() {
            "__Host-glovebox"
        } else {
            "glovebox"
        }
    }
}

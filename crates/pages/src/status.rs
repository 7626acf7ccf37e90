//! How the backends are: whether they are heard of, and what they do.

use std::fmt;
use std::time::Duration;

use askama::Template;
use glovebox_ui::{Element, Instant, SCRIPT, STYLE, Tone};

use crate::frame::Frame;

/// A backend that is silent for longer is missing; its agents ask at least twice a minute.
const MISSING_AFTER: Duration = Duration::from_mins(5);

/// One backend.
#[derive(Debug, Clone)]
pub struct BackendFacts {
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// When one of its agents was last heard of.
    pub last_seen: Option<Instant>,
    /// Jobs that run.
    pub running: usize,
    /// Jobs that wait.
    pub waiting: usize,
    /// Nothing more is to start.
    pub paused: bool,
    /// The database is being maintained.
    pub maintenance: bool,
}

/// The backends.
#[derive(Debug, Clone, Template)]
#[template(path = "status.html")]
pub struct StatusPage {
    /// What stands around it.
    pub frame: Frame,
    /// Each of them.
    pub backends: Vec<BackendFacts>,
    /// The present.
    pub now: Instant,
}

impl StatusPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

impl BackendFacts {
    fn look(&self, now: &Instant) -> (Tone, &'static str) {
        let silent = self
            .last_seen
            .is_none_or(|seen| now.since(seen) > MISSING_AFTER);
        match (silent, self.maintenance, self.paused) {
            (true, _, _) => (Tone::Failed, "missing"),
            (_, true, _) => (Tone::Withheld, "database maintenance"),
            (_, _, true) => (Tone::Cancelled, "paused"),
            _ => (Tone::Succeeded, "in order"),
        }
    }

    /// What whoever sends jobs there should know first.
    pub(crate) fn warning(&self, now: &Instant) -> Option<&'static str> {
        match self.look(now).1 {
            "missing" => Some("nothing was heard of it for a while: jobs wait until it is back"),
            "database maintenance" => {
                Some("its database is being maintained: jobs that read it wait")
            }
            "paused" => Some("it is paused: jobs wait until it goes on"),
            _ => None,
        }
    }

    fn tone(&self, now: &Instant) -> Tone {
        self.look(now).0
    }

    fn word(&self, now: &Instant) -> &'static str {
        self.look(now).1
    }

    fn seen(&self, now: &Instant) -> Option<Element> {
        self.last_seen.map(|seen| seen.element(*now))
    }
}

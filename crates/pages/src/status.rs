//! How the backends are: whether they are heard of, and what they do.

use std::time::Duration;

use glovebox_ui::{Instant, Tone};

use crate::paths::backend_path;
use crate::table::Cell;

/// A backend that is silent for longer is missing; its agents ask at least twice a minute.
pub const MISSING_AFTER: Duration = Duration::from_mins(5);

/// One backend.
#[derive(Debug, Clone)]
pub struct BackendFacts {
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Whether it takes requests.
    pub is_active: bool,
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

/// The columns of the list of backends, as those of requests.
pub const BACKEND_COLUMNS: [(&str, &str, bool); 5] = [
    ("name", "Backend", false),
    ("state", "State", false),
    ("seen", "Last heard of", false),
    ("running", "Jobs running", true),
    ("waiting", "Jobs waiting", true),
];

impl BackendFacts {
    /// How it is at a moment, in words.
    pub fn look(&self, now: Instant) -> (Tone, &'static str) {
        let silent = self
            .last_seen
            .is_none_or(|seen| now.since(seen) > MISSING_AFTER);
        match (self.is_active, silent, self.maintenance, self.paused) {
            (false, ..) => (Tone::Cancelled, "closed"),
            (_, true, ..) => (Tone::Failed, "missing"),
            (_, _, true, _) => (Tone::Withheld, "database maintenance"),
            (_, _, _, true) => (Tone::Cancelled, "paused"),
            _ => (Tone::Succeeded, "in order"),
        }
    }

    /// What that means, for whoever waits for it.
    pub fn meaning(&self, now: Instant) -> &'static str {
        match self.look(now).1 {
            "closed" => "It takes no requests any more.",
            "missing" => {
                "None of its agents was heard of for more than five minutes: what is shown of its jobs may not be so any more."
            }
            "database maintenance" => {
                "Its database is being maintained: jobs that use it start, or start anew, when that is done."
            }
            "paused" => "Nothing more starts until it goes on; what runs goes on running.",
            _ => "Its agents ask for work.",
        }
    }

    /// When it was last heard of.
    pub fn seen(&self) -> Cell {
        self.last_seen
            .map_or_else(|| Cell::Quiet("never".to_owned()), Cell::Time)
    }

    /// The cells of its row.
    pub fn cells(&self, now: Instant) -> Vec<Cell> {
        let (tone, word) = self.look(now);
        let number = |count: usize| Cell::Number(u64::try_from(count).unwrap_or(u64::MAX));
        vec![
            Cell::link(self.name.clone(), backend_path(&self.slug)),
            Cell::State(tone, word),
            self.seen(),
            number(self.running),
            number(self.waiting),
        ]
    }
}

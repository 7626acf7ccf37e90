//! All job requests, newest first, with filters that have addresses.

use std::fmt;

use askama::Template;
use glovebox_ui::{Instant, SCRIPT, STYLE};

use crate::frame::Frame;
use crate::offer::Offer;
use crate::request_row::RequestRow;

/// The list of job requests.
#[derive(Debug, Clone, Template)]
#[template(path = "event_log.html")]
pub struct EventLog {
    /// What stands around it.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// What stands above the list on the first page of the site.
    pub is_home: bool,
    /// Whether it is one workspace's list, with nothing to choose.
    pub is_list: bool,
    /// Whether its reader may run jobs of the workspace.
    pub run: Offer,
    /// The workspace chosen; empty for all.
    pub workspace: String,
    /// The status chosen, as its stable word; empty for all.
    pub status: String,
    /// The backend chosen; empty for all.
    pub backend: String,
    /// The backends to choose from.
    pub backends: Vec<String>,
    /// The rows of this page.
    pub rows: Vec<RequestRow>,
    /// The address of the page with newer requests.
    pub newer: Option<String>,
    /// The address of the page with older requests.
    pub older: Option<String>,
    /// The present, from which times are counted.
    pub now: Instant,
}

/// The statuses that can be chosen: their stable words, and what they are called.
const STATUSES: [(&str, &str); 5] = [
    ("pending", "Waiting"),
    ("running", "Running"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("nothing_to_do", "Nothing to do"),
];

impl EventLog {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    fn is_filtered(&self) -> bool {
        !(self.workspace.is_empty() && self.status.is_empty() && self.backend.is_empty())
    }
}

//! Lists of job requests, with filters that have addresses.

use std::fmt;

use askama::Template;
use glovebox_ui::{Instant, SCRIPT, STYLE};

use crate::frame::Frame;
use crate::place::Section;
use crate::table::{Cell, Table};

/// A backend that can be chosen.
#[derive(Debug, Clone)]
pub struct BackendChoice {
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// What was chosen, and what there is to choose; names as they stand in addresses, empty for all.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// What is looked for.
    pub text: String,
    /// The status, as its stable word.
    pub status: String,
    /// The backends.
    pub backends: Vec<BackendChoice>,
    /// The user name of who asked.
    pub user: String,
    /// The project.
    pub project: String,
    /// The workspace.
    pub workspace: String,
    /// What the list is sorted by, so that looking for something keeps it.
    pub sort: String,
}

/// Which filters a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filters {
    /// None.
    None,
    /// All of them.
    All,
    /// Those of a list of one workspace.
    OfWorkspace,
}

/// A list of job requests.
#[derive(Debug, Clone, Template)]
#[template(path = "event_log.html")]
pub struct EventLog {
    /// What stands around it.
    pub frame: Frame,
    /// What lies above it, outermost first.
    pub crumbs: Vec<Cell>,
    /// The heading.
    pub title: String,
    /// Whether it is the first page of the site, which says what the site is.
    pub is_home: bool,
    /// What stands before the requests: what is its reader's own.
    pub own: Vec<Section>,
    /// Its own address.
    pub path: String,
    /// Which filters it has.
    pub filters: Filters,
    /// What was chosen.
    pub choices: Choices,
    /// The requests.
    pub table: Table,
    /// The present, from which times are counted.
    pub now: Instant,
}

/// The statuses that can be chosen: their stable words, and what they are called.
const STATUSES: [(&str, &str); 7] = [
    ("pending", "Waiting"),
    ("running", "Running"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("nothing_to_do", "Nothing to do"),
    ("unknown", "Unknown"),
    ("unknown_error_creating_jobs", "Jobs not known"),
];

impl EventLog {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    /// Whether one of the filters was chosen that are folded away.
    fn has_more(&self) -> bool {
        let choices = &self.choices;
        let folded = [&choices.user, &choices.project, &choices.workspace];
        folded.iter().any(|text| !text.is_empty())
    }

    fn is_filtered(&self) -> bool {
        let choices = &self.choices;
        let texts = [
            &choices.text,
            &choices.status,
            &choices.user,
            &choices.project,
            &choices.workspace,
        ];
        texts.iter().any(|text| !text.is_empty())
            || choices.backends.iter().any(|backend| backend.is_chosen)
    }
}

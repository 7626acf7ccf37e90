//! The ledger: what was done, for anybody to verify.

use std::fmt;

use askama::Template;
use glovebox_ui::{Element, Instant, SCRIPT, STYLE};

use crate::frame::Frame;

/// The page of the ledger.
#[derive(Debug, Clone, Template)]
#[template(path = "ledger.html")]
pub struct LedgerPage {
    /// What stands around it.
    pub frame: Frame,
    /// By what it is verified.
    pub key: String,
    /// How many entries are signed; nothing where that is not known.
    pub size: Option<u64>,
    /// Whether deeds wait to get into it for something to be mended.
    pub in_trouble: bool,
    /// The deeds of this part that anybody may read.
    pub rows: Vec<LedgerRow>,
    /// The address of newer ones.
    pub newer: Option<String>,
    /// The address of older ones.
    pub older: Option<String>,
    /// The present.
    pub now: Instant,
}

/// A deed.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// Its place in the ledger, counted from 0.
    pub index: i64,
    /// When it was done.
    pub at: Instant,
    /// By whom.
    pub actor: String,
    /// A stable word.
    pub action: String,
    /// To what.
    pub subject: String,
}

impl LedgerPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

impl LedgerRow {
    fn when(&self, now: &Instant) -> Element {
        self.at.element(*now)
    }

    /// The stable word as people read it.
    fn words(&self) -> String {
        self.action.replace('_', " ")
    }

    /// Its page, where what it was done to has one of the same name.
    fn path(&self) -> Option<String> {
        let (kind, name) = self.subject.split_once('/')?;
        match kind {
            "job-request" => Some(format!("/job-requests/{name}")),
            "project" => Some(format!("/{name}/")),
            "organisation" => Some(format!("/orgs/{name}/")),
            "backend" => Some(format!("/status/{name}/")),
            _ => None,
        }
    }
}

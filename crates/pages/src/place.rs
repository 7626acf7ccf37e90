//! A page about one place: an organisation, a project, a workspace, a person, a backend.
//!
//! They are alike on purpose: what it is and where, its facts, then tables that lead on.

use std::fmt;

use askama::Template;
use glovebox_ui::{Instant, SCRIPT, STYLE};

use crate::frame::Frame;
use crate::table::{Cell, Table};

/// A part of a page, with a heading of its own.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What has to be said before the table, a paragraph each.
    pub words: Vec<String>,
    /// Its table.
    pub table: Option<Table>,
    /// Where there is more of it, and what that is called.
    pub more: Option<(String, String)>,
}

/// A page about one place.
#[derive(Debug, Clone, Template)]
#[template(path = "place.html")]
pub struct PlacePage {
    /// What stands around it.
    pub frame: Frame,
    /// What lies above it, outermost first.
    pub crumbs: Vec<Cell>,
    /// The heading.
    pub title: String,
    /// The answer to what people come for, if there is one.
    pub answer: Option<Cell>,
    /// What the place is, in a sentence.
    pub lead: String,
    /// What it is called, and what is so.
    pub facts: Vec<(&'static str, Cell)>,
    /// Its parts.
    pub sections: Vec<Section>,
    /// The present.
    pub now: Instant,
}

impl PlacePage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

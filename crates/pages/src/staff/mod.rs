//! The staff area: every page of it is a heading and parts below, so that all of them work alike.
//!
//! * `table` is a table whose columns sort by links and which pages.
//! * `form` is a form that keeps what was typed, and says beside a field what is wrong with it.

mod form;
mod table;

use std::fmt;

use askama::Template;
use glovebox_ui::{Instant, SCRIPT, STYLE};

pub use form::{Field, Form, Kind, Problem};
pub use table::{Cell, Column, Search, Sorted, Table};

use crate::frame::Frame;

/// A page of the staff area.
#[derive(Debug, Clone, Template)]
#[template(path = "staff.html")]
pub struct StaffPage {
    /// What stands around it.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// The pages that lead here, the outermost first.
    pub crumbs: Vec<Link>,
    /// What was just done.
    pub notice: Option<&'static str>,
    /// What stands below the heading.
    pub parts: Vec<Part>,
    /// The present, from which times are counted.
    pub now: Instant,
}

/// Something that leads to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is called.
    pub text: String,
    /// Where it leads.
    pub path: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            path: path.into(),
        }
    }
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Part {
    /// A heading over what follows.
    Heading(&'static str),
    /// A sentence or more.
    Text(String),
    /// What is known, each with its name.
    Facts(Vec<(&'static str, Cell)>),
    /// What can be done, or seen elsewhere.
    Links(Vec<Link>),
    /// A table.
    Table(Table),
    /// A form.
    Form(Form),
    /// A text that is shown this once, and what to do with it.
    Secret {
        /// The text.
        text: String,
        /// What to do with it.
        advice: &'static str,
    },
}

/// The pages of the area, as its navigation names them.
const AREAS: [(&str, &str); 7] = [
    ("/staff/", "Overview"),
    ("/staff/organisations/", "Organisations"),
    ("/staff/projects/", "Projects"),
    ("/staff/workspaces/", "Workspaces"),
    ("/staff/backends/", "Backends"),
    ("/staff/users/", "Users"),
    ("/staff/audit/", "Audit log"),
];

impl StaffPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    /// What is wrong in the forms, each with what it is wrong with.
    fn problems(&self) -> Vec<(String, &str)> {
        let forms = self.parts.iter().filter_map(|part| match part {
            Part::Form(form) => Some(form),
            _ => None,
        });
        forms
            .filter_map(|form| Some((form.problem_id()?, form.problem.as_ref()?.text.as_str())))
            .collect()
    }

    /// Whether this page belongs to an area.
    fn is_in(&self, path: &str) -> bool {
        match self.crumbs.last() {
            None => path == "/staff/",
            Some(_) => self
                .crumbs
                .iter()
                .any(|crumb| crumb.path == path && path != "/staff/"),
        }
    }
}

//! A page that says one thing: not found, not allowed, out of order.

use std::fmt;

use askama::Template;
use glovebox_ui::{SCRIPT, STYLE};

use crate::frame::Frame;

/// A page that says one thing, and what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "message.html")]
pub struct Message<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The heading.
    pub title: &'a str,
    /// What is wrong, and what to do.
    pub text: &'a str,
}

impl Message<'_> {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

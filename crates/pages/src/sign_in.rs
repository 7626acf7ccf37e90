//! Signing in.

use std::fmt;

use askama::Template;
use glovebox_ui::{SCRIPT, STYLE};

use crate::frame::Frame;

/// The page on which people sign in.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What stands around it.
    pub frame: Frame,
    /// Whether somebody came by an address that signs them in; the form goes to that address.
    pub is_link: bool,
    /// Why they are not signed in, and what to do.
    pub problem: Option<&'static str>,
}

impl SignInPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

//! Signing in.

use std::fmt;

use askama::Template;
use glovebox_ui::{PASSKEY_SCRIPT, SCRIPT, STYLE};

use crate::frame::Frame;

/// The page on which people sign in.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What stands around it.
    pub frame: Frame,
    /// Whether somebody came by an address that signs them in; the form goes to that address.
    pub is_link: bool,
    /// What was typed for a user name before.
    pub username: String,
    /// The path of this site that they go on to.
    pub next: String,
    /// Where signing in by a provider of identities begins, and what its button says, where there is one.
    pub provider: Option<(String, String)>,
    /// Whether passkeys sign people in here.
    pub passkeys: bool,
    /// Why they are not signed in, and what to do.
    pub problem: Option<String>,
}

/// Where the form with a user name and a password goes.
pub const SIGN_IN_PATH: &str = "/sign-in/";

impl SignInPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}

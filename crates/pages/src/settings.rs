//! A person's own settings: their name, password, tokens, and where they are signed in.

use std::fmt;

use askama::Template;
use glovebox_ui::{Element, Instant, PASSKEY_SCRIPT, SCRIPT, STYLE};

use crate::frame::Frame;

/// A person's settings.
#[derive(Debug, Clone, Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// What stands around it.
    pub frame: Frame,
    /// Their name for people, as it is or as it was typed.
    pub full_name: String,
    /// Where they are written to; empty for nowhere.
    pub email: String,
    /// Whether they show the password that they have to choose a new one.
    pub needs_password: bool,
    /// Whether they have one.
    pub has_password: bool,
    /// Their passkeys; none where there are no passkeys at all.
    pub passkeys: Option<Vec<PasskeyFacts>>,
    /// Their tokens that are not over.
    pub tokens: Vec<TokenFacts>,
    /// A token that was just made, to be shown once.
    pub new_token: Option<String>,
    /// Where they are signed in.
    pub sessions: Vec<SessionFacts>,
    /// Providers of identities that sign them in.
    pub identities: Vec<String>,
    /// What is wrong, and in which part.
    pub problem: Option<(SettingsPart, String)>,
    /// What was done.
    pub done: Option<&'static str>,
    /// The present.
    pub now: Instant,
}

/// A part of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsPart {
    /// Name and address.
    Profile,
    /// The password.
    Password,
    /// Passkeys.
    Passkeys,
    /// Tokens.
    Tokens,
}

/// A passkey.
#[derive(Debug, Clone)]
pub struct PasskeyFacts {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it last signed somebody in.
    pub last_used_at: Option<Instant>,
}

/// A personal token.
#[derive(Debug, Clone)]
pub struct TokenFacts {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it is good for, as its stable word.
    pub scope: String,
    /// When it was made.
    pub created_at: Instant,
    /// The first moment at which it is good for nothing.
    pub expires_at: Instant,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Instant>,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// Whether it is the one in which this is read.
    pub is_this: bool,
    /// How they signed in, as its stable word.
    pub how: String,
    /// When.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
}

/// The path of the settings. Forms go below it.
pub const SETTINGS_PATH: &str = "/settings/";

impl SettingsPage {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    fn problem_in(&self, part: SettingsPart) -> Option<&str> {
        let (found, text) = self.problem.as_ref()?;
        (*found == part).then_some(text)
    }
}

impl SettingsPart {
    /// Where the page shows it.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Passkeys => "passkeys",
            Self::Tokens => "tokens",
        }
    }
}

impl PasskeyFacts {
    fn created(&self, now: &Instant) -> Element {
        self.created_at.element(*now)
    }

    fn used(&self, now: &Instant) -> Option<Element> {
        self.last_used_at.map(|at| at.element(*now))
    }
}

impl TokenFacts {
    fn created(&self, now: &Instant) -> Element {
        self.created_at.element(*now)
    }

    fn used(&self, now: &Instant) -> Option<Element> {
        self.last_used_at.map(|at| at.element(*now))
    }

    fn called(&self) -> &str {
        if self.name.is_empty() {
            "without a name"
        } else {
            &self.name
        }
    }

    fn good_for(&self) -> &str {
        match self.scope.as_str() {
            "jobs" => "asking for jobs and cancelling them",
            "read" => "reading",
            _ => "nothing that this version knows",
        }
    }
}

impl SessionFacts {
    fn created(&self, now: &Instant) -> Element {
        self.created_at.element(*now)
    }

    fn way(&self) -> &str {
        match self.how.as_str() {
            "password" => "by password",
            "link" => "by an address that was given",
            "provider" => "by a provider of identities",
            "passkey" => "by passkey",
            _ => "in another way",
        }
    }
}

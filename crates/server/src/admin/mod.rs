//! What those who run the service set up: organisations, projects, workspaces, backends, people, roles.
//!
//! Each function does one thing, and writes who did it to the audit log in the same transaction.

mod accounts;
mod backends;
mod members;
mod people;
mod places;
mod reserved;
mod roles;
mod switches;

use std::sync::Arc;

pub use backends::NewBackend;
pub use people::NewPersonalToken;
pub use places::NewWorkspace;
pub use roles::NewGrant;
pub use switches::KeptSwitch;

use glovebox_jobs::Timestamp;
use serde_json::Value;

use crate::{
    Role,
    access::password::BadPassword,
    audit::Deed,
    clock,
    git::{BadRef, BadUrl},
    storage::{Database, DatabaseUrl, StorageError, Write},
    token::NoRandomness,
};

/// Why something is not set up.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A name cannot be one.
    #[error("{0:?} cannot be a name here: use at most 100 letters, digits, -, _ and .")]
    BadName(String),
    /// An address of a page begins so.
    #[error("{0:?} is the address of a page here: choose another name")]
    Reserved(String),
    /// A text that people read is empty or too long.
    #[error("a name for people has 1 to 200 characters, and no line breaks")]
    BadText,
    /// There is no such thing.
    #[error("there is no {what} {name:?}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which name.
        name: String,
    },
    /// There is one of this name already.
    #[error("there is a {what} {name:?} already")]
    Exists {
        /// What was to be made.
        what: &'static str,
        /// Under which name.
        name: String,
    },
    /// A text is no email address.
    #[error("{0:?} is no email address: write it as name@example.org")]
    BadEmail(String),
    /// A password cannot be chosen.
    #[error(transparent)]
    BadPassword(#[from] BadPassword),
    /// A password was not hashed.
    #[error("the password could not be hashed")]
    NotHashed,
    /// A text is no issuer of identities, or no name of somebody there.
    #[error("an identity is an https address and the provider's own name for the person")]
    BadIdentity,
    /// The end lies before the beginning, or in the past.
    #[error("the end must lie in the future, after the beginning")]
    BadDates,
    /// The role cannot be held in a single project.
    #[error("the role {} is for all projects at once: name no project", .0.as_str())]
    OnlyEverywhere(Role),
    /// The role cannot be held in all projects at once.
    #[error("the role {} is for single projects: name one", .0.as_str())]
    OnlyInProjects(Role),
    /// Nobody would be left who may see the staff area.
    #[error("this is the last staff area administrator: grant that role to somebody else before")]
    LastAdministrator,
    /// What a workspace is for is too long.
    #[error("say what it is for in at most 1000 characters")]
    BadPurpose,
    /// The text is no branch.
    #[error(transparent)]
    BadBranch(#[from] BadRef),
    /// The text is no repository.
    #[error(transparent)]
    BadUrl(#[from] BadUrl),
    /// The operating system failed.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sea_orm::DbErr> for AdminError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Storage(error.into())
    }
}

/// Sets up what a server works with, on behalf of somebody.
///
/// It needs no running server, and a running one sees what was set up at once.
#[derive(Debug, Clone)]
pub struct Admin {
    database: Arc<Database>,
    actor: String,
    allow_file: bool,
}

impl Admin {
    /// Opens a database, and makes its tables if they are not there. `actor` is who the audit log names.
    pub async fn open(
        database: &DatabaseUrl,
        actor: impl Into<String>,
    ) -> Result<Self, StorageError> {
        let database = Arc::new(Database::open(database).await?);
        Ok(Self::with(database, actor.into(), false))
    }

    pub(crate) fn with(database: Arc<Database>, actor: String, allow_file: bool) -> Self {
        Self {
            database,
            actor,
            allow_file,
        }
    }

    /// The same, where workspaces may have folders of this machine as repositories (`file:///…`).
    #[must_use]
    pub fn allowing_file_repositories(self) -> Self {
        Self {
            allow_file: true,
            ..self
        }
    }

    /// Keeps the deed, and with it what was written.
    async fn finish(
        &self,
        write: Write<'_>,
        at: Timestamp,
        action: &'static str,
        subject: String,
        details: Value,
    ) -> Result<(), AdminError> {
        let deed = Deed {
            actor: self.actor.clone(),
            action,
            subject,
            details,
        };
        deed.keep(&*write, at).await?;
        Ok(write.commit().await?)
    }

    fn now() -> Timestamp {
        clock::now()
    }
}

/// A word in addresses.
pub(crate) fn check_name(name: &str) -> Result<(), AdminError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let starts_plain = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts_plain && name.len() <= 100 && name.chars().all(plain) {
        Ok(())
    } else {
        Err(AdminError::BadName(name.chars().take(100).collect()))
    }
}

/// A name for people.
pub(crate) fn check_text(text: &str) -> Result<(), AdminError> {
    let count = text.chars().count();
    // Nobody is called so that the rest of a line reads otherwise.
    let acts = text.chars().any(char::is_control) || glovebox_ui::plain(text) != text;
    if text.trim().is_empty() || count > 200 || acts {
        return Err(AdminError::BadText);
    }
    Ok(())
}

/// An email address as it is kept, if the text is one that mail could be sent to.
pub(crate) fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |c: char| c.is_ascii_graphic() && !"()<>[]:;,\\\"@".contains(c);
    let is_one = !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && text.split('@').count() == 2
        && local.chars().all(plain)
        && domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    is_one.then(|| text.to_ascii_lowercase())
}

/// Says what exists already, where the database only says that something does.
fn exists(error: sea_orm::DbErr, what: &'static str, name: &str) -> AdminError {
    match StorageError::from(error) {
        StorageError::Exists => AdminError::Exists {
            what,
            name: name.to_owned(),
        },
        other => AdminError::Storage(other),
    }
}

fn not_found(what: &'static str, name: &str) -> AdminError {
    AdminError::NotFound {
        what,
        name: name.to_owned(),
    }
}

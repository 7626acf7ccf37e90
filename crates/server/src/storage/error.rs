//! What can go wrong with the database.

use sea_orm::{DbErr, SqlErr};

use crate::token::NoRandomness;

/// The database did not do what it was asked.
///
/// The details are for logs of those who run the server; people who call it are told that it is
/// unavailable, and nothing of statements or values.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// There is one of this name already.
    #[error("there is one of this name already")]
    Exists,
    /// Something that is referred to does not exist.
    #[error("something that it refers to does not exist")]
    Dangling,
    /// A record cannot be read. Somebody changed the database by hand, or a newer version wrote it.
    #[error("the record of {what} cannot be read: {reason}")]
    Damaged {
        /// Which.
        what: String,
        /// Why.
        reason: String,
    },
    /// The tables are those of a later version of this program.
    #[error(
        "the database has tables of version {found}, and this program knows those up to {known}: use a newer program"
    )]
    TooNew {
        /// The version found.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// Another server began to work on the database after this one.
    #[error("another server works on this database since: this one keeps nothing any more")]
    Superseded,
    /// The operating system gave no random bytes for something that is to be kept.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(#[source] DbErr),
}

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Exists,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::Dangling,
            _ => Self::Failed(error),
        }
    }
}

//! What people do to their own account: sign in, and change their name, password, tokens and sessions.
//!
//! Each deed is kept in the audit log, in the transaction that does it.

mod identity;
mod passkeys;
mod password;
mod profile;
mod sessions;
mod tokens;

use serde_json::Value;

pub(crate) use identity::{Found, person_of};
pub(crate) use passkeys::{
    add_passkey, know_by_passkey, passkeys_of, remove_passkey, rename_passkey,
};
pub(crate) use password::{change_password, has_password, know_by_password, set_password};
pub(crate) use profile::{Profile, change_profile};
pub(crate) use sessions::{begin_session, end_other_sessions, end_session};
pub(crate) use tokens::{TokenWanted, create_token, revoke_token, tokens_of};

use crate::{
    access::password::{BadPassword, NotHashed},
    audit::Deed,
    clock,
    passkey::BadPasskey,
    storage::{StorageError, Write, entity::person},
    token::NoRandomness,
};

/// Why something about an account is not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("{0}")]
    BadPassword(#[from] BadPassword),
    #[error("the password that you have now is another: nothing was changed")]
    WrongPassword,
    #[error("the two new passwords are not the same: nothing was changed")]
    Unequal,
    #[error("a name has 1 to 200 characters, and no line breaks")]
    BadName,
    #[error("this is no email address")]
    BadEmail,
    #[error("choose what the token is good for")]
    BadScope,
    #[error("a token is good for 1 to 365 days")]
    BadDays,
    #[error("you have as many tokens as one may have: revoke one first")]
    TooMany,
    #[error("the passkey is not taken: {0}")]
    BadPasskey(#[from] BadPasskey),
    #[error("this passkey is known here already")]
    KnownPasskey,
    #[error("you have as many passkeys as one may have: remove one first")]
    TooManyPasskeys,
    #[error("there is no such thing of yours")]
    NotFound,
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sea_orm::DbErr> for AccountError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Storage(error.into())
    }
}

/// Keeps what a person did to their account.
async fn keep(
    write: &Write<'_>,
    person: &person::Model,
    action: &'static str,
    details: Value,
) -> Result<(), StorageError> {
    let deed = Deed {
        actor: person.username.clone(),
        action,
        subject: format!("person/{}", person.username),
        details,
    };
    deed.keep(&**write, clock::now()).await
}

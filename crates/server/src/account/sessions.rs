//! The browsers in which a person is signed in.

use serde_json::json;

use super::{AccountError, keep};
use crate::{
    access::session::{self, How, Session},
    clock,
    storage::{Database, StorageError, Write, entity::person},
    token::NewToken,
};

/// Signs a person in who was found out to be one, and commits. What the browser was signed in as before
/// is over.
pub(crate) async fn begin_session(
    write: Write<'_>,
    person: &person::Model,
    how: How,
    before: Option<&Session>,
) -> Result<NewToken, AccountError> {
    let token = NewToken::make()?;
    if let Some(before) = before {
        session::end(&*write, before.id).await?;
    }
    session::begin(&*write, person.id, how, &token, clock::now()).await?;
    let details = json!({ "how": how.as_str() });
    keep(&write, person, "signed_in", details).await?;
    write.commit().await?;
    Ok(token)
}

/// Signs a person out.
pub(crate) async fn end_session(
    database: &Database,
    session: &Session,
) -> Result<(), StorageError> {
    let write = database.write().await?;
    session::end(&*write, session.id).await?;
    let details = json!({ "how": "session" });
    keep(&write, &session.person, "signed_out", details).await?;
    write.commit().await
}

/// Signs a person out everywhere but here.
pub(crate) async fn end_other_sessions(
    database: &Database,
    session: &Session,
) -> Result<(), StorageError> {
    let write = database.write().await?;
    let person = &session.person;
    let ended = session::end_others(&*write, person.id, Some(session.id)).await?;
    keep(&write, person, "sessions_ended", json!({ "ended": ended })).await?;
    write.commit().await
}

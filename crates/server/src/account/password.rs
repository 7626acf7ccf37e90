//! Signing in by a password, and changing it.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _,
};
use serde_json::json;

use super::{AccountError, keep};
use crate::{
    access::{
        link,
        password::{Compared, Passwords, Typed},
        session::{self, How, Session},
    },
    clock,
    storage::{
        Database, StorageError,
        entity::{password, person},
        storable,
    },
};

/// The person with a name and a password, if they are those. That a name is unknown takes as long to say
/// as that a password is wrong.
pub(crate) async fn know_by_password(
    database: &Database,
    passwords: &Passwords,
    username: &str,
    typed: &Typed,
) -> Result<Option<person::Model>, AccountError> {
    let found = person::Entity::find()
        .filter(person::Column::Username.eq(storable(username)))
        .one(&**database)
        .await?;
    // Also for nobody, so that both questions are asked each time.
    let id = found.as_ref().map_or(0, |person| person.id);
    let kept = kept(&**database, id).await?;
    match passwords.compare(typed, kept.clone()).await? {
        Compared::Different => return Ok(None),
        Compared::Same => {}
        Compared::SameButStale => {
            let anew = password::ActiveModel {
                hash: Set(passwords.hash(typed).await?),
                ..ActiveModelTrait::default()
            };
            password::Entity::update_many()
                .set(anew)
                .filter(password::Column::PersonId.eq(id))
                // Unless it was changed meanwhile.
                .filter(password::Column::Hash.eq(kept.unwrap_or_default()))
                .exec(&**database)
                .await?;
        }
    }
    Ok(found)
}

/// Whether a person has a password.
pub(crate) async fn has_password(
    read: &impl ConnectionTrait,
    person: i64,
) -> Result<bool, StorageError> {
    Ok(kept(read, person).await?.is_some())
}

/// Gives a person a new password, and ends all their other sessions and the addresses that would sign
/// them in.
///
/// They show the old one, if there is one. Whoever came by an address that signs them in has lost it.
pub(crate) async fn change_password(
    database: &Database,
    passwords: &Passwords,
    session: &Session,
    current: &Typed,
    new: &Typed,
) -> Result<(), AccountError> {
    let person = &session.person;
    new.may_be_chosen_by(&person.username)?;
    let kept = kept(&**database, person.id).await?;
    if kept.is_some() && session.how() != Some(How::Link) {
        let compared = passwords.compare(current, kept).await?;
        if compared == Compared::Different {
            return Err(AccountError::WrongPassword);
        }
    }
    let hash = passwords.hash(new).await?;
    let write = database.write().await?;
    set_password(&*write, person.id, hash, Some(session.id)).await?;
    // An address that was given to them lets them choose a password once, and not whoever finds the
    // browser open afterwards.
    session::set_how(&*write, session.id, How::Password).await?;
    keep(&write, person, "password_changed", json!({})).await?;
    Ok(write.commit().await?)
}

/// Keeps the hash of a new password, and ends what the old one had opened.
pub(crate) async fn set_password(
    write: &impl ConnectionTrait,
    person: i64,
    hash: String,
    but: Option<i64>,
) -> Result<(), StorageError> {
    password::Entity::delete_by_id(person).exec(write).await?;
    let row = password::ActiveModel {
        person_id: Set(person),
        hash: Set(hash),
        changed_at: Set(clock::now().0),
    };
    password::Entity::insert(row)
        .exec_without_returning(write)
        .await?;
    session::end_others(write, person, but).await?;
    link::end_all(write, person).await
}

async fn kept(read: &impl ConnectionTrait, person: i64) -> Result<Option<String>, StorageError> {
    let row = password::Entity::find_by_id(person).one(read).await?;
    Ok(row.map(|row| row.hash))
}

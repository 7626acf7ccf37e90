//! From the token of a call to who calls.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _,
};

use super::Scope;
use crate::{
    storage::{
        StorageError,
        entity::{backend, person, personal_token},
    },
    token::TokenHash,
};

/// How exactly it is kept when a token was last used, in milliseconds.
const USED_EVERY: i64 = 60_000;

/// A person, and what the token that they showed is good for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) person: person::Model,
    pub(crate) scope: Scope,
}

/// The backend whose token this is, if it is active.
///
/// The token is found by its hash, so neither the database nor the time it takes tells anything of it.
pub(crate) async fn backend(
    read: &impl ConnectionTrait,
    token: &str,
) -> Result<Option<backend::Model>, StorageError> {
    let hash = TokenHash::of(token);
    let found = backend::Entity::find()
        .filter(backend::Column::TokenHash.eq(hash.as_str()))
        .one(read)
        .await?;
    Ok(found.filter(|backend| hash.is(&backend.token_hash) && backend.is_active))
}

/// The person whose token this is, if it has not expired. That it was used is kept once a minute.
pub(crate) async fn person(
    database: &impl ConnectionTrait,
    token: &str,
    now: Timestamp,
) -> Result<Option<Caller>, StorageError> {
    let hash = TokenHash::of(token);
    let found = personal_token::Entity::find()
        .filter(personal_token::Column::TokenHash.eq(hash.as_str()))
        .one(database)
        .await?;
    let Some(row) = found.filter(|row| hash.is(&row.token_hash) && row.expires_at > now.0) else {
        return Ok(None);
    };
    let Some(scope) = Scope::from_word(&row.scope) else {
        return Ok(None);
    };
    let person = person::Entity::find_by_id(row.person_id)
        .one(database)
        .await?;
    // Looked at first: a write, even one that changes nothing, takes a turn from others.
    let long_ago = now.0.saturating_sub(USED_EVERY);
    if person.is_some() && row.last_used_at.is_none_or(|used| used <= long_ago) {
        used(database, row.id, now).await;
    }
    Ok(person.map(|person| Caller { person, scope }))
}

/// Keeps that a token is used. A call does not fail because that could not be kept.
async fn used(write: &impl ConnectionTrait, id: i64, now: Timestamp) {
    let row = personal_token::ActiveModel {
        last_used_at: Set(Some(now.0)),
        ..ActiveModelTrait::default()
    };
    let long_ago = Condition::any()
        .add(personal_token::Column::LastUsedAt.is_null())
        .add(personal_token::Column::LastUsedAt.lte(now.0.saturating_sub(USED_EVERY)));
    let kept = personal_token::Entity::update_many()
        .set(row)
        .filter(personal_token::Column::Id.eq(id))
        .filter(long_ago)
        .exec(write)
        .await;
    if let Err(error) = kept {
        tracing::warn!(%error, "it could not be kept when a token was last used");
    }
}

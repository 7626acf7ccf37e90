//! From the token of a call to who calls.

use glovebox_jobs::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::Scope;
use crate::{
    storage::{
        StorageError,
        entity::{backend, person, personal_token},
    },
    token::TokenHash,
};

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

/// The person whose token this is, if it has not expired.
pub(crate) async fn person(
    read: &impl ConnectionTrait,
    token: &str,
    now: Timestamp,
) -> Result<Option<Caller>, StorageError> {
    let hash = TokenHash::of(token);
    let found = personal_token::Entity::find()
        .filter(personal_token::Column::TokenHash.eq(hash.as_str()))
        .one(read)
        .await?;
    let Some(row) = found.filter(|row| hash.is(&row.token_hash) && row.expires_at > now.0) else {
        return Ok(None);
    };
    let Some(scope) = Scope::from_word(&row.scope) else {
        return Ok(None);
    };
    let person = person::Entity::find_by_id(row.person_id).one(read).await?;
    Ok(person.map(|person| Caller { person, scope }))
}

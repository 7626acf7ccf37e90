//! A person's own tokens, by which their programs speak for them.

use std::time::Duration;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::{AccountError, keep};
use crate::{
    NewToken, Scope,
    access::session::Session,
    admin::check_text,
    clock,
    storage::{Database, StorageError, entity::personal_token},
};

/// How many that are not over a person has at most.
const MOST: u64 = 50;

/// For how many days one is good at most.
const LONGEST_DAYS: u16 = 365;

/// A token that a person wants.
#[derive(Debug, Clone)]
pub(crate) struct TokenWanted<'f> {
    /// What they call it.
    pub(crate) name: &'f str,
    /// The word of a [`Scope`].
    pub(crate) scope: &'f str,
    pub(crate) days: u16,
}

/// Makes a token. It is told this once.
pub(crate) async fn create_token(
    database: &Database,
    session: &Session,
    wanted: &TokenWanted<'_>,
) -> Result<NewToken, AccountError> {
    let name = wanted.name.trim();
    check_text(name).map_err(|_| AccountError::BadName)?;
    let scope = Scope::from_word(wanted.scope).ok_or(AccountError::BadScope)?;
    if !(1..=LONGEST_DAYS).contains(&wanted.days) {
        return Err(AccountError::BadDays);
    }
    let lasts = Duration::from_hours(24 * u64::from(wanted.days));
    let lasts = i64::try_from(lasts.as_millis()).unwrap_or_default();
    let now = clock::now();
    let expires_at = now.0.saturating_add(lasts);
    let token = NewToken::make()?;
    let person = &session.person;
    let write = database.write().await?;
    let live = personal_token::Entity::find()
        .filter(personal_token::Column::PersonId.eq(person.id))
        .filter(personal_token::Column::ExpiresAt.gt(now.0));
    if live.count(&*write).await? >= MOST {
        return Err(AccountError::TooMany);
    }
    let row = personal_token::ActiveModel {
        person_id: Set(person.id),
        token_hash: Set(token.hash().as_str().to_owned()),
        scope: Set(scope.as_str().to_owned()),
        name: Set(name.to_owned()),
        expires_at: Set(expires_at),
        created_at: Set(now.0),
        ..ActiveModelTrait::default()
    };
    row.insert(&*write).await?;
    let details = json!({ "name": name, "scope": scope.as_str(), "expires_at": expires_at });
    keep(&write, person, "personal_token_created", details).await?;
    write.commit().await?;
    Ok(token)
}

/// Ends one of a person's tokens now.
pub(crate) async fn revoke_token(
    database: &Database,
    session: &Session,
    id: i64,
) -> Result<(), AccountError> {
    let now = clock::now();
    let person = &session.person;
    let write = database.write().await?;
    let ended = personal_token::ActiveModel {
        expires_at: Set(now.0),
        ..ActiveModelTrait::default()
    };
    let changed = personal_token::Entity::update_many()
        .set(ended)
        .filter(personal_token::Column::Id.eq(id))
        .filter(personal_token::Column::PersonId.eq(person.id))
        .filter(personal_token::Column::ExpiresAt.gt(now.0))
        .exec(&*write)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AccountError::NotFound);
    }
    keep(
        &write,
        person,
        "personal_token_revoked",
        json!({ "id": id }),
    )
    .await?;
    Ok(write.commit().await?)
}

/// The tokens of a person that are not over, newest first.
pub(crate) async fn tokens_of(
    read: &impl ConnectionTrait,
    person: i64,
    now: Timestamp,
) -> Result<Vec<personal_token::Model>, StorageError> {
    let rows = personal_token::Entity::find()
        .filter(personal_token::Column::PersonId.eq(person))
        .filter(personal_token::Column::ExpiresAt.gt(now.0))
        .order_by_desc(personal_token::Column::Id)
        // Staff may have made more.
        .limit(2 * MOST)
        .all(read)
        .await?;
    Ok(rows)
}

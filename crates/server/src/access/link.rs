//! Addresses that sign somebody in, once.

use std::time::Duration;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _,
};

use crate::{
    storage::{StorageError, entity::sign_in_link},
    token::{NewToken, TokenHash},
};

/// Ends all of a person that are still open.
pub(crate) async fn end_all(write: &impl ConnectionTrait, person: i64) -> Result<(), StorageError> {
    sign_in_link::Entity::delete_many()
        .filter(sign_in_link::Column::PersonId.eq(person))
        .exec(write)
        .await?;
    Ok(())
}

/// Makes one for a person. Who calls keeps the deed in the same transaction.
pub(crate) async fn create(
    write: &impl ConnectionTrait,
    person: i64,
    lasts: Duration,
    token: &NewToken,
    now: Timestamp,
) -> Result<(), StorageError> {
    let lasts = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
    // What is over is of no use to anybody; the audit log has that it was.
    sign_in_link::Entity::delete_many()
        .filter(sign_in_link::Column::ExpiresAt.lte(now.0))
        .exec(write)
        .await?;
    let row = sign_in_link::ActiveModel {
        person_id: Set(person),
        token_hash: Set(token.hash().as_str().to_owned()),
        created_at: Set(now.0),
        expires_at: Set(now.0.saturating_add(lasts)),
        used_at: Set(None),
        ..ActiveModelTrait::default()
    };
    row.insert(write).await?;
    Ok(())
}

/// Uses one up, and gives whose it is; nothing if it is unknown, over, or was used.
pub(crate) async fn consume(
    write: &impl ConnectionTrait,
    token: &str,
    now: Timestamp,
) -> Result<Option<i64>, StorageError> {
    let hash = TokenHash::of(token);
    let found = sign_in_link::Entity::find()
        .filter(sign_in_link::Column::TokenHash.eq(hash.as_str()))
        .one(write)
        .await?;
    let Some(row) = found.filter(|row| hash.is(&row.token_hash)) else {
        return Ok(None);
    };
    let used = sign_in_link::ActiveModel {
        used_at: Set(Some(now.0)),
        ..ActiveModelTrait::default()
    };
    // Of two that come at once, one finds it unused.
    let changed = sign_in_link::Entity::update_many()
        .set(used)
        .filter(sign_in_link::Column::Id.eq(row.id))
        .filter(sign_in_link::Column::UsedAt.is_null())
        .filter(sign_in_link::Column::ExpiresAt.gt(now.0))
        .exec(write)
        .await?;
    Ok((changed.rows_affected == 1).then_some(row.person_id))
}

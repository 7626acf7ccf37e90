//! What is still to be told: rows that are made in the transaction in which a request ends.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::OnConflict,
};

use crate::storage::{StorageError, entity::notification};

/// Keeps that how a request ended is to be told. A second time changes nothing.
pub(crate) async fn add(
    write: &impl ConnectionTrait,
    request: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    let row = notification::ActiveModel {
        request_number: Set(request),
        attempts: Set(0),
        next_at: Set(now.0),
        created_at: Set(now.0),
        outcome: Set(String::new()),
        ..ActiveModelTrait::default()
    };
    notification::Entity::insert(row)
        .on_conflict(
            OnConflict::column(notification::Column::RequestNumber)
                .do_nothing()
                .to_owned(),
        )
        .try_insert()
        .exec_without_returning(write)
        .await?;
    Ok(())
}

/// What is to be told now, the longest due first.
pub(super) async fn due(
    read: &impl ConnectionTrait,
    now: Timestamp,
    most: u64,
) -> Result<Vec<notification::Model>, StorageError> {
    let rows = notification::Entity::find()
        .filter(notification::Column::DoneAt.is_null())
        .filter(notification::Column::NextAt.lte(now.0))
        .order_by_asc(notification::Column::NextAt)
        .limit(most)
        .all(read)
        .await?;
    Ok(rows)
}

/// When the next is due, if any is left.
pub(super) async fn next(read: &impl ConnectionTrait) -> Result<Option<i64>, StorageError> {
    let next: Option<i64> = notification::Entity::find()
        .select_only()
        .column(notification::Column::NextAt)
        .filter(notification::Column::DoneAt.is_null())
        .order_by_asc(notification::Column::NextAt)
        .limit(1)
        .into_tuple()
        .one(read)
        .await?;
    Ok(next)
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempted {
    pub(super) email_at: Option<i64>,
    pub(super) webhook_at: Option<i64>,
    pub(super) attempts: i64,
    /// When to try again; never, if it is done.
    pub(super) next_at: Option<i64>,
    /// How it ended, if it did.
    pub(super) outcome: &'static str,
}

pub(super) async fn keep(
    write: &impl ConnectionTrait,
    id: i64,
    attempted: Attempted,
    now: Timestamp,
) -> Result<(), StorageError> {
    let mut row = notification::ActiveModel {
        id: Unchanged(id),
        email_at: Set(attempted.email_at),
        webhook_at: Set(attempted.webhook_at),
        attempts: Set(attempted.attempts),
        outcome: Set(attempted.outcome.to_owned()),
        ..ActiveModelTrait::default()
    };
    match attempted.next_at {
        Some(next_at) => row.next_at = Set(next_at),
        None => row.done_at = Set(Some(now.0)),
    }
    row.update(write).await?;
    Ok(())
}

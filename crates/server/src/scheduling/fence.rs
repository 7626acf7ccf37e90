//! One server at a time works on a database, and the newest is the one.
//!
//! Two would hand the same job to two agents. A lock that a server holds can outlive it or be lost without
//! its noticing; so each server takes a number when it begins, and whatever it keeps, it keeps in a
//! transaction that sees that no higher number was taken.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _, sea_query::Expr,
};

use crate::storage::{Database, StorageError, entity::server};

const ROW: i64 = 1;

/// The number of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn(i64);

/// Takes the next number. From here on, servers that began earlier keep nothing.
pub(super) async fn take(database: &Database) -> Result<Turn, StorageError> {
    let write = database.write().await?;
    let next = Expr::col(server::Column::Begun).add(1);
    server::Entity::update_many()
        .col_expr(server::Column::Begun, next)
        .filter(server::Column::Id.eq(ROW))
        .exec(&*write)
        .await?;
    let begun = begun(&*write).await?;
    write.commit().await?;
    Ok(Turn(begun))
}

impl Turn {
    /// Fails if a newer server began, and keeps one from beginning before this transaction ends.
    pub(super) async fn check(self, write: &impl ConnectionTrait) -> Result<(), StorageError> {
        if begun(write).await? == self.0 {
            Ok(())
        } else {
            Err(StorageError::Superseded)
        }
    }
}

async fn begun(write: &impl ConnectionTrait) -> Result<i64, StorageError> {
    let row = server::Entity::find_by_id(ROW)
        .lock_shared()
        .one(write)
        .await?;
    row.map(|row| row.begun).ok_or(StorageError::Damaged {
        what: "this server".to_owned(),
        reason: "the table of servers is empty".to_owned(),
    })
}

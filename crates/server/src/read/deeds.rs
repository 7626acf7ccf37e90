//! What was done and anybody may know, as it stands in the ledger.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::Reader;
use crate::{
    ledger::entry::PUBLIC,
    storage::{StorageError, entity::audit},
};

/// Something that was done, as anybody may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicDeed {
    /// Its place in the ledger, counted from 0.
    pub index: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// A stable word.
    pub action: String,
    /// What it was done to.
    pub subject: String,
}

impl Reader {
    /// The newest deeds in the ledger that anybody may read, or those before a place.
    pub async fn public_deeds(
        &self,
        before: Option<i64>,
        size: u64,
    ) -> Result<Vec<PublicDeed>, StorageError> {
        let rows = audit::Entity::find()
            .filter(audit::Column::LedgerIndex.lt(before.unwrap_or(i64::MAX)))
            .filter(audit::Column::Action.is_in(PUBLIC))
            .order_by_desc(audit::Column::LedgerIndex)
            .limit(size)
            .all(&**self.database)
            .await?;
        let deed = |row: audit::Model| {
            Some(PublicDeed {
                index: row.ledger_index?,
                at: Timestamp(row.at),
                actor: row.actor,
                action: row.action,
                subject: row.subject,
            })
        };
        Ok(rows.into_iter().filter_map(deed).collect())
    }
}

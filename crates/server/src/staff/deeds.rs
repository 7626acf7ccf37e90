//! The audit log, told by where a part begins: it grows while it is read.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::contains;
use crate::storage::{Database, StorageError, entity::audit};

/// Which deeds; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeedsFilter {
    /// What the actor's name contains.
    pub(crate) actor: String,
    /// The word of the action, or a part of it.
    pub(crate) action: String,
    /// What the subject contains.
    pub(crate) subject: String,
    pub(crate) from: Option<Timestamp>,
    /// The first moment that no longer counts.
    pub(crate) until: Option<Timestamp>,
    /// Whether the oldest comes first.
    pub(crate) oldest_first: bool,
    /// Only what comes after the deed with this key.
    pub(crate) after: Option<i64>,
}

/// A part of the log.
pub(crate) struct Deeds {
    pub(crate) rows: Vec<audit::Model>,
    /// The key after which the next part begins, if there is one.
    pub(crate) next: Option<i64>,
}

/// At most `size` deeds.
pub(crate) async fn deeds(
    database: &Database,
    filter: &DeedsFilter,
    size: u64,
) -> Result<Deeds, StorageError> {
    use audit::Column;
    let query = filtered(filter);
    let query = match (filter.oldest_first, filter.after) {
        (true, Some(after)) => query.filter(Column::Id.gt(after)),
        (false, Some(after)) => query.filter(Column::Id.lt(after)),
        (_, None) => query,
    };
    let query = if filter.oldest_first {
        query.order_by_asc(Column::Id)
    } else {
        query.order_by_desc(Column::Id)
    };
    let mut rows = query.limit(size + 1).all(&**database).await?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Ok(Deeds { rows, next })
}

fn filtered(filter: &DeedsFilter) -> Select<audit::Entity> {
    use audit::Column;
    let mut query = audit::Entity::find();
    for (column, text) in [
        (Column::Actor, &filter.actor),
        (Column::Action, &filter.action),
        (Column::Subject, &filter.subject),
    ] {
        if !text.is_empty() {
            query = query.filter(contains(column, text));
        }
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::At.gte(from.0));
    }
    if let Some(until) = filter.until {
        query = query.filter(Column::At.lt(until.0));
    }
    query
}

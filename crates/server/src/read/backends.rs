//! The backends, and how busy they are.

use glovebox_jobs::{State, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::Reader;
use crate::storage::{
    StorageError,
    entity::{backend, job},
};

/// A backend with all that its status page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendView {
    /// The word in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
    /// Whether it takes requests.
    pub is_active: bool,
    /// Whether it starts nothing at present.
    pub paused: bool,
    /// Whether its database is being maintained.
    pub maintenance: bool,
    /// When an agent of it last called, to about 10 s.
    pub last_seen_at: Option<Timestamp>,
    /// How many jobs have not started.
    pub pending: u64,
    /// How many jobs run.
    pub running: u64,
}

impl Reader {
    /// All backends, by slug.
    pub async fn backends(&self) -> Result<Vec<BackendView>, StorageError> {
        let database = &**self.database;
        let rows = backend::Entity::find()
            .order_by_asc(backend::Column::Slug)
            .all(database)
            .await?;
        self.counted(rows).await
    }

    /// The backend with a slug.
    pub async fn backend(&self, slug: &str) -> Result<Option<BackendView>, StorageError> {
        let row = backend::Entity::find()
            .filter(backend::Column::Slug.eq(slug))
            .one(&**self.database)
            .await?;
        let rows = row.into_iter().collect();
        Ok(self.counted(rows).await?.pop())
    }

    async fn counted(&self, rows: Vec<backend::Model>) -> Result<Vec<BackendView>, StorageError> {
        let database = &**self.database;
        // Named one by one, so that the index leads to the few that are unfinished.
        let ids = rows.iter().map(|row| row.id);
        let unfinished = [State::Pending, State::Running].map(State::as_str);
        let counts: Vec<(i64, String, i64)> = job::Entity::find()
            .select_only()
            .column(job::Column::BackendId)
            .column(job::Column::State)
            .column_as(job::Column::Sequence.count(), "jobs")
            .filter(job::Column::BackendId.is_in(ids))
            .filter(job::Column::State.is_in(unfinished))
            .group_by(job::Column::BackendId)
            .group_by(job::Column::State)
            .into_tuple()
            .all(database)
            .await?;
        let count = |id: i64, state: State| {
            counts
                .iter()
                .find(|(backend, word, _)| *backend == id && word == state.as_str())
                .map_or(0, |(.., jobs)| u64::try_from(*jobs).unwrap_or_default())
        };
        let views = rows.into_iter().map(|row| BackendView {
            pending: count(row.id, State::Pending),
            running: count(row.id, State::Running),
            slug: row.slug,
            name: row.name,
            is_active: row.is_active,
            paused: row.paused,
            maintenance: row.maintenance,
            last_seen_at: row.last_seen_at.map(Timestamp),
        });
        Ok(views.collect())
    }
}

//! The backends, and how busy they are.

use glovebox_jobs::{JobId, State, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{Named, Reader};
use crate::storage::{
    StorageError,
    entity::{backend, job, project, workspace},
    storable,
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

/// A job that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedJob {
    /// Its name between systems.
    pub id: String,
    /// Its action.
    pub action: String,
    /// The public number of its request.
    pub request: i64,
    /// The name of its workspace.
    pub workspace: String,
    /// The slug of its project.
    pub project: String,
}

impl Reader {
    /// Jobs by their names, in the order of these; those that are not there are left out.
    pub async fn queued(&self, ids: &[JobId]) -> Result<Vec<QueuedJob>, StorageError> {
        let database = &**self.database;
        let rows: Vec<(String, String, i64, i64)> = job::Entity::find()
            .select_only()
            .columns([
                job::Column::Id,
                job::Column::Action,
                job::Column::RequestNumber,
                job::Column::WorkspaceId,
            ])
            .filter(job::Column::Id.is_in(ids.iter().map(|id| id.0.as_str())))
            .into_tuple()
            .all(database)
            .await?;
        let places: Vec<(i64, String, i64)> = workspace::Entity::find()
            .select_only()
            .columns([
                workspace::Column::Id,
                workspace::Column::Name,
                workspace::Column::ProjectId,
            ])
            .filter(workspace::Column::Id.is_in(rows.iter().map(|row| row.3)))
            .into_tuple()
            .all(database)
            .await?;
        let projects: Vec<(i64, String)> = project::Entity::find()
            .select_only()
            .columns([project::Column::Id, project::Column::Slug])
            .filter(project::Column::Id.is_in(places.iter().map(|place| place.2)))
            .into_tuple()
            .all(database)
            .await?;
        let job = |id: &JobId| {
            let (id, action, request, place) = rows.iter().find(|row| row.0 == id.0)?;
            let (_, workspace, project) = places.iter().find(|known| known.0 == *place)?;
            let (_, project) = projects.iter().find(|known| known.0 == *project)?;
            Some(QueuedJob {
                id: id.clone(),
                action: action.clone(),
                request: *request,
                workspace: workspace.clone(),
                project: project.clone(),
            })
        };
        Ok(ids.iter().filter_map(job).collect())
    }

    /// The names of all backends, by slug.
    pub(crate) async fn backend_names(&self) -> Result<Vec<Named>, StorageError> {
        let rows: Vec<(String, String)> = backend::Entity::find()
            .select_only()
            .columns([backend::Column::Slug, backend::Column::Name])
            .order_by_asc(backend::Column::Slug)
            .into_tuple()
            .all(&**self.database)
            .await?;
        let named = |(slug, name)| Named { slug, name };
        Ok(rows.into_iter().map(named).collect())
    }

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
            .filter(backend::Column::Slug.eq(storable(slug)))
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

//! One workspace, with where each of its actions stands.

use glovebox_jobs::{State, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use super::{Named, Reader};
use crate::storage::{
    StorageError,
    entity::{backend, job, organisation, project, workspace},
    storable,
};

/// A workspace with all that its page needs beside its newest requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceView {
    /// Its name.
    pub name: String,
    /// Its organisation.
    pub organisation: Named,
    /// Its project.
    pub project: Named,
    /// Where its code is.
    pub repo_url: String,
    /// The branch that requests are for unless they say another.
    pub branch: String,
    /// Whether everybody may see the code, and what it declares.
    pub code_is_public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it is for, in its makers' words.
    pub purpose: String,
    /// Whether nothing more is to be run in it.
    pub is_archived: bool,
    pub(super) id: i64,
    pub(crate) project_id: i64,
    /// The newest job of each action on each backend, by action and backend.
    pub last_jobs: Vec<LastJob>,
}

/// The newest job of an action on a backend that nobody cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastJob {
    /// The action.
    pub action: String,
    /// The slug of the backend.
    pub backend: String,
    /// Its name between systems.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// The public number of its request.
    pub request: i64,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

type Row = (String, i64, String, String, i64, Option<i64>);

/// Where a workspace belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkspacePlace {
    pub(crate) organisation: Named,
    pub(crate) project: Named,
}

impl Reader {
    /// Where the workspace with a name belongs.
    pub(crate) async fn workspace_place(
        &self,
        name: &str,
    ) -> Result<Option<WorkspacePlace>, StorageError> {
        let database = &**self.database;
        let project_id = workspace::Entity::find()
            .select_only()
            .column(workspace::Column::ProjectId)
            .filter(workspace::Column::Name.eq(storable(name)));
        let project = project::Entity::find()
            .filter(project::Column::Id.in_subquery(project_id.into_query()))
            .one(database)
            .await?;
        let Some(project) = project else {
            return Ok(None);
        };
        let owner = organisation::Entity::find_by_id(project.organisation_id)
            .one(database)
            .await?;
        Ok(owner.map(|owner| WorkspacePlace {
            organisation: Named {
                slug: owner.slug,
                name: owner.name,
            },
            project: Named {
                slug: project.slug,
                name: project.name,
            },
        }))
    }

    /// The workspace with a name.
    pub async fn workspace(&self, name: &str) -> Result<Option<WorkspaceView>, StorageError> {
        let database = &**self.database;
        let Some(workspace) = workspace::Entity::find()
            .filter(workspace::Column::Name.eq(storable(name)))
            .one(database)
            .await?
        else {
            return Ok(None);
        };
        let damaged = |reason: &str| StorageError::Damaged {
            what: format!("workspace {name}"),
            reason: reason.to_owned(),
        };
        let project = project::Entity::find_by_id(workspace.project_id)
            .one(database)
            .await?
            .ok_or_else(|| damaged("it has no project"))?;
        let organisation = organisation::Entity::find_by_id(project.organisation_id)
            .one(database)
            .await?
            .ok_or_else(|| damaged("its project has no organisation"))?;
        Ok(Some(WorkspaceView {
            last_jobs: self.last_jobs(workspace.id).await?,
            id: workspace.id,
            project_id: workspace.project_id,
            purpose: workspace.purpose,
            is_archived: workspace.is_archived,
            code_is_public: workspace.code_is_public,
            name: workspace.name,
            organisation: Named {
                slug: organisation.slug,
                name: organisation.name,
            },
            project: Named {
                slug: project.slug,
                name: project.name,
            },
            repo_url: workspace.repo_url,
            branch: workspace.branch,
            created_at: Timestamp(workspace.created_at),
        }))
    }

    async fn last_jobs(&self, workspace: i64) -> Result<Vec<LastJob>, StorageError> {
        let database = &**self.database;
        let backends: Vec<(i64, String)> = backend::Entity::find()
            .select_only()
            .columns([backend::Column::Id, backend::Column::Slug])
            .into_tuple()
            .all(database)
            .await?;
        let newest = job::Entity::find()
            .select_only()
            .column_as(job::Column::Sequence.max(), "newest")
            .filter(job::Column::WorkspaceId.eq(workspace))
            .filter(job::Column::Cancelled.eq(false))
            .group_by(job::Column::BackendId)
            .group_by(job::Column::Action)
            .into_query();
        let rows: Vec<Row> = job::Entity::find()
            .select_only()
            .columns([
                job::Column::Action,
                job::Column::BackendId,
                job::Column::Id,
                job::Column::State,
                job::Column::RequestNumber,
                job::Column::CompletedAt,
            ])
            .filter(job::Column::Sequence.in_subquery(newest))
            .order_by_asc(job::Column::Action)
            .order_by_asc(job::Column::BackendId)
            .into_tuple()
            .all(database)
            .await?;
        let last = |(action, backend, id, state, request, completed_at): Row| {
            let (_, slug) = backends.iter().find(|(id, _)| *id == backend)?;
            Some(LastJob {
                action,
                id,
                backend: slug.clone(),
                state: State::ALL
                    .into_iter()
                    .find(|known| known.as_str() == state)?,
                request,
                completed_at: completed_at.map(Timestamp),
            })
        };
        Ok(rows.into_iter().filter_map(last).collect())
    }
}

//! Organisations, projects and workspaces.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QuerySelect as _};

use super::{Listed, Wanted, lower, named, part, plain};
use crate::storage::{
    Database, StorageError,
    entity::{organisation, project, workspace},
};

pub(crate) struct OrganisationRow {
    pub(crate) row: organisation::Model,
    pub(crate) projects: u64,
}

pub(crate) struct ProjectRow {
    pub(crate) row: project::Model,
    pub(crate) organisation: organisation::Model,
}

pub(crate) struct WorkspaceRow {
    pub(crate) row: workspace::Model,
    pub(crate) project: project::Model,
}

pub(crate) async fn organisations(
    database: &Database,
    wanted: &Wanted,
) -> Result<Listed<OrganisationRow>, StorageError> {
    use organisation::Column;
    let query = organisation::Entity::find().filter(wanted.matching(&[Column::Slug, Column::Name]));
    let by = match wanted.sort.as_str() {
        "slug" => lower(Column::Slug),
        "created" => plain(Column::CreatedAt),
        _ => lower(Column::Name),
    };
    let found = part(database, query, wanted, by, Column::Id).await?;
    let ids = found.rows.iter().map(|row| row.id);
    let counts: Vec<(i64, i64)> = project::Entity::find()
        .select_only()
        .column(project::Column::OrganisationId)
        .column_as(project::Column::Id.count(), "projects")
        .filter(project::Column::OrganisationId.is_in(ids))
        .group_by(project::Column::OrganisationId)
        .into_tuple()
        .all(&**database)
        .await?;
    let counts: HashMap<i64, i64> = counts.into_iter().collect();
    Ok(found.map(|row| OrganisationRow {
        projects: counts
            .get(&row.id)
            .map_or(0, |count| u64::try_from(*count).unwrap_or_default()),
        row,
    }))
}

pub(crate) async fn organisation(
    database: &Database,
    slug: &str,
) -> Result<Option<organisation::Model>, StorageError> {
    let query = named::<organisation::Entity>(organisation::Column::Slug, slug);
    Ok(query.one(&**database).await?)
}

/// Projects, perhaps of one organisation.
pub(crate) async fn projects(
    database: &Database,
    of: Option<i64>,
    wanted: &Wanted,
) -> Result<Listed<ProjectRow>, StorageError> {
    use project::Column;
    let owner = project::Entity::belongs_to(organisation::Entity)
        .from(Column::OrganisationId)
        .to(organisation::Column::Id);
    let mut query = project::Entity::find()
        .join(JoinType::InnerJoin, owner.into())
        .filter(wanted.matching(&[Column::Slug, Column::Name]));
    if let Some(organisation) = of {
        query = query.filter(Column::OrganisationId.eq(organisation));
    }
    let by = match wanted.sort.as_str() {
        "slug" => lower(Column::Slug),
        "created" => plain(Column::CreatedAt),
        "organisation" => lower(organisation::Column::Name),
        _ => lower(Column::Name),
    };
    let found = part(database, query, wanted, by, Column::Id).await?;
    let ids = found.rows.iter().map(|row| row.organisation_id);
    let owners = organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(ids))
        .all(&**database)
        .await?;
    let owners: HashMap<i64, organisation::Model> =
        owners.into_iter().map(|row| (row.id, row)).collect();
    // The database keeps references whole.
    let rows = found.rows.into_iter().filter_map(|row| {
        let organisation = owners.get(&row.organisation_id)?.clone();
        Some(ProjectRow { row, organisation })
    });
    Ok(Listed {
        rows: rows.collect(),
        total: found.total,
    })
}

pub(crate) async fn project(
    database: &Database,
    slug: &str,
) -> Result<Option<ProjectRow>, StorageError> {
    let query = named::<project::Entity>(project::Column::Slug, slug);
    let Some(row) = query.one(&**database).await? else {
        return Ok(None);
    };
    let owner = organisation::Entity::find_by_id(row.organisation_id);
    let owner = owner.one(&**database).await?;
    Ok(owner.map(|organisation| ProjectRow { row, organisation }))
}

/// Workspaces, perhaps of one project.
pub(crate) async fn workspaces(
    database: &Database,
    of: Option<i64>,
    wanted: &Wanted,
) -> Result<Listed<WorkspaceRow>, StorageError> {
    use workspace::Column;
    let owner = workspace::Entity::belongs_to(project::Entity)
        .from(Column::ProjectId)
        .to(project::Column::Id);
    let mut query = workspace::Entity::find()
        .join(JoinType::InnerJoin, owner.into())
        .filter(wanted.matching(&[Column::Name, Column::RepoUrl, Column::Purpose]));
    if let Some(project) = of {
        query = query.filter(Column::ProjectId.eq(project));
    }
    let by = match wanted.sort.as_str() {
        "project" => lower(project::Column::Name),
        "repository" => lower(Column::RepoUrl),
        "branch" => lower(Column::Branch),
        "state" => plain(Column::IsArchived),
        "created" => plain(Column::CreatedAt),
        _ => lower(Column::Name),
    };
    let found = part(database, query, wanted, by, Column::Id).await?;
    let ids = found.rows.iter().map(|row| row.project_id);
    let owners = project::Entity::find()
        .filter(project::Column::Id.is_in(ids))
        .all(&**database)
        .await?;
    let owners: HashMap<i64, project::Model> =
        owners.into_iter().map(|row| (row.id, row)).collect();
    let rows = found.rows.into_iter().filter_map(|row| {
        let project = owners.get(&row.project_id)?.clone();
        Some(WorkspaceRow { row, project })
    });
    Ok(Listed {
        rows: rows.collect(),
        total: found.total,
    })
}

pub(crate) async fn workspace(
    database: &Database,
    name: &str,
) -> Result<Option<WorkspaceRow>, StorageError> {
    let query = named::<workspace::Entity>(workspace::Column::Name, name);
    let Some(row) = query.one(&**database).await? else {
        return Ok(None);
    };
    let owner = project::Entity::find_by_id(row.project_id);
    let owner = owner.one(&**database).await?;
    Ok(owner.map(|project| WorkspaceRow { row, project }))
}

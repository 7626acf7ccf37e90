//! Organisations with their projects, projects with their workspaces, and people, as everybody sees them.

use std::collections::HashMap;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{Named, Reader, Who};
use crate::storage::{
    StorageError,
    entity::{job_request, organisation, person, project, workspace},
    storable,
};

/// More of one kind than any page shows: a bound on what is read for one.
const MOST: u64 = 5_000;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationView {
    /// Its names.
    pub named: Named,
    /// When it was entered.
    pub created_at: Timestamp,
    /// How many projects it has.
    pub projects: u64,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView {
    /// Its names.
    pub named: Named,
    /// Its organisation.
    pub organisation: Named,
    /// When it was entered.
    pub created_at: Timestamp,
    /// How many workspaces it has.
    pub workspaces: u64,
}

/// A workspace as a line in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// Its name.
    pub name: String,
    /// Where its code is; nothing where not everybody may see it.
    pub repo_url: Option<String>,
    /// Its branch.
    pub branch: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The number of its newest request.
    pub newest: Option<i64>,
}

/// A person, with what everybody may see of their work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Their names.
    pub who: Who,
    /// The projects that they asked for jobs in. What roles they have is nobody's business.
    pub projects: Vec<Named>,
}

impl Reader {
    /// All organisations, by slug.
    pub async fn organisations(&self) -> Result<Vec<OrganisationView>, StorageError> {
        let database = &**self.database;
        let rows = organisation::Entity::find()
            .order_by_asc(organisation::Column::Slug)
            .limit(MOST)
            .all(database)
            .await?;
        let counts: Vec<(i64, i64)> = project::Entity::find()
            .select_only()
            .column(project::Column::OrganisationId)
            .column_as(project::Column::Id.count(), "projects")
            .group_by(project::Column::OrganisationId)
            .into_tuple()
            .all(database)
            .await?;
        let counts: HashMap<i64, i64> = counts.into_iter().collect();
        let views = rows.into_iter().map(|row| OrganisationView {
            projects: count(&counts, row.id),
            created_at: Timestamp(row.created_at),
            named: Named {
                slug: row.slug,
                name: row.name,
            },
        });
        Ok(views.collect())
    }

    /// The organisation with a slug, and its projects by slug.
    pub async fn organisation(
        &self,
        slug: &str,
    ) -> Result<Option<(OrganisationView, Vec<ProjectView>)>, StorageError> {
        let database = &**self.database;
        let Some(row) = organisation::Entity::find()
            .filter(organisation::Column::Slug.eq(storable(slug)))
            .one(database)
            .await?
        else {
            return Ok(None);
        };
        let projects = project::Entity::find()
            .filter(project::Column::OrganisationId.eq(row.id))
            .order_by_asc(project::Column::Slug)
            .limit(MOST)
            .all(database)
            .await?;
        let of_organisation = project::Entity::find()
            .select_only()
            .column(project::Column::Id)
            .filter(project::Column::OrganisationId.eq(row.id));
        let counts: Vec<(i64, i64)> = workspace::Entity::find()
            .select_only()
            .column(workspace::Column::ProjectId)
            .column_as(workspace::Column::Id.count(), "workspaces")
            .filter(workspace::Column::ProjectId.in_subquery(of_organisation.into_query()))
            .group_by(workspace::Column::ProjectId)
            .into_tuple()
            .all(database)
            .await?;
        let counts: HashMap<i64, i64> = counts.into_iter().collect();
        let named = Named {
            slug: row.slug,
            name: row.name,
        };
        let projects: Vec<_> = projects
            .into_iter()
            .map(|project| ProjectView {
                organisation: named.clone(),
                workspaces: count(&counts, project.id),
                created_at: Timestamp(project.created_at),
                named: Named {
                    slug: project.slug,
                    name: project.name,
                },
            })
            .collect();
        let view = OrganisationView {
            named,
            created_at: Timestamp(row.created_at),
            projects: u64::try_from(projects.len()).unwrap_or(u64::MAX),
        };
        Ok(Some((view, projects)))
    }

    /// The project with a slug, and its workspaces by name.
    pub async fn project(
        &self,
        slug: &str,
    ) -> Result<Option<(ProjectView, Vec<WorkspaceRow>)>, StorageError> {
        let database = &**self.database;
        let Some(row) = project::Entity::find()
            .filter(project::Column::Slug.eq(storable(slug)))
            .one(database)
            .await?
        else {
            return Ok(None);
        };
        let owner = organisation::Entity::find_by_id(row.organisation_id)
            .one(database)
            .await?
            .ok_or_else(|| StorageError::Damaged {
                what: format!("project {slug}"),
                reason: "it has no organisation".to_owned(),
            })?;
        let workspaces = workspace::Entity::find()
            .filter(workspace::Column::ProjectId.eq(row.id))
            .order_by_asc(workspace::Column::Name)
            .limit(MOST)
            .all(database)
            .await?;
        let newest = self.newest_requests(row.id).await?;
        let rows: Vec<_> = workspaces
            .into_iter()
            .map(|workspace| WorkspaceRow {
                newest: newest.get(&workspace.id).copied(),
                repo_url: workspace.code_is_public.then_some(workspace.repo_url),
                name: workspace.name,
                branch: workspace.branch,
                created_at: Timestamp(workspace.created_at),
            })
            .collect();
        let view = ProjectView {
            named: Named {
                slug: row.slug,
                name: row.name,
            },
            organisation: Named {
                slug: owner.slug,
                name: owner.name,
            },
            created_at: Timestamp(row.created_at),
            workspaces: u64::try_from(rows.len()).unwrap_or(u64::MAX),
        };
        Ok(Some((view, rows)))
    }

    /// The newest request of each workspace of a project. The database finds each in an index, without
    /// reading the others.
    async fn newest_requests(&self, project: i64) -> Result<HashMap<i64, i64>, StorageError> {
        let newest = job_request::Entity::find()
            .select_only()
            .column_as(job_request::Column::Number.max(), "newest")
            .filter(
                Expr::col((job_request::Entity, job_request::Column::WorkspaceId))
                    .equals((workspace::Entity, workspace::Column::Id)),
            )
            .into_query();
        let rows: Vec<(i64, Option<i64>)> = workspace::Entity::find()
            .select_only()
            .column(workspace::Column::Id)
            .expr_as(Expr::SubQuery(None, Box::new(newest.into())), "newest")
            .filter(workspace::Column::ProjectId.eq(project))
            .limit(MOST)
            .into_tuple()
            .all(&**self.database)
            .await?;
        let known = |(id, newest): (i64, Option<i64>)| Some((id, newest?));
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// The person with a user name.
    pub async fn person(&self, username: &str) -> Result<Option<PersonView>, StorageError> {
        let database = &**self.database;
        let Some(row) = person::Entity::find()
            .filter(person::Column::Username.eq(storable(username)))
            .one(database)
            .await?
        else {
            return Ok(None);
        };
        let asked_for = job_request::Entity::find()
            .select_only()
            .column(job_request::Column::WorkspaceId)
            .filter(job_request::Column::CreatedBy.eq(row.id));
        let theirs = workspace::Entity::find()
            .select_only()
            .column(workspace::Column::ProjectId)
            .filter(workspace::Column::Id.in_subquery(asked_for.into_query()));
        let projects = project::Entity::find()
            .filter(project::Column::Id.in_subquery(theirs.into_query()))
            .order_by_asc(project::Column::Slug)
            .limit(MOST)
            .all(database)
            .await?;
        let named = |row: project::Model| Named {
            slug: row.slug,
            name: row.name,
        };
        Ok(Some(PersonView {
            who: Who {
                username: row.username,
                full_name: row.full_name,
            },
            projects: projects.into_iter().map(named).collect(),
        }))
    }
}

fn count(counts: &HashMap<i64, i64>, id: i64) -> u64 {
    let count = counts.get(&id).copied().unwrap_or_default();
    u64::try_from(count).unwrap_or_default()
}

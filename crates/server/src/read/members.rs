//! Who works in which project, now.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Select,
};

use super::{Named, Reader, Who};
use crate::{
    access::not_over,
    storage::{
        StorageError,
        entity::{permission, person, project, workspace},
        storable,
    },
};

/// More than any page shows: a bound on what is read for one.
const MOST: u64 = 5_000;

impl Reader {
    /// The people who hold a role in a project at a moment, by user name. Which roles, it does not say.
    pub async fn people_of_project(
        &self,
        slug: &str,
        now: Timestamp,
    ) -> Result<Vec<Who>, StorageError> {
        let projects = project::Entity::find()
            .select_only()
            .column(project::Column::Id)
            .filter(project::Column::Slug.eq(storable(slug)));
        let holders = held(now)
            .select_only()
            .column(permission::Column::PersonId)
            .filter(permission::Column::ProjectId.in_subquery(projects.into_query()));
        let rows = person::Entity::find()
            .filter(person::Column::Id.in_subquery(holders.into_query()))
            .order_by_asc(person::Column::Username)
            .limit(MOST)
            .all(&**self.database)
            .await?;
        let who = |row: person::Model| Who {
            username: row.username,
            full_name: row.full_name,
        };
        Ok(rows.into_iter().map(who).collect())
    }

    /// The workspaces of the projects in which a person holds a role at a moment, the newest first, each with
    /// its project; at most so many, and none that is archived.
    pub(crate) async fn workspaces_of_person(
        &self,
        person: i64,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<(Named, String)>, StorageError> {
        let projects = held(now)
            .select_only()
            .column(permission::Column::ProjectId)
            .filter(permission::Column::PersonId.eq(person))
            .filter(permission::Column::ProjectId.is_not_null());
        let workspaces = workspace::Entity::find()
            .filter(workspace::Column::ProjectId.in_subquery(projects.into_query()))
            .filter(workspace::Column::IsArchived.eq(false))
            .order_by_desc(workspace::Column::Id)
            .limit(most)
            .all(&**self.database)
            .await?;
        let ids = workspaces.iter().map(|row| row.project_id);
        let projects = project::Entity::find()
            .filter(project::Column::Id.is_in(ids))
            .all(&**self.database)
            .await?;
        let of = |id: i64| {
            let row = projects.iter().find(|row| row.id == id)?;
            Some(Named {
                slug: row.slug.clone(),
                name: row.name.clone(),
            })
        };
        let both = |row: workspace::Model| Some((of(row.project_id)?, row.name));
        Ok(workspaces.into_iter().filter_map(both).collect())
    }
}

/// What is held at a moment.
fn held(now: Timestamp) -> Select<permission::Entity> {
    permission::Entity::find()
        .filter(permission::Column::ValidFrom.lte(now.0))
        .filter(not_over(permission::Column::ValidUntil, now))
}

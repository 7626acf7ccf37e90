//! Who holds which role and who is a member of which backend: now, before, and from some day on.

use std::collections::HashMap;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::{
    read::{Named, Who},
    storage::{
        Database, StorageError,
        entity::{backend, backend_member, permission, person, project},
    },
};

/// The newest that are read at most; there are a few for each person and project.
const MOST: u64 = 2_000;

/// A role that somebody holds, held or will hold.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) who: Who,
    /// Nothing for all of them.
    pub(crate) project: Option<Named>,
    pub(crate) role: String,
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
}

/// That a backend takes somebody, took them or will take them.
#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub(crate) who: Who,
    pub(crate) backend: Named,
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
}

/// The roles in a project.
pub(crate) async fn of_project(
    database: &Database,
    project: i64,
) -> Result<Vec<Grant>, StorageError> {
    read(database, permission::Column::ProjectId.eq(project).into()).await
}

/// The roles of a person.
pub(crate) async fn of_person(
    database: &Database,
    person: i64,
) -> Result<Vec<Grant>, StorageError> {
    read(database, permission::Column::PersonId.eq(person).into()).await
}

async fn read(database: &Database, which: Condition) -> Result<Vec<Grant>, StorageError> {
    use permission::Column;
    let all = Condition::all().add(which);
    let rows = permission::Entity::find()
        .filter(all)
        .order_by_desc(Column::Id)
        .limit(MOST)
        .all(&**database)
        .await?;
    let people = whos(database, rows.iter().map(|row| row.person_id)).await?;
    let ids = rows.iter().filter_map(|row| row.project_id);
    let projects = project::Entity::find()
        .filter(project::Column::Id.is_in(ids))
        .all(&**database)
        .await?;
    let projects: HashMap<i64, Named> = projects
        .into_iter()
        .map(|row| {
            let named = Named {
                slug: row.slug,
                name: row.name,
            };
            (row.id, named)
        })
        .collect();
    let grants = rows.into_iter().filter_map(|row| {
        Some(Grant {
            who: people.get(&row.person_id)?.clone(),
            project: row.project_id.and_then(|id| projects.get(&id)).cloned(),
            role: row.role,
            from: Timestamp(row.valid_from),
            until: row.valid_until.map(Timestamp),
        })
    });
    Ok(grants.collect())
}

/// Who is a member of a backend, or of which backends a person is one.
pub(crate) async fn memberships(
    database: &Database,
    backend: Option<i64>,
    person: Option<i64>,
) -> Result<Vec<Membership>, StorageError> {
    use backend_member::Column;
    let mut query = backend_member::Entity::find();
    if let Some(backend) = backend {
        query = query.filter(Column::BackendId.eq(backend));
    }
    if let Some(person) = person {
        query = query.filter(Column::PersonId.eq(person));
    }
    let rows = query
        .order_by_desc(Column::Id)
        .limit(MOST)
        .all(&**database)
        .await?;
    let people = whos(database, rows.iter().map(|row| row.person_id)).await?;
    let backends = backend::Entity::find().all(&**database).await?;
    let backends: HashMap<i64, Named> = backends
        .into_iter()
        .map(|row| {
            let named = Named {
                slug: row.slug,
                name: row.name,
            };
            (row.id, named)
        })
        .collect();
    let members = rows.into_iter().filter_map(|row| {
        Some(Membership {
            who: people.get(&row.person_id)?.clone(),
            backend: backends.get(&row.backend_id)?.clone(),
            from: Timestamp(row.valid_from),
            until: row.valid_until.map(Timestamp),
        })
    });
    Ok(members.collect())
}

async fn whos(
    database: &Database,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Who>, StorageError> {
    let rows = person::Entity::find()
        .filter(person::Column::Id.is_in(ids))
        .all(&**database)
        .await?;
    let people = rows.into_iter().map(|row| {
        let who = Who {
            username: row.username,
            full_name: row.full_name,
        };
        (row.id, who)
    });
    Ok(people.collect())
}

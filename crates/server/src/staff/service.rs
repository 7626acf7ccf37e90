//! Backends and people, and how many of each thing there are.

use std::collections::HashMap;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{Listed, Wanted, lower, named, part, plain};
use crate::{
    access::not_over,
    storage::{
        Database, StorageError,
        entity::{
            backend, backend_member, organisation, person, personal_token, project, session,
            workspace,
        },
    },
};

pub(crate) struct BackendRow {
    pub(crate) row: backend::Model,
    /// How many people may run jobs there now.
    pub(crate) members: u64,
}

pub(crate) struct PersonView {
    pub(crate) row: person::Model,
    /// How many tokens are good for something.
    pub(crate) tokens: u64,
    /// In how many browsers they are signed in.
    pub(crate) sessions: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) organisations: u64,
    pub(crate) projects: u64,
    pub(crate) workspaces: u64,
    pub(crate) backends: u64,
    pub(crate) people: u64,
}

pub(crate) async fn counts(database: &Database) -> Result<Counts, StorageError> {
    let read = &**database;
    Ok(Counts {
        organisations: organisation::Entity::find().count(read).await?,
        projects: project::Entity::find().count(read).await?,
        workspaces: workspace::Entity::find().count(read).await?,
        backends: backend::Entity::find().count(read).await?,
        people: person::Entity::find().count(read).await?,
    })
}

pub(crate) async fn backends(
    database: &Database,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Listed<BackendRow>, StorageError> {
    use backend::Column;
    use backend_member::Column as Member;
    let query = backend::Entity::find().filter(wanted.matching(&[Column::Slug, Column::Name]));
    let by = match wanted.sort.as_str() {
        "slug" => lower(Column::Slug),
        "seen" => plain(Column::LastSeenAt),
        "active" => plain(Column::IsActive),
        _ => lower(Column::Name),
    };
    let found = part(database, query, wanted, by, Column::Id).await?;
    let ids = found.rows.iter().map(|row| row.id);
    let members: Vec<(i64, i64)> = backend_member::Entity::find()
        .select_only()
        .column(Member::BackendId)
        .column_as(Expr::col(Member::PersonId).count_distinct(), "members")
        .filter(Member::BackendId.is_in(ids))
        .filter(Member::ValidFrom.lte(now.0))
        .filter(not_over(Member::ValidUntil, now))
        .group_by(Member::BackendId)
        .into_tuple()
        .all(&**database)
        .await?;
    let members: HashMap<i64, i64> = members.into_iter().collect();
    Ok(found.map(|row| BackendRow {
        members: members
            .get(&row.id)
            .map_or(0, |count| u64::try_from(*count).unwrap_or_default()),
        row,
    }))
}

pub(crate) async fn people(
    database: &Database,
    wanted: &Wanted,
) -> Result<Listed<person::Model>, StorageError> {
    use person::Column;
    let query = person::Entity::find().filter(wanted.matching(&[
        Column::Username,
        Column::FullName,
        Column::Email,
    ]));
    let by = match wanted.sort.as_str() {
        "username" => lower(Column::Username),
        "email" => lower(Column::Email),
        "created" => plain(Column::CreatedAt),
        _ => lower(Column::FullName),
    };
    part(database, query, wanted, by, Column::Id).await
}

pub(crate) async fn person(
    database: &Database,
    username: &str,
    now: Timestamp,
) -> Result<Option<PersonView>, StorageError> {
    let query = named::<person::Entity>(person::Column::Username, username);
    let Some(row) = query.one(&**database).await? else {
        return Ok(None);
    };
    let tokens = personal_token::Entity::find()
        .filter(personal_token::Column::PersonId.eq(row.id))
        .filter(personal_token::Column::ExpiresAt.gt(now.0))
        .count(&**database)
        .await?;
    let sessions = session::Entity::find()
        .filter(session::Column::PersonId.eq(row.id))
        .filter(session::Column::ExpiresAt.gt(now.0))
        .count(&**database)
        .await?;
    Ok(Some(PersonView {
        row,
        tokens,
        sessions,
    }))
}

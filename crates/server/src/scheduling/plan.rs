//! What a new request has to know of what was run before.

use glovebox_jobs::{EarlierJob, JobId, Planned, Refused, State, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};

use super::{NewRequest, Who};
use crate::storage::{Database, StorageError, entity::job};

/// Plans a request on what is kept. To be called by the backend's own task only, so that no other
/// request is planned on the same state.
pub(super) async fn plan(
    database: &Database,
    who: &Who,
    new: &NewRequest,
    now: Timestamp,
) -> Result<Result<Planned, Refused>, StorageError> {
    let earlier = newest(database, who, new).await?;
    Ok(glovebox_jobs::plan(
        &new.request,
        &new.project,
        &[who.slug.as_str()],
        &earlier,
        now,
    ))
}

/// The newest job of each action of the workspace that nobody cancelled: no older one matters.
async fn newest(
    database: &Database,
    who: &Who,
    new: &NewRequest,
) -> Result<Vec<EarlierJob>, StorageError> {
    let newest = job::Entity::find()
        .select_only()
        .column_as(job::Column::Sequence.max(), "newest")
        .filter(job::Column::WorkspaceId.eq(new.workspace_id))
        .filter(job::Column::BackendId.eq(who.id))
        .filter(job::Column::Cancelled.eq(false))
        .group_by(job::Column::Action)
        .into_query();
    let rows: Vec<(i64, String, String, String, i64)> = job::Entity::find()
        .select_only()
        .columns([
            job::Column::Sequence,
            job::Column::Id,
            job::Column::Action,
            job::Column::State,
            job::Column::CreatedAt,
        ])
        .filter(job::Column::Sequence.in_subquery(newest))
        .into_tuple()
        .all(&**database)
        .await?;
    rows.into_iter()
        .map(|(_, id, action, state, created_at)| {
            let known = State::ALL.into_iter().find(|known| known.as_str() == state);
            let state = known.ok_or_else(|| StorageError::Damaged {
                what: format!("job {id}"),
                reason: format!("{state:?} is no state"),
            })?;
            Ok(EarlierJob {
                id: JobId(id),
                backend: who.slug.clone(),
                workspace: new.request.workspace.clone(),
                action,
                state,
                cancelled: false,
                created_at: Timestamp(created_at),
            })
        })
        .collect()
}

//! Summing up the jobs of a request in the row of the request.

use glovebox_jobs::{RequestStatus, State};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::Expr,
};

use crate::storage::{
    StorageError,
    entity::{job, job_request},
};

/// The sum of what lies between start and end of jobs that ended, where that is positive.
const RUNTIME: &str = "CAST(COALESCE(SUM(CASE WHEN state IN ('succeeded', 'failed') \
     AND completed_at > started_at THEN completed_at - started_at ELSE 0 END), 0) AS BIGINT)";

type ByState = (String, i64, Option<i64>, Option<i64>, i64);

/// Works the summary of a request out anew from its jobs, as they are in this transaction: the same as
/// [`glovebox_jobs::Summary::of`], without reading the jobs themselves. Gives whether the request ended by
/// this, and somebody wants to be told.
pub(super) async fn renew(write: &impl ConnectionTrait, number: i64) -> Result<bool, StorageError> {
    let by_state: Vec<ByState> = job::Entity::find()
        .select_only()
        .column(job::Column::State)
        .column_as(job::Column::Sequence.count(), "jobs")
        .column_as(job::Column::StartedAt.min(), "first")
        .column_as(job::Column::CompletedAt.max(), "last")
        .column_as(Expr::cust(RUNTIME), "runtime")
        .filter(job::Column::RequestNumber.eq(number))
        .group_by(job::Column::State)
        .into_tuple()
        .all(write)
        .await?;
    let kept: Option<(String, bool)> = job_request::Entity::find_by_id(number)
        .select_only()
        .columns([job_request::Column::Status, job_request::Column::WillNotify])
        .into_tuple()
        .one(write)
        .await?;
    let Some((kept, will_notify)) = kept else {
        return Ok(false);
    };
    let known = RequestStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == kept);
    let before = known.unwrap_or(RequestStatus::Unknown);
    let status = before.derive(by_state.iter().map(|(state, ..)| state.as_str()));
    let count = |state: State| {
        let row = by_state.iter().find(|(word, ..)| word == state.as_str());
        Set(row.map_or(0, |(_, count, ..)| *count))
    };
    let ended = by_state.iter().filter_map(|(_, _, _, last, _)| *last).max();
    let row = job_request::ActiveModel {
        number: Unchanged(number),
        status: Set(status.as_str().to_owned()),
        jobs_pending: count(State::Pending),
        jobs_running: count(State::Running),
        jobs_succeeded: count(State::Succeeded),
        jobs_failed: count(State::Failed),
        started_at: Set(by_state.iter().filter_map(|(_, _, first, ..)| *first).min()),
        completed_at: Set(ended.filter(|_| !status.is_active())),
        runtime_ms: Set(by_state.iter().map(|(.., runtime)| *runtime).sum()),
        ..ActiveModelTrait::default()
    };
    row.update(write).await?;
    Ok(will_notify && before.is_active() && !status.is_active())
}

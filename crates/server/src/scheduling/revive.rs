//! Making a backend's machine anew from what was kept.

use std::collections::HashSet;

use glovebox_jobs::{Backend, Job, JobId, Settings, State};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::Who;
use crate::storage::{
    Database, StorageError,
    entity::{backend, job},
};

/// How many names one question asks for; databases bound the number of values in one.
pub(super) const AT_ONCE: usize = 500;

/// All jobs that have not ended, in the order they were made, and those that ended which they wait for.
pub(super) async fn machine(
    database: &Database,
    who: &Who,
    settings: Settings,
) -> Result<Backend, StorageError> {
    let row = backend::Entity::find_by_id(who.id).one(&**database).await?;
    let flags = row.map_or((false, false), |row| (row.paused, row.maintenance));
    let mut machine = Backend::new(settings).with_flags(flags.0, flags.1);

    let unfinished = [State::Pending, State::Running].map(State::as_str);
    let rows: Vec<(String, String)> = job::Entity::find()
        .select_only()
        .columns([job::Column::Id, job::Column::Record])
        .filter(job::Column::BackendId.eq(who.id))
        .filter(job::Column::State.is_in(unfinished))
        .order_by_asc(job::Column::Sequence)
        .into_tuple()
        .all(&**database)
        .await?;
    let mut jobs = readable(rows);

    let known: HashSet<&JobId> = jobs.iter().map(|job| &job.id).collect();
    let awaited: HashSet<String> = jobs
        .iter()
        .flat_map(|job| &job.wait_for)
        .filter(|id| !known.contains(id))
        .map(|id| id.0.clone())
        .collect();
    let awaited: Vec<String> = awaited.into_iter().collect();
    for names in awaited.chunks(AT_ONCE) {
        let rows: Vec<(String, String)> = job::Entity::find()
            .select_only()
            .columns([job::Column::Id, job::Column::Record])
            .filter(job::Column::BackendId.eq(who.id))
            .filter(job::Column::Id.is_in(names))
            .into_tuple()
            .all(&**database)
            .await?;
        jobs.extend(readable(rows));
    }

    let count = jobs.len();
    machine.add(jobs).map_err(|error| StorageError::Damaged {
        what: format!("backend {}", who.slug),
        reason: error.to_string(),
    })?;
    tracing::info!(backend = who.slug, jobs = count, "a backend is at work");
    Ok(machine)
}

/// A record that somebody damaged by hand must not keep all others from running: it is passed over, and
/// said aloud.
fn readable(rows: Vec<(String, String)>) -> Vec<Job> {
    rows.into_iter()
        .filter_map(|(id, record)| match serde_json::from_str(&record) {
            Ok(job) => Some(job),
            Err(error) => {
                tracing::error!(job = id, %error, "the record of a job cannot be read");
                None
            }
        })
        .collect()
}

//! Keeping what came of a turn, in one transaction.

use std::collections::{BTreeSet, HashMap};

use data_encoding::HEXLOWER;
use glovebox_jobs::{AgentId, Job, JobId, Planned, RequestStatus};
use glovebox_protocol::Task;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QuerySelect as _, sea_query::OnConflict,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{NewRequest, Note, Shared, Who, desk::Turn, revive::AT_ONCE, summary, switches};
use crate::storage::{
    StorageError,
    entity::{backend, definition, job, job_request, person},
};

/// How many jobs one statement adds.
const ROWS: usize = 200;

/// What was kept.
#[derive(Default)]
pub(super) struct Kept {
    /// The request that was made.
    pub(super) created: Option<i64>,
    /// Every request of which anything changed.
    pub(super) changed: BTreeSet<i64>,
    /// What agents are to begin, in full.
    pub(super) tasks: Vec<(AgentId, Task)>,
}

/// Keeps a turn whole, or nothing of it.
pub(super) async fn keep(shared: &Shared, turn: Turn<'_>) -> Result<Kept, StorageError> {
    let mut kept = Kept::default();
    let idle = turn.effects.changed.is_empty()
        && turn.effects.handed_out.is_empty()
        && turn.notes.is_empty()
        && turn.deeds.is_empty()
        && turn.switches.is_empty()
        && turn.new.is_none()
        && turn.flags.is_none()
        && !turn.seen;
    if idle {
        return Ok(kept);
    }
    let write = shared.database.write().await?;
    shared.turn.check(&*write).await?;
    let mut changed: HashMap<&JobId, &Job> = turn
        .effects
        .changed
        .iter()
        .map(|job| (&job.id, job))
        .collect();
    if let Some((new, planned)) = turn.new {
        let number = add_request(&*write, &turn, new, planned).await?;
        if let Planned::Jobs(jobs) = planned {
            add_jobs(&*write, turn.who, number, new, jobs, &mut changed).await?;
        }
        new.deed.keep(&*write, turn.now).await?;
        kept.created = Some(number);
        kept.changed.insert(number);
    }
    for job in changed.values() {
        change_job(&*write, turn.who, job).await?;
    }
    for note in &turn.notes {
        keep_note(&*write, turn.who, note).await?;
    }
    for deed in &turn.deeds {
        deed.keep(&*write, turn.now).await?;
    }
    keep_backend(&*write, &turn).await?;
    switches::remove(&*write, turn.switches).await?;

    let names: BTreeSet<&str> = turn
        .effects
        .changed
        .iter()
        .map(|job| job.request.as_str())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    for names in names.chunks(AT_ONCE) {
        let numbers: Vec<i64> = job_request::Entity::find()
            .select_only()
            .column(job_request::Column::Number)
            .filter(job_request::Column::Id.is_in(names.iter().copied()))
            .into_tuple()
            .all(&*write)
            .await?;
        kept.changed.extend(numbers);
    }
    for number in &kept.changed {
        summary::renew(&*write, *number).await?;
    }
    kept.tasks = tasks(&*write, &turn).await?;
    write.commit().await?;
    Ok(kept)
}

async fn add_request(
    write: &impl ConnectionTrait,
    turn: &Turn<'_>,
    new: &NewRequest,
    planned: &Planned,
) -> Result<i64, StorageError> {
    let digest = HEXLOWER.encode(&Sha256::digest(&new.definition));
    let text = definition::ActiveModel {
        digest: Set(digest.clone()),
        text: Set(new.definition.clone()),
    };
    definition::Entity::insert(text)
        .on_conflict(
            OnConflict::column(definition::Column::Digest)
                .do_nothing()
                .to_owned(),
        )
        .try_insert()
        .exec_without_returning(write)
        .await?;
    let (status, message) = match planned {
        Planned::Jobs(_) => (RequestStatus::Pending, None),
        Planned::NothingToDo(why) => (RequestStatus::NothingToDo, Some(why.to_string())),
    };
    let row = job_request::ActiveModel {
        id: Set(new.request.id.clone()),
        workspace_id: Set(new.workspace_id),
        backend_id: Set(turn.who.id),
        created_by: Set(new.created_by),
        repo_url: Set(new.repo_url.clone()),
        branch: Set(new.branch.clone()),
        commit_sha: Set(new.commit.clone()),
        definition_digest: Set(digest),
        requested_actions: Set(json(&new.request.requested_actions)?),
        force_run_dependencies: Set(new.request.force_run_dependencies),
        will_notify: Set(new.will_notify),
        created_at: Set(turn.now.0),
        status: Set(status.as_str().to_owned()),
        message: Set(message),
        jobs_pending: Set(0),
        jobs_running: Set(0),
        jobs_succeeded: Set(0),
        jobs_failed: Set(0),
        runtime_ms: Set(0),
        ..ActiveModelTrait::default()
    };
    Ok(row.insert(write).await?.number)
}

/// Adds jobs as they are after the step, and takes those out of `changed`.
async fn add_jobs<'j>(
    write: &impl ConnectionTrait,
    who: &Who,
    number: i64,
    new: &NewRequest,
    jobs: &'j [Job],
    changed: &mut HashMap<&'j JobId, &'j Job>,
) -> Result<(), StorageError> {
    let positions: HashMap<&str, i64> = (0..)
        .zip(new.project.actions())
        .map(|(position, action)| (action.name.as_str(), position))
        .collect();
    for jobs in jobs.chunks(ROWS) {
        let rows = jobs
            .iter()
            .map(|planned| {
                let job = changed.remove(&planned.id).unwrap_or(planned);
                let mut row = columns(job)?;
                row.id = Set(job.id.0.clone());
                row.request_number = Set(number);
                row.position = Set(positions.get(job.action.as_str()).copied().unwrap_or(0));
                row.backend_id = Set(who.id);
                row.workspace_id = Set(new.workspace_id);
                row.action = Set(job.action.clone());
                row.created_at = Set(job.created_at.0);
                Ok(row)
            })
            .collect::<Result<Vec<_>, StorageError>>()?;
        job::Entity::insert_many(rows)
            .exec_without_returning(write)
            .await?;
    }
    Ok(())
}

/// Keeps a job that is there. One of another backend is out of reach, whatever the machine says.
async fn change_job(
    write: &impl ConnectionTrait,
    who: &Who,
    job: &Job,
) -> Result<(), StorageError> {
    job::Entity::update_many()
        .set(columns(job)?)
        .filter(job::Column::Id.eq(job.id.0.as_str()))
        .filter(job::Column::BackendId.eq(who.id))
        .exec(write)
        .await?;
    Ok(())
}

/// The columns that change while a job lives.
fn columns(job: &Job) -> Result<job::ActiveModel, StorageError> {
    Ok(job::ActiveModel {
        state: Set(job.state().as_str().to_owned()),
        cancelled: Set(job.cancelled.is_some()),
        started_at: Set(job.started_at.map(|at| at.0)),
        completed_at: Set(job.completed_at.map(|at| at.0)),
        record: Set(json(job)?),
        ..ActiveModelTrait::default()
    })
}

async fn keep_note(
    write: &impl ConnectionTrait,
    who: &Who,
    note: &Note,
) -> Result<(), StorageError> {
    let mut row: job::ActiveModel = ActiveModelTrait::default();
    if let Some(reason) = note.reason {
        row.reason = Set(Some(word(reason)?));
    }
    if let Some(metrics) = &note.metrics {
        row.metrics = Set(Some(json(metrics)?));
    }
    if note.reason.is_none() && note.metrics.is_none() {
        return Ok(());
    }
    job::Entity::update_many()
        .set(row)
        .filter(job::Column::Id.eq(note.task.job.0.as_str()))
        .filter(job::Column::BackendId.eq(who.id))
        .exec(write)
        .await?;
    Ok(())
}

async fn keep_backend(write: &impl ConnectionTrait, turn: &Turn<'_>) -> Result<(), StorageError> {
    let mut row: backend::ActiveModel = ActiveModelTrait::default();
    if let Some((paused, maintenance)) = turn.flags {
        row.paused = Set(paused);
        row.maintenance = Set(maintenance);
    }
    if turn.seen {
        row.last_seen_at = Set(Some(turn.now.0));
    }
    if turn.flags.is_none() && !turn.seen {
        return Ok(());
    }
    backend::Entity::update_many()
        .set(row)
        .filter(backend::Column::Id.eq(turn.who.id))
        .exec(write)
        .await?;
    Ok(())
}

/// What was handed out, with all that an agent needs to know of it.
async fn tasks(
    read: &impl ConnectionTrait,
    turn: &Turn<'_>,
) -> Result<Vec<(AgentId, Task)>, StorageError> {
    let mut facts: HashMap<String, (String, String, String)> = HashMap::new();
    let mut tasks = Vec::new();
    for out in &turn.effects.handed_out {
        let Some(job) = turn.machine.job(&out.task.job) else {
            continue;
        };
        if !facts.contains_key(&job.request) {
            let found = request_facts(read, &job.request).await?;
            facts.insert(job.request.clone(), found);
        }
        let Some((repo, commit, requested_by)) = facts.get(&job.request) else {
            continue;
        };
        let task = Task {
            task: out.task.to_string(),
            again: out.again,
            lease_seconds: out.lease.as_secs(),
            time_limit_seconds: out.time_limit.map(|limit| limit.as_secs()),
            workspace: job.workspace.clone(),
            repo: repo.clone(),
            commit: commit.clone(),
            action: job.action.clone(),
            requires_db: job.requires_db,
            request: job.request.clone(),
            requested_by: requested_by.clone(),
        };
        tasks.push((out.agent.clone(), task));
    }
    Ok(tasks)
}

/// Where the code of a request is, at which commit, and who asked.
async fn request_facts(
    read: &impl ConnectionTrait,
    request: &str,
) -> Result<(String, String, String), StorageError> {
    let damaged = |reason: &str| StorageError::Damaged {
        what: format!("job request {request}"),
        reason: reason.to_owned(),
    };
    let row = job_request::Entity::find()
        .filter(job_request::Column::Id.eq(request))
        .one(read)
        .await?
        .ok_or_else(|| damaged("it is not there, and its jobs are"))?;
    let person = person::Entity::find_by_id(row.created_by)
        .one(read)
        .await?
        .ok_or_else(|| damaged("nobody asked for it"))?;
    Ok((row.repo_url, row.commit_sha, person.username))
}

fn json(value: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(unwritable)
}

/// The word that a plain enum is in JSON.
fn word(value: impl Serialize) -> Result<String, StorageError> {
    match serde_json::to_value(value).map_err(unwritable)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unwritable(error: serde_json::Error) -> StorageError {
    StorageError::Damaged {
        what: "a value that is to be kept".to_owned(),
        reason: error.to_string(),
    }
}

//! Where each action of a workspace stands on each backend, and whether what it made is out of date.
//!
//! Nothing here knows the files: only agents do, and they compare them by content before an action runs.
//! What is said is what the requests show, and no more: see [`WhyStale`].

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use glovebox_jobs::{Job, State, Timestamp, run_command_of};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use super::{Reader, WorkspaceView};
use crate::storage::{
    StorageError,
    entity::{backend, job, job_request},
};

/// The actions of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionView {
    /// Its name.
    pub name: String,
    /// Each backend that it ran on.
    pub runs: Vec<OnBackend>,
}

/// An action on a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBackend {
    /// The slug of the backend.
    pub backend: String,
    /// Its newest job that nobody cancelled.
    pub last: LastRun,
    /// Its newest success.
    pub success: Option<LastRun>,
    /// Why what it made is out of date; nothing where that is up to date, or there is nothing.
    pub stale: Option<WhyStale>,
}

/// A job as an action remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// Its name between systems.
    pub id: String,
    /// The public number of its request.
    pub request: i64,
    /// Where it stands.
    pub state: State,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// Why what an action made last is out of date. The first that is so is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyStale {
    /// The newest request of the workspace has another command for it.
    Command,
    /// An action that it needs succeeded after it began.
    Needs(String),
    /// It was made from another commit than the newest request of the workspace is for.
    Commit(String),
}

/// What a success was made from.
struct Success {
    run: LastRun,
    started_at: Option<i64>,
    command: String,
    commit: String,
}

impl Reader {
    /// The actions of a workspace in the order of its newest project file, with the request that file is of;
    /// nothing where nothing was asked for yet.
    pub async fn actions(
        &self,
        view: &WorkspaceView,
    ) -> Result<Option<(i64, Vec<ActionView>)>, StorageError> {
        let Some(newest) = self.newest_request(view).await? else {
            return Ok(None);
        };
        let text = self.definition(&newest.definition_digest).await?;
        let text = text.unwrap_or_default();
        let successes = self.successes(view.id).await?;
        let (projects, digest) = (Arc::clone(&self.projects), newest.definition_digest.clone());
        let read = move || {
            let project = projects.of(&digest, &text);
            let actions = project.iter().flat_map(|project| project.actions());
            let of = |action: &glovebox_pipeline::Action| {
                let command = run_command_of(action);
                (action.name.clone(), command, action.needs.clone())
            };
            actions.map(of).collect::<Vec<_>>()
        };
        // A large file takes a moment.
        let declared = tokio::task::spawn_blocking(read).await;
        let declared = declared.map_err(|error| StorageError::Damaged {
            what: format!("the project file of request {}", newest.number),
            reason: error.to_string(),
        })?;
        let actions = declared
            .into_iter()
            .map(|(name, command, needs)| {
                let runs = view
                    .last_jobs
                    .iter()
                    .filter(|last| last.action == name)
                    .map(|last| {
                        let success = |action: &str| {
                            successes.get(&(last.backend.clone(), action.to_owned()))
                        };
                        let own = success(&name);
                        OnBackend {
                            backend: last.backend.clone(),
                            last: LastRun {
                                id: last.id.clone(),
                                request: last.request,
                                state: last.state,
                                completed_at: last.completed_at,
                            },
                            stale: own.and_then(|own| {
                                why_stale(own, &command, &newest.commit_sha, &needs, success)
                            }),
                            success: own.map(|own| own.run.clone()),
                        }
                    })
                    .collect();
                ActionView { name, runs }
            })
            .collect();
        Ok(Some((newest.number, actions)))
    }

    /// The newest request for the branch of the workspace; where there is none, the newest.
    async fn newest_request(
        &self,
        view: &WorkspaceView,
    ) -> Result<Option<job_request::Model>, StorageError> {
        let find = job_request::Entity::find()
            .filter(job_request::Column::WorkspaceId.eq(view.id))
            .order_by_desc(job_request::Column::Number);
        let of_branch = find
            .clone()
            .filter(job_request::Column::Branch.eq(view.branch.as_str()));
        match of_branch.one(&**self.database).await? {
            Some(newest) => Ok(Some(newest)),
            None => Ok(find.one(&**self.database).await?),
        }
    }

    /// The newest success of each action on each backend.
    async fn successes(
        &self,
        workspace: i64,
    ) -> Result<HashMap<(String, String), Success>, StorageError> {
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
            // Named one by one, so that the index leads to successes alone.
            .filter(job::Column::BackendId.is_in(backends.iter().map(|(id, _)| *id)))
            .filter(job::Column::State.eq(State::Succeeded.as_str()))
            .group_by(job::Column::BackendId)
            .group_by(job::Column::Action)
            .into_query();
        let rows = job::Entity::find()
            .filter(job::Column::Sequence.in_subquery(newest))
            .all(database)
            .await?;
        let numbers: BTreeSet<i64> = rows.iter().map(|row| row.request_number).collect();
        let commits: Vec<(i64, String)> = job_request::Entity::find()
            .select_only()
            .columns([job_request::Column::Number, job_request::Column::CommitSha])
            .filter(job_request::Column::Number.is_in(numbers))
            .into_tuple()
            .all(database)
            .await?;
        let commits: HashMap<i64, String> = commits.into_iter().collect();
        let backends: HashMap<i64, String> = backends.into_iter().collect();
        let success = |row: job::Model| {
            let job: Job = serde_json::from_str(&row.record).ok()?;
            let key = (backends.get(&row.backend_id)?.clone(), row.action);
            let success = Success {
                started_at: row.started_at,
                command: job.run_command,
                commit: commits.get(&row.request_number)?.clone(),
                run: LastRun {
                    id: row.id,
                    request: row.request_number,
                    state: State::Succeeded,
                    completed_at: row.completed_at.map(Timestamp),
                },
            };
            Some((key, success))
        };
        Ok(rows.into_iter().filter_map(success).collect())
    }
}

fn why_stale<'s>(
    own: &Success,
    command: &str,
    commit: &str,
    needs: &[String],
    success: impl Fn(&str) -> Option<&'s Success>,
) -> Option<WhyStale> {
    if own.command != command {
        return Some(WhyStale::Command);
    }
    // Inputs are staged when an action starts: what was made later, it never saw.
    let newer = needs.iter().find(|need| {
        let made = success(need).and_then(|other| other.run.completed_at);
        matches!((made, own.started_at), (Some(made), Some(started)) if made.0 > started)
    });
    if let Some(need) = newer {
        return Some(WhyStale::Needs(need.clone()));
    }
    (own.commit != commit).then(|| WhyStale::Commit(own.commit.clone()))
}

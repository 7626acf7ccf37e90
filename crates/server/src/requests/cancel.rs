//! Cancelling jobs of a request.

use std::collections::HashSet;

use glovebox_jobs::{CancelledAs, Event, JobId, State};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::json;

use super::{RequestError, check_actions};
use crate::{
    access::{self, Permission},
    app::App,
    audit::Deed,
    clock,
    scheduling::{Message, Tell},
    storage::entity::{backend, job, job_request, person, workspace},
};

/// What is to be cancelled.
#[derive(Debug)]
pub(crate) struct Cancel<'c> {
    /// The public number of the request.
    pub(crate) number: i64,
    /// The actions; all that have not ended if there are none.
    pub(crate) actions: &'c [String],
}

/// Cancels jobs on behalf of a person: one who asked for them, or who may cancel in this project.
///
/// Jobs that have ended stay as they are, so cancelling twice is cancelling once.
pub(crate) async fn cancel(
    app: &App,
    person: &person::Model,
    what: Cancel<'_>,
) -> Result<(), RequestError> {
    check_actions(what.actions)?;
    let database = &**app.database;
    let lost = || RequestError::NotFound {
        what: "job request",
        name: what.number.to_string(),
    };
    let request = job_request::Entity::find_by_id(what.number)
        .one(database)
        .await?
        .ok_or_else(lost)?;
    let workspace = workspace::Entity::find_by_id(request.workspace_id)
        .one(database)
        .await?
        .ok_or_else(lost)?;
    let may_cancel = request.created_by == person.id
        || access::may(
            database,
            person.id,
            workspace.project_id,
            Permission::JobCancel,
            clock::now(),
        )
        .await?;
    if !may_cancel {
        return Err(RequestError::Forbidden {
            what: "cancel jobs",
        });
    }
    let backend = backend::Entity::find_by_id(request.backend_id)
        .one(database)
        .await?
        .ok_or_else(lost)?;

    let jobs: Vec<(String, String, String)> = job::Entity::find()
        .select_only()
        .columns([job::Column::Id, job::Column::Action, job::Column::State])
        .filter(job::Column::RequestNumber.eq(what.number))
        .into_tuple()
        .all(database)
        .await?;
    let there: HashSet<&str> = jobs.iter().map(|(_, action, _)| action.as_str()).collect();
    if let Some(unknown) = what
        .actions
        .iter()
        .find(|action| !there.contains(action.as_str()))
    {
        return Err(RequestError::Refused(format!(
            "this request has no job for the action {unknown:?}: name those that it has"
        )));
    }
    let chosen: HashSet<&str> = what.actions.iter().map(String::as_str).collect();
    let ended = [State::Succeeded, State::Failed].map(State::as_str);
    let (ids, actions): (Vec<String>, Vec<String>) = jobs
        .into_iter()
        .filter(|(_, action, state)| {
            !ended.contains(&state.as_str())
                && (chosen.is_empty() || chosen.contains(action.as_str()))
        })
        .map(|(id, action, _)| (id, action))
        .unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let events = ids.into_iter().map(|id| Event::Cancel {
        job: JobId(id),
        by: person.username.clone(),
        role: CancelledAs::User,
    });
    let tell = Tell {
        events: events.collect(),
        note: None,
        deed: Some(Deed {
            actor: person.username.clone(),
            action: "jobs_cancelled",
            subject: format!("job-request/{}", request.id),
            details: json!({ "actions": actions }),
        }),
    };
    // What ended in between is ignored there, and that is well.
    app.scheduling
        .ask(&backend, |answer| Message::Tell { tell, answer })
        .await?;
    Ok(())
}

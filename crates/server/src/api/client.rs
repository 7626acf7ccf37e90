//! What people's programs call.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use glovebox_protocol::{CancelRequest, Cancelled, CreateRequest, Created, Job, JobRequest};
use tokio::time::timeout;

use super::{Refused, body::Body, credential::OfPerson};
use crate::{
    app::App,
    read::{JobRequestView, JobView},
    requests::{self, Cancel},
};

/// How long reading a repository that is large and far away may take in all.
const LONGEST: Duration = Duration::from_mins(2);

/// Takes a request for jobs.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    OfPerson(person): OfPerson,
    Body(asked): Body<CreateRequest>,
) -> Result<(StatusCode, Json<Created>), Refused> {
    let made = timeout(LONGEST, requests::create(&app, &person, &asked))
        .await
        .map_err(|_| Refused::unavailable())??;
    let created = Created {
        request: find(&app, made.number).await?,
        nothing_to_do: made.nothing_to_do.map(|why| why.to_string()),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Shows a request, to everybody.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    number: Result<Path<String>, PathRejection>,
) -> Result<Json<JobRequest>, Refused> {
    Ok(Json(find(&app, parse(number)?).await?))
}

/// Cancels jobs of a request, and shows it as it is then.
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    OfPerson(person): OfPerson,
    number: Result<Path<String>, PathRejection>,
    Body(what): Body<CancelRequest>,
) -> Result<Json<JobRequest>, Refused> {
    let number = parse(number)?;
    let what = Cancel {
        number,
        actions: &what.actions,
    };
    requests::cancel(&app, &person, what).await?;
    Ok(Json(find(&app, number).await?))
}

/// A number as it is written: a request has one address.
pub(super) fn parse(number: Result<Path<String>, PathRejection>) -> Result<i64, Refused> {
    let Ok(Path(text)) = number else {
        return Err(Refused::not_found("job request"));
    };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = text.parse().ok().filter(|_| is_plain);
    number.ok_or_else(|| Refused::not_found("job request"))
}

/// The page of a request.
pub(super) fn path_of(number: i64) -> String {
    format!("/job-requests/{number}")
}

async fn find(app: &App, number: i64) -> Result<JobRequest, Refused> {
    let found = app.reader.job_request_without_file(number).await?;
    found
        .map(shown)
        .ok_or_else(|| Refused::not_found("job request"))
}

fn shown(request: JobRequestView) -> JobRequest {
    JobRequest {
        path: path_of(request.number),
        number: request.number,
        id: request.id,
        workspace: request.workspace,
        backend: request.backend.slug,
        commit: request.commit,
        status: request.summary.status.as_str().to_owned(),
        message: request.message,
        created_by: request.created_by.username,
        created_at: request.created_at.0,
        completed_at: request.summary.completed_at.map(|at| at.0),
        requested_actions: request.requested_actions,
        jobs: request.jobs.iter().map(shown_job).collect(),
    }
}

fn shown_job(view: &JobView) -> Job {
    let job = &view.job;
    Job {
        id: job.id.0.clone(),
        action: job.action.clone(),
        state: job.state().as_str().to_owned(),
        status_code: job.code.as_str().to_owned(),
        status_message: view.sentence(),
        created_at: job.created_at.0,
        updated_at: job.updated_at.0,
        started_at: job.started_at.map(|at| at.0),
        completed_at: job.completed_at.map(|at| at.0),
        cancelled: job.cancelled.as_ref().map(|cancelled| Cancelled {
            by: cancelled.by.clone(),
            at: cancelled.at.0,
        }),
    }
}

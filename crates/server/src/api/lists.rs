//! What anybody may read of many requests at once.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use glovebox_jobs::RequestStatus;
use glovebox_protocol::{
    ActionStatus, JobCounts, JobRequestPage, JobRequestRow, ListQuery, WorkspaceStatuses,
};

use super::{Refused, client::path_of, query::Asked};
use crate::{
    app::App,
    read::{Filter, LastJob, Page, RequestRow},
};

/// The longest page.
const LONGEST: u32 = 200;

/// Lists requests, the newest first.
pub(crate) async fn job_requests(
    State(app): State<Arc<App>>,
    Asked(asked): Asked<ListQuery>,
) -> Result<Json<JobRequestPage>, Refused> {
    let page = page(&asked)?;
    let latest = app.reader.latest_requests(&filter(asked)?, page).await?;
    Ok(Json(JobRequestPage {
        job_requests: latest.rows.into_iter().map(row).collect(),
        next: latest.next,
    }))
}

/// Says where the actions of a workspace stand.
pub(crate) async fn statuses(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<WorkspaceStatuses>, Refused> {
    let missing = || Refused::not_found("workspace");
    let Path(name) = name.map_err(|_| missing())?;
    let found = app.reader.workspace(&name).await?.ok_or_else(missing)?;
    Ok(Json(WorkspaceStatuses {
        workspace: found.name,
        statuses: found.last_jobs.into_iter().map(status).collect(),
    }))
}

fn page(asked: &ListQuery) -> Result<Page, Refused> {
    let mut page = Page::default();
    if let Some(before) = asked.before {
        if before < 1 {
            return Err(Refused::bad_request("before is a number from 1 on"));
        }
        page.before = Some(before);
    }
    if let Some(size) = asked.size {
        if !(1..=LONGEST).contains(&size) {
            let message = format!("size is a number from 1 to {LONGEST}");
            return Err(Refused::bad_request(message));
        }
        page.size = size.into();
    }
    Ok(page)
}

fn filter(asked: ListQuery) -> Result<Filter, Refused> {
    let status = asked.status.map(|word| {
        RequestStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| Refused::bad_request("status is none that there is"))
    });
    Ok(Filter {
        status: status.transpose()?,
        backends: name("backend", asked.backend)?.into_iter().collect(),
        project: name("project", asked.project)?,
        workspace: name("workspace", asked.workspace)?,
        created_by: name("created_by", asked.created_by)?,
        ..Filter::default()
    })
}

/// A name of which there might be one.
fn name(what: &str, text: Option<String>) -> Result<Option<String>, Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = |text: &String| {
        text.len() <= 100
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(plain)
    };
    if text.as_ref().is_none_or(is_name) {
        return Ok(text);
    }
    let message = format!("{what} has 1 to 100 letters, digits, -, _ and .");
    Err(Refused::bad_request(message))
}

fn row(row: RequestRow) -> JobRequestRow {
    let [pending, running, succeeded, failed] = row
        .summary
        .jobs
        .map(|jobs| u64::try_from(jobs).unwrap_or(u64::MAX));
    JobRequestRow {
        number: row.number,
        path: path_of(row.number),
        organisation: row.organisation.slug,
        project: row.project.slug,
        workspace: row.workspace,
        backend: row.backend.slug,
        status: row.summary.status.as_str().to_owned(),
        created_by: row.created_by.username,
        created_at: row.created_at.0,
        started_at: row.summary.started_at.map(|at| at.0),
        completed_at: row.summary.completed_at.map(|at| at.0),
        requested_actions: row.requested_actions,
        jobs: JobCounts {
            pending,
            running,
            succeeded,
            failed,
        },
    }
}

fn status(last: LastJob) -> ActionStatus {
    ActionStatus {
        action: last.action,
        backend: last.backend,
        state: last.state.as_str().to_owned(),
        job_request: last.request,
        completed_at: last.completed_at.map(|at| at.0),
    }
}

//! A job request, and each of its jobs.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::{IntoResponse as _, Redirect},
};
use glovebox_jobs::RequestStatus;
use glovebox_pages::{Earlier, JobPage, JobRequestPage, job_request_path};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    answer::{NoPage, Page, shown},
    facts, offers,
    viewer::Viewer,
};
use crate::{
    app::App,
    read::{Filter, JobRequestView, Page as Part},
};

/// The short address of a request leads to its own.
pub(crate) async fn short(
    State(app): State<Arc<App>>,
    place: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(number) = place?;
    let view = found(&app, &number).await?;
    let path = job_request_path(&view.project.slug, &view.workspace, view.number);
    Ok(Redirect::permanent(&path).into_response())
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String, String)>, PathRejection>,
    newer: Result<Query<Newer>, QueryRejection>,
) -> Page {
    let Path((project, workspace, number)) = place?;
    let view = found_at(&app, &project, &workspace, &number).await?;
    let offers = offers::of_request(&app, &viewer, &view).await?;
    let newer = newer
        .ok()
        .and_then(|Query(newer)| newer.newer)
        .filter(|newer| is_for(&viewer, &view, newer));
    let previous = earlier(&app, &view, None).await?;
    let success = earlier(&app, &view, Some(RequestStatus::Succeeded)).await?;
    rendered(move || {
        let jobs: Vec<_> = view.jobs.iter().map(facts::job).collect();
        let page = JobRequestPage {
            frame: viewer.frame(),
            request: &facts::request(&view),
            jobs: &jobs,
            previous: previous.as_ref(),
            previous_success: success.as_ref(),
            offers,
            newer: newer.as_deref(),
            now: facts::now(),
        };
        page.html()
    })
    .await
}

pub(crate) async fn job(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String, String, String)>, PathRejection>,
) -> Page {
    let Path((project, workspace, number, job)) = place?;
    let view = found_at(&app, &project, &workspace, &number).await?;
    let found = view.jobs.iter().find(|known| known.job.id.0 == job);
    let job = found.ok_or(NoPage::Missing)?;
    let cancel = offers::of_job(&app, &viewer, &view, job).await?;
    let page = JobPage {
        frame: viewer.frame(),
        request: &facts::request(&view),
        facts: &facts::job(job),
        cancel,
        now: facts::now(),
    };
    Ok(shown(page.html()?))
}

/// Pages that are drawn at once; further ones wait.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// Draws a page where it holds nobody up: that of a large request takes a moment, and anybody may ask.
pub(super) async fn rendered(
    draw: impl FnOnce() -> Result<String, std::fmt::Error> + Send + 'static,
) -> Page {
    let _turn = DRAWING.acquire().await.map_err(|_| NoPage::Unable)?;
    match tokio::task::spawn_blocking(draw).await {
        Ok(html) => Ok(shown(html?)),
        Err(_) => Err(NoPage::Unable),
    }
}

async fn found(app: &App, number: &str) -> Result<JobRequestView, NoPage> {
    let number = number.parse().map_err(|_| NoPage::Missing)?;
    app.reader.job_request(number).await?.ok_or(NoPage::Missing)
}

/// The request at an address that names its workspace too.
pub(super) async fn found_at(
    app: &App,
    project: &str,
    workspace: &str,
    number: &str,
) -> Result<JobRequestView, NoPage> {
    let view = found(app, number).await?;
    let is_here = view.project.slug == project && view.workspace == workspace;
    is_here.then_some(view).ok_or(NoPage::Missing)
}

/// The commit that a branch had moved on to when a request was made.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Newer {
    newer: Option<String>,
}

/// It is said to who made the request, and to nobody for whom somebody else may have typed it.
fn is_for(viewer: &Viewer, view: &JobRequestView, newer: &str) -> bool {
    let is_commit = newer.len() == 40 && newer.bytes().all(|byte| byte.is_ascii_hexdigit());
    let session = viewer.session.as_deref();
    is_commit
        && newer != view.commit
        && session.is_some_and(|session| session.person.username == view.created_by.username)
}

/// The newest request of the same workspace on the same backend before this one.
async fn earlier(
    app: &App,
    view: &JobRequestView,
    status: Option<RequestStatus>,
) -> Result<Option<Earlier>, NoPage> {
    let filter = Filter {
        status,
        backend: Some(view.backend.slug.clone()),
        workspace: Some(view.workspace.clone()),
        ..Filter::default()
    };
    let part = Part {
        before: Some(view.number),
        size: 1,
    };
    let Some(row) = app.reader.latest_requests(&filter, part).await?.rows.pop() else {
        return Ok(None);
    };
    let earlier = app.reader.job_request(row.number).await?;
    Ok(earlier.map(facts::earlier))
}

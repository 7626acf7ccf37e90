//! A job request, and each of its jobs.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse as _, Redirect},
};
use glovebox_jobs::RequestStatus;
use glovebox_pages::{Earlier, JobPage, JobRequestPage, job_request_path};
use tokio::sync::Semaphore;

use super::{
    answer::{NoPage, Page, shown},
    facts,
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
) -> Page {
    let Path((project, workspace, number)) = place?;
    let view = found(&app, &number).await?;
    if view.project.slug != project || view.workspace != workspace {
        return Err(NoPage::Missing);
    }
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
    let view = found(&app, &number).await?;
    let is_here = view.project.slug == project && view.workspace == workspace;
    let found = view.jobs.iter().find(|known| known.job.id.0 == job);
    let (true, Some(job)) = (is_here, found) else {
        return Err(NoPage::Missing);
    };
    let page = JobPage {
        frame: viewer.frame(),
        request: &facts::request(&view),
        facts: &facts::job(job),
        now: facts::now(),
    };
    Ok(shown(page.html()?))
}

/// Pages that are drawn at once; further ones wait.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// Draws a page where it holds nobody up: that of a large request takes a moment, and anybody may ask.
async fn rendered(draw: impl FnOnce() -> Result<String, std::fmt::Error> + Send + 'static) -> Page {
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

//! A job request, and each of its jobs.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::{IntoResponse as _, Redirect},
};
use glovebox_jobs::State as JobState;
use glovebox_pages::{
    EarlierJob, JOB_COLUMNS, JobPage, JobRequestPage, job_path, job_request_path,
};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    address::{Address, Chosen},
    answer::{NoPage, Page, shown},
    changes, facts, offers,
    sorted::Order,
    viewer::Viewer,
};
use crate::{
    app::App,
    operations::Operations,
    read::{EarlierRun, EarlierView, JobRequestView},
};

/// The order of the file, until somebody sorts.
const BY_FILE: Order = Order {
    column: "file",
    ascending: true,
};

/// The short address of a request, with its number or its name between systems, leads to its own.
pub(crate) async fn short(
    State(app): State<Arc<App>>,
    place: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(name) = place?;
    let number = match name.parse() {
        Ok(number) => Some(number),
        Err(_) => app.reader.number_of(&name).await?,
    };
    let number = number.ok_or(NoPage::Missing)?;
    let found = app.reader.job_request_without_file(number).await?;
    let view = found.ok_or(NoPage::Missing)?;
    let path = job_request_path(&view.project.slug, &view.workspace, view.number);
    Ok(Redirect::permanent(&path).into_response())
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String, String)>, PathRejection>,
    chosen: Chosen,
    newer: Result<Query<Newer>, QueryRejection>,
) -> Page {
    let Path((project, workspace, number)) = place?;
    let mut view = found_at(&app, &project, &workspace, &number).await?;
    let offers = offers::of_request(&app, &viewer, &view).await?;
    let newer = newer
        .ok()
        .and_then(|Query(newer)| newer.newer)
        .filter(|newer| is_for(&viewer, &view, newer));
    let sees_code = viewer
        .sees_code(&app, view.project_id, view.code_is_public)
        .await?;
    let (previous, success) = app.reader.earlier_requests(&view).await?;
    let with_code = |earlier: EarlierView| {
        let code = if sees_code {
            changes::known(&app, &view, &earlier)
        } else {
            None
        };
        facts::earlier(earlier, code)
    };
    let previous = previous.map(with_code);
    let success = success.map(with_code);
    let queue = queue(&app, &view).await;
    let address = Address::new(job_request_path(&project, &workspace, view.number));
    let reader = app.reader.clone();
    rendered(move || {
        let project = reader.project_file(&view).filter(|_| sees_code);
        let jobs: Vec<_> = std::mem::take(&mut view.jobs)
            .into_iter()
            .map(|job| facts::job(job, &queue, sees_code))
            .collect();
        let order = Order::of(&chosen, &JOB_COLUMNS, BY_FILE);
        let column = JOB_COLUMNS
            .iter()
            .position(|(column, ..)| *column == order.column);
        let mut heads = order.heads(&JOB_COLUMNS, &address);
        for head in &mut heads {
            // The table is far down the page.
            if let Some(href) = &mut head.href {
                href.push_str("#jobs");
            }
        }
        let page = JobRequestPage {
            frame: viewer.frame(),
            request: &facts::request(&view, sees_code),
            project: project.as_deref(),
            jobs: &jobs,
            heads,
            sort: column.map(|column| (column, order.ascending)),
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
    let Path((project, workspace, number, id)) = place?;
    let view = found_at(&app, &project, &workspace, &number).await?;
    let mut alike = view
        .jobs
        .iter()
        .filter(|known| !id.is_empty() && known.job.id.0.starts_with(&id));
    let (Some(job), None) = (alike.next(), alike.next()) else {
        return Err(NoPage::Missing);
    };
    if job.job.id.0 != id {
        let path = job_path(&project, &workspace, view.number, &job.job.id.0);
        return Ok(Redirect::temporary(&path).into_response());
    }
    let sees_code = viewer
        .sees_code(&app, view.project_id, view.code_is_public)
        .await?;
    let cancel = offers::of_job(&app, &viewer, &view, job).await?;
    let sees_metrics = viewer.sees_more(&app, view.project_id).await?;
    let (previous, success) = app.reader.earlier_runs(&view, &job.job.action).await?;
    let queue = queue(&app, &view).await;
    let id = job.job.id.clone();
    let reader = app.reader.clone();
    rendered(move || {
        let Some(job) = view.jobs.iter().find(|job| job.job.id == id) else {
            return Ok(String::new());
        };
        let project = reader.project_file(&view).filter(|_| sees_code);
        let page = JobPage {
            frame: viewer.frame(),
            request: &facts::request(&view, sees_code),
            project: project.as_deref(),
            facts: &facts::job(job.clone(), &queue, sees_code),
            cancel,
            previous: previous.map(earlier_job),
            previous_success: success.map(earlier_job),
            metrics: job.metrics.filter(|_| sees_metrics).map(facts::metrics),
            now: facts::now(),
        };
        page.html()
    })
    .await
}

fn earlier_job(run: EarlierRun) -> EarlierJob {
    EarlierJob {
        id: run.id,
        request: run.request,
        state: run.state,
        completed_at: run.completed_at.map(facts::moment),
        commit: run.commit,
    }
}

/// The queue of the request's backend, if a job of it may be in there.
async fn queue(app: &Arc<App>, view: &JobRequestView) -> Vec<glovebox_jobs::JobId> {
    let waits = view
        .jobs
        .iter()
        .any(|job| job.job.state() == JobState::Pending);
    if !waits {
        return Vec::new();
    }
    let operations = Operations::new(Arc::clone(app));
    operations.queue_at_once(view.backend_id).await
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

/// The request with a number, if it is where the address says.
pub(super) async fn found_at(
    app: &App,
    project: &str,
    workspace: &str,
    number: &str,
) -> Result<JobRequestView, NoPage> {
    let view = found(app, number).await?;
    if view.project.slug == project && view.workspace == workspace {
        Ok(view)
    } else {
        Err(NoPage::Missing)
    }
}

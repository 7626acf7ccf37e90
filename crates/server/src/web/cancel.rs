//! Cancelling jobs: first it is asked by name, then it is done.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse as _, Redirect},
};
use glovebox_pages::{CancelPage, Offer, job_path, job_request_path};
use serde::Deserialize;

use super::{
    answer::{NoPage, Page, shown},
    form::Proved,
    offers, request,
    viewer::Viewer,
};
use crate::{
    app::App,
    read::{JobRequestView, JobView},
    requests::{self, Cancel, RequestError},
};

/// Project, workspace and number, and perhaps the name of a job.
type OfRequest = Result<Path<(String, String, String)>, PathRejection>;
type OfJob = Result<Path<(String, String, String, String)>, PathRejection>;

/// A form without fields of its own.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn request_page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: OfRequest,
) -> Page {
    let Path((project, workspace, number)) = place?;
    let view = request::found_at(&app, &project, &workspace, &number).await?;
    if viewer.session.is_none() {
        return Err(NoPage::SignInFirst);
    }
    if offers::of_request(&app, &viewer, &view).await?.cancel == Offer::Nothing {
        return Err(NoPage::Forbidden);
    }
    page(&viewer, &view, None)
}

pub(crate) async fn job_page(State(app): State<Arc<App>>, viewer: Viewer, place: OfJob) -> Page {
    let Path((project, workspace, number, job)) = place?;
    let view = request::found_at(&app, &project, &workspace, &number).await?;
    let job = job_of(&view, &job)?;
    if viewer.session.is_none() {
        return Err(NoPage::SignInFirst);
    }
    if offers::of_job(&app, &viewer, &view, job).await? == Offer::Nothing {
        return Err(NoPage::Forbidden);
    }
    page(&viewer, &view, Some(job))
}

fn page(viewer: &Viewer, view: &JobRequestView, job: Option<&JobView>) -> Page {
    let meant = view.jobs.iter().filter(|known| {
        !known.job.state().is_final() && job.is_none_or(|job| job.job.id == known.job.id)
    });
    let page = CancelPage {
        frame: viewer.frame(),
        project: view.project.slug.clone(),
        workspace: view.workspace.clone(),
        backend: view.backend.name.clone(),
        number: view.number,
        job: job.map(|job| (job.job.id.0.clone(), job.job.action.clone())),
        actions: meant.map(|job| job.job.action.clone()).collect(),
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn cancel_request(
    State(app): State<Arc<App>>,
    place: OfRequest,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    let Path((project, workspace, number)) = place?;
    let view = request::found_at(&app, &project, &workspace, &number).await?;
    let what = Cancel {
        number: view.number,
        actions: &[],
    };
    requests::cancel(&app, &session.person, what).await?;
    let path = job_request_path(&project, &workspace, view.number);
    Ok(Redirect::to(&path).into_response())
}

pub(crate) async fn cancel_job(
    State(app): State<Arc<App>>,
    place: OfJob,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    let Path((project, workspace, number, job)) = place?;
    let view = request::found_at(&app, &project, &workspace, &number).await?;
    let found = job_of(&view, &job)?;
    let what = Cancel {
        number: view.number,
        actions: std::slice::from_ref(&found.job.action),
    };
    requests::cancel(&app, &session.person, what).await?;
    let path = job_path(&project, &workspace, view.number, &found.job.id.0);
    Ok(Redirect::to(&path).into_response())
}

fn job_of<'v>(view: &'v JobRequestView, id: &str) -> Result<&'v JobView, NoPage> {
    let mut jobs = view.jobs.iter();
    jobs.find(|known| known.job.id.0 == id)
        .ok_or(NoPage::Missing)
}

impl From<RequestError> for NoPage {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotFound { .. } => Self::Missing,
            RequestError::Forbidden { .. } | RequestError::MayNotRun(_) => Self::Forbidden,
            error => {
                tracing::error!(%error, "what a form asks for could not be done");
                Self::Unable
            }
        }
    }
}

//! What the reader of a page may do: facts of the page, so that nothing is offered that would be refused.

use glovebox_jobs::State;
use glovebox_pages::{Offer, RequestOffers, job_path, job_request_path, run_jobs_path};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{answer::NoPage, viewer::Viewer};
use crate::{
    access::{self, Permission, Standing, WhyNot},
    app::App,
    clock,
    read::{JobRequestView, JobView},
    storage::{StorageError, entity::workspace},
};

/// Somebody who is signed in, before a workspace.
struct Before {
    username: String,
    standing: Standing,
    workspace: workspace::Model,
}

/// A workspace by its name.
pub(super) async fn workspace(app: &App, name: &str) -> Result<workspace::Model, NoPage> {
    let found = workspace::Entity::find()
        .filter(workspace::Column::Name.eq(name))
        .one(&**app.database)
        .await
        .map_err(StorageError::from)?;
    found.ok_or(NoPage::Missing)
}

/// Nothing for a visitor.
async fn before(app: &App, viewer: &Viewer, name: &str) -> Result<Option<Before>, NoPage> {
    let Some(session) = viewer.session.as_deref() else {
        return Ok(None);
    };
    let standing = Standing::of(&**app.database, session.person.id, clock::now()).await?;
    Ok(Some(Before {
        username: session.person.username.clone(),
        standing,
        workspace: workspace(app, name).await?,
    }))
}

/// Running jobs of a workspace.
pub(super) async fn run(
    app: &App,
    viewer: &Viewer,
    project: &str,
    name: &str,
) -> Result<Offer, NoPage> {
    let Some(before) = before(app, viewer, name).await? else {
        return Ok(Offer::Nothing);
    };
    if let Err(why) = before.standing.run_in(&before.workspace) {
        return Ok(Offer::Not(sentence(&why.to_string())));
    }
    let backends =
        access::backends_for(&**app.database, &before.standing, &before.workspace).await?;
    if backends.iter().all(|(_, may)| may.is_err()) {
        let why = "No backend takes your requests: ask those who look after this service.";
        return Ok(Offer::Not(why.to_owned()));
    }
    Ok(Offer::At(run_jobs_path(project, name)))
}

/// Cancelling a request, and asking for the same again.
pub(super) async fn of_request(
    app: &App,
    viewer: &Viewer,
    view: &JobRequestView,
) -> Result<RequestOffers, NoPage> {
    let Some(before) = before(app, viewer, &view.workspace).await? else {
        return Ok(RequestOffers::default());
    };
    let path = run_jobs_path(&view.project.slug, &view.workspace);
    let again = match before.standing.run_in(&before.workspace) {
        Ok(()) => Offer::At(format!("{path}?again={}", view.number)),
        Err(WhyNot::NoRole) => Offer::Nothing,
        Err(why) => Offer::Not(sentence(&why.to_string())),
    };
    let has_failed = view.jobs.iter().any(|job| job.job.state() == State::Failed);
    let failed_again = match &again {
        Offer::At(path) if has_failed => Offer::At(format!("{path}&only=failed")),
        _ => Offer::Nothing,
    };
    let ended = view.jobs.iter().all(|job| job.job.state().is_final());
    let path = job_request_path(&view.project.slug, &view.workspace, view.number);
    Ok(RequestOffers {
        again,
        failed_again,
        cancel: before.cancel(view, ended, "All of it has ended.", path),
    })
}

/// Cancelling one job.
pub(super) async fn of_job(
    app: &App,
    viewer: &Viewer,
    view: &JobRequestView,
    job: &JobView,
) -> Result<Offer, NoPage> {
    let Some(before) = before(app, viewer, &view.workspace).await? else {
        return Ok(Offer::Nothing);
    };
    let ended = job.job.state().is_final();
    let id = &job.job.id.0;
    let path = job_path(&view.project.slug, &view.workspace, view.number, id);
    Ok(before.cancel(view, ended, "It has ended.", path))
}

impl Before {
    /// Whoever asked may always cancel, and so may those whose role permits it.
    fn cancel(&self, view: &JobRequestView, ended: bool, why: &str, mut path: String) -> Offer {
        let may = view.created_by.username == self.username
            || self
                .standing
                .may(self.workspace.project_id, Permission::JobCancel);
        match (may, ended) {
            (false, _) => Offer::Nothing,
            (true, true) => Offer::Not(why.to_owned()),
            (true, false) => {
                path.push_str("cancel/");
                Offer::At(path)
            }
        }
    }
}

/// A reason as a sentence that stands alone.
pub(super) fn sentence(why: &str) -> String {
    let mut chars = why.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let end = if why.ends_with('.') { "" } else { "." };
    [&first.unwrap_or_default(), chars.as_str(), end].concat()
}

//! Asking for jobs.
//!
//! The page is made for one commit, and its form brings that commit along: what is run is what was looked
//! at. Git is called outside of any transaction and within a time.

mod choice;
mod look;

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use glovebox_pages::{Again, Chosen, LastState, Message, Mistake, RunJobsPage, job_request_path};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    answer::{NoPage, Page, shown},
    facts,
    form::Proved,
    offers::{self, sentence},
    request::rendered,
    viewer::Viewer,
};
use crate::{
    access::{self, Standing, WhyNot},
    app::App,
    clock,
    git::CannotRead,
    read::{JobRequestView, WorkspaceView},
    requests::{self, RequestError},
    storage::entity::{backend, person, workspace},
};
use choice::Form;
use look::{Found, LONGEST};

type Place = Result<Path<(String, String)>, PathRejection>;

/// What stands behind the question mark of an address, which anybody may have typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default, rename = "ref")]
    git_ref: String,
    /// The number of a request whose like is asked for.
    #[serde(default)]
    again: String,
    /// `failed`, for no more of it than that.
    #[serde(default)]
    only: String,
}

/// Somebody who may run jobs of a workspace, and where.
struct Desk {
    person: person::Model,
    workspace: workspace::Model,
    view: WorkspaceView,
    backends: Vec<(backend::Model, Result<(), WhyNot>)>,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Place,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Page {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let desk = match enter(&app, &viewer, place).await? {
        Ok(desk) => desk,
        Err(why) => return refused(&viewer, &why),
    };
    let again = desk.again(&app, &asked.again).await?;
    let at = match (asked.git_ref.trim(), &again) {
        ("", Some(again)) => again.commit.clone(),
        ("", None) => desk.workspace.branch.clone(),
        (typed, _) => typed.to_owned(),
    };
    let found = look::at(&app, &desk.workspace, &at).await;
    let chosen = again.as_ref().map_or_else(Chosen::default, |again| {
        choice::of_request(again, asked.only == "failed", found.project())
    });
    let mistakes = match &found {
        Found::Unreadable(why) => vec![mistake("ref", why)],
        _ => Vec::new(),
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let drawn = Drawn {
        at,
        found,
        chosen,
        mistakes,
        would_run: None,
        again,
    };
    drawn.shown(app, viewer, desk, status).await
}

pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Place,
    Proved { form, .. }: Proved<Form>,
) -> Page {
    let desk = match enter(&app, &viewer, place).await? {
        Ok(desk) => desk,
        Err(why) => return refused(&viewer, &why),
    };
    let again = desk.again(&app, &form.again).await?;
    let at = match form.git_ref.trim() {
        "" => desk.workspace.branch.clone(),
        typed => typed.to_owned(),
    };
    let mut mistakes = Vec::new();
    let mut found = look::at(&app, &desk.workspace, &form.commit).await;
    if let Found::Unreadable(why) = &found {
        // What was looked at is gone. What is there now is shown, with what was chosen.
        mistakes.push(mistake("ref", why));
        found = look::at(&app, &desk.workspace, &at).await;
    }
    let (chosen, wrong) = form.chosen(found.project());
    mistakes.extend(wrong);
    mistakes.extend(desk.wrong_backend(&chosen.backend));

    let mut refusal = None;
    let mut would_run = None;
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let (true, Some(project)) = (mistakes.is_empty(), found.project()) {
        if form.is_only_shown() {
            would_run = Some(choice::would_run(&desk.view, &chosen, project));
            status = StatusCode::OK;
        } else {
            let asked = choice::request(&desk.workspace.name, &at, &chosen);
            let seen = Some(form.commit.as_str());
            let made = requests::create_as_seen(&app, &desk.person, &asked, seen);
            let made = timeout(LONGEST, made)
                .await
                .unwrap_or(Err(RequestError::Unavailable));
            match made {
                Ok((made, newest)) => {
                    let project = &desk.view.project.slug;
                    let mut path = job_request_path(project, &desk.workspace.name, made.number);
                    if newest != form.commit {
                        path.push_str("?newer=");
                        path.push_str(&newest);
                    }
                    return Ok(Redirect::to(&path).into_response());
                }
                Err(error) => {
                    let (field, code) = place_of(&error);
                    status = code;
                    mistakes.push(mistake(field, &error.to_string()));
                    refusal = Some(error);
                }
            }
        }
    }
    let mut chosen = chosen;
    if let Some(RequestError::CannotRead(CannotRead::Gone { .. } | CannotRead::NoCommit(_))) =
        refusal
    {
        // What was looked at went away meanwhile: sending it again would lead nowhere.
        found = look::at(&app, &desk.workspace, &at).await;
        chosen = form.chosen(found.project()).0;
    }
    let drawn = Drawn {
        at,
        found,
        chosen,
        mistakes,
        would_run,
        again,
    };
    drawn.shown(app, viewer, desk, status).await
}

/// All that is found out before anything else, or why nobody may run jobs here.
async fn enter(app: &App, viewer: &Viewer, place: Place) -> Result<Result<Desk, WhyNot>, NoPage> {
    let Path((project, name)) = place?;
    let view = app.reader.workspace(&name).await?;
    let view = view
        .filter(|view| view.project.slug == project)
        .ok_or(NoPage::Missing)?;
    let session = viewer.session.as_deref().ok_or(NoPage::SignInFirst)?;
    let workspace = offers::workspace(app, &name).await?;
    let database = &**app.database;
    let standing = Standing::of(database, session.person.id, clock::now()).await?;
    if let Err(why) = standing.run_in(&workspace) {
        return Ok(Err(why));
    }
    let backends = access::backends_for(database, &standing, &workspace).await?;
    Ok(Ok(Desk {
        person: session.person.clone(),
        workspace,
        view,
        backends,
    }))
}

fn refused(viewer: &Viewer, why: &WhyNot) -> Page {
    let page = Message {
        frame: viewer.frame(),
        title: "No jobs can be run here by you",
        text: &sentence(&why.to_string()),
    };
    let status = match why {
        WhyNot::Archived(_) => StatusCode::CONFLICT,
        _ => StatusCode::FORBIDDEN,
    };
    Ok((status, shown(page.html()?)).into_response())
}

impl Desk {
    /// The request that is asked for again, if it is one of this workspace.
    async fn again(&self, app: &App, number: &str) -> Result<Option<JobRequestView>, NoPage> {
        let Ok(number) = number.parse() else {
            return Ok(None);
        };
        let found = app.reader.job_request_without_file(number).await?;
        Ok(found.filter(|found| found.workspace == self.workspace.name))
    }

    fn wrong_backend(&self, slug: &str) -> Option<Mistake> {
        if slug.is_empty() {
            return Some(mistake("backend", "choose the backend to run on"));
        }
        let mut backends = self.backends.iter();
        match backends.find(|(backend, _)| backend.slug == slug) {
            Some((_, Ok(()))) => None,
            Some((_, Err(why))) => Some(mistake("backend", &why.to_string())),
            None => Some(mistake(
                "backend",
                "there is no such backend: choose one of these",
            )),
        }
    }
}

fn mistake(field: &'static str, why: &str) -> Mistake {
    Mistake {
        field,
        text: sentence(why),
    }
}

/// Which part of the form an error speaks of.
fn place_of(error: &RequestError) -> (&'static str, StatusCode) {
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        RequestError::CannotRead(_) | RequestError::Rejected { .. } => ("ref", wrong),
        RequestError::MayNotRun(_) => ("backend", StatusCode::FORBIDDEN),
        RequestError::NotFound { .. } | RequestError::Refused(_) => ("actions", wrong),
        RequestError::Forbidden { .. } | RequestError::ReadOnly => {
            ("actions", StatusCode::FORBIDDEN)
        }
        RequestError::Unavailable | RequestError::Storage(_) | RequestError::NoRandomness(_) => {
            tracing::error!(%error, "a request could not be made");
            ("actions", StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// What the page says beside what does not change.
struct Drawn {
    at: String,
    found: Found,
    chosen: Chosen,
    mistakes: Vec<Mistake>,
    would_run: Option<Result<Vec<String>, String>>,
    again: Option<JobRequestView>,
}

impl Drawn {
    async fn shown(
        self,
        app: Arc<App>,
        viewer: Viewer,
        desk: Desk,
        status: StatusCode,
    ) -> Result<Response, NoPage> {
        let busy = app.reader.backends().await?;
        let no_notice = app.notifier.why_not(desk.person.email.as_deref());
        let page = rendered(move || {
            let backends = choice::backends(&desk.backends, busy);
            let last: Vec<LastState> = desk.view.last_jobs.iter().map(facts::last).collect();
            let page = RunJobsPage {
                frame: viewer.frame(),
                organisation: &desk.view.organisation.name,
                project: &desk.view.project.slug,
                workspace: &desk.view.name,
                repo: &desk.view.repo_url,
                branch: &desk.view.branch,
                git_ref: &self.at,
                code: self.found.shown(),
                backends: &backends,
                last: &last,
                chosen: &self.chosen,
                no_notice,
                mistakes: &self.mistakes,
                would_run: self.would_run.as_ref().map(|would| match would {
                    Ok(actions) => Ok(actions.as_slice()),
                    Err(why) => Err(why.as_str()),
                }),
                again: self.again.as_ref().map(|again| Again {
                    number: again.number,
                    commit: &again.commit,
                }),
                now: facts::now(),
            };
            page.html()
        })
        .await?;
        Ok((status, page).into_response())
    }
}

//! The first page, the event log, and the log of a workspace.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse as _, Redirect},
};
use glovebox_jobs::RequestStatus;
use glovebox_pages::{
    BackendChoice, Cell, Choices, EventLog, Filters, Head, Section, Table, organisation_path,
    project_path, workspace_log_path, workspace_path,
};

use super::{
    address::{Address, Chosen},
    answer::{NoPage, Page, shown},
    facts,
    places::section,
    requests::{self, NOTHING_YET},
    viewer::Viewer,
};
use crate::{
    app::App,
    clock,
    read::{Filter, Named},
};

/// What the first page shows of the event log.
const LATEST: u64 = 10;

/// What it shows somebody of their own requests.
const OWN: u64 = 5;

const NONE_LIKE_THAT: &str = "No request is like that.";

/// The names that filters have in addresses.
const FILTERS: [&str; 6] = ["q", "status", "backend", "user", "project", "workspace"];

pub(crate) async fn home(State(app): State<Arc<App>>, viewer: Viewer) -> Page {
    let (table, _) = requests::newest(&app, &Filter::default(), LATEST, NOTHING_YET).await?;
    let page = EventLog {
        is_home: true,
        own: own(&app, &viewer).await?,
        ..list(&viewer, "Job requests", "/", table)
    };
    Ok(shown(page.html()?))
}

/// What somebody who is signed in comes back to: their workspaces, and what they asked for.
async fn own(app: &App, viewer: &Viewer) -> Result<Vec<Section>, NoPage> {
    let Some(session) = viewer.session.as_deref() else {
        return Ok(Vec::new());
    };
    let person = &session.person;
    let workspaces = app
        .reader
        .workspaces_of_person(person.id, clock::now(), LATEST)
        .await?;
    let row = |(project, name): (Named, String)| {
        vec![
            Cell::link(name.as_str(), workspace_path(&project.slug, &name)),
            Cell::link(project.name, project_path(&project.slug)),
        ]
    };
    let workspaces = Table {
        heads: vec![Head::plain("Workspace"), Head::plain("Project")],
        rows: workspaces.into_iter().map(row).collect(),
        newer: None,
        older: None,
        empty: "You work in no project: ask somebody who manages one for a role.".to_owned(),
        words: ("", ""),
        now: facts::now(),
    };
    let theirs = Filter {
        created_by: Some(person.username.clone()),
        ..Filter::default()
    };
    let none = "You asked for no jobs yet: go to a workspace, and choose what to run.";
    let (requests, has_more) = requests::newest(app, &theirs, OWN, none).await?;
    let all = || {
        (
            "All your requests".to_owned(),
            glovebox_pages::user_path(&person.username),
        )
    };
    Ok(vec![
        section("Your workspaces", Some(workspaces)),
        Section {
            more: has_more.then(all),
            ..section("Your newest requests", Some(requests))
        },
    ])
}

/// Older addresses of the event log lead to it.
pub(crate) async fn moved() -> Redirect {
    Redirect::permanent("/event-log/")
}

pub(crate) async fn event_log(State(app): State<Arc<App>>, viewer: Viewer, chosen: Chosen) -> Page {
    let filter = Filter {
        status: RequestStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == chosen.get("status")),
        backends: chosen.all("backend"),
        project: chosen.given("project"),
        workspace: chosen.given("workspace"),
        created_by: chosen.given("user"),
        text: chosen.given("q"),
        ..Filter::default()
    };
    let path = "/event-log/";
    let address = Address::new(path).keeping(&chosen, &FILTERS);
    let empty = if filter == Filter::default() {
        NOTHING_YET
    } else {
        NONE_LIKE_THAT
    };
    let table = requests::table(&app, &filter, &chosen, &address, empty).await?;
    let page = EventLog {
        filters: Filters::All,
        choices: choices(&app, &chosen).await?,
        ..list(&viewer, "Event log", path, table)
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn workspace_log(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String)>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path((project, workspace)) = place?;
    let place = app.reader.workspace_place(&workspace).await?;
    let place = place
        .filter(|place| place.project.slug == project)
        .ok_or(NoPage::Missing)?;
    let filter = Filter {
        backends: chosen.all("backend"),
        workspace: Some(workspace.clone()),
        text: chosen.given("q"),
        ..Filter::default()
    };
    let path = workspace_log_path(&project, &workspace);
    let address = Address::new(path.as_str()).keeping(&chosen, &["q", "backend"]);
    let is_all = filter.backends.is_empty() && filter.text.is_none();
    let empty = if is_all { NOTHING_YET } else { NONE_LIKE_THAT };
    let table = requests::table(&app, &filter, &chosen, &address, empty).await?;
    let choices = Choices {
        status: String::new(),
        user: String::new(),
        project: String::new(),
        workspace: String::new(),
        ..choices(&app, &chosen).await?
    };
    let organisation = place.organisation;
    let page = EventLog {
        crumbs: vec![
            Cell::link(organisation.name, organisation_path(&organisation.slug)),
            Cell::link(place.project.name, project_path(&project)),
            Cell::link(workspace.as_str(), workspace_path(&project, &workspace)),
            Cell::Text("log".to_owned()),
        ],
        filters: Filters::OfWorkspace,
        choices,
        ..list(&viewer, &format!("Log of {workspace}"), &path, table)
    };
    Ok(shown(page.html()?))
}

/// The short address of a job leads to its own: any beginning of its name that no other has.
pub(crate) async fn job_by_prefix(
    State(app): State<Arc<App>>,
    place: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(beginning) = place?;
    let found = app.reader.job_by_prefix(&beginning).await?;
    let (number, id) = found.ok_or(NoPage::Missing)?;
    let view = app.reader.job_request_without_file(number).await?;
    let view = view.ok_or(NoPage::Missing)?;
    let path = glovebox_pages::job_path(&view.project.slug, &view.workspace, number, &id);
    Ok(Redirect::temporary(&path).into_response())
}

async fn choices(app: &App, chosen: &Chosen) -> Result<Choices, NoPage> {
    let wanted = chosen.all("backend");
    let backends = app.reader.backend_names().await?;
    Ok(Choices {
        text: chosen.get("q").to_owned(),
        status: chosen.get("status").to_owned(),
        user: chosen.get("user").to_owned(),
        project: chosen.get("project").to_owned(),
        workspace: chosen.get("workspace").to_owned(),
        sort: chosen.get("sort").to_owned(),
        backends: backends
            .into_iter()
            .map(|backend| BackendChoice {
                is_chosen: wanted.contains(&backend.slug),
                slug: backend.slug,
                name: backend.name,
            })
            .collect(),
    })
}

fn list(viewer: &Viewer, title: &str, path: &str, table: Table) -> EventLog {
    EventLog {
        frame: viewer.frame(),
        crumbs: Vec::new(),
        title: title.to_owned(),
        is_home: false,
        own: Vec::new(),
        path: path.to_owned(),
        filters: Filters::None,
        choices: Choices::default(),
        table,
        now: facts::now(),
    }
}

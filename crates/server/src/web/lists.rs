//! The first page, the event log, a workspace, and the backends.

use std::sync::Arc;

use axum::extract::{
    Path, Query, State,
    rejection::{PathRejection, QueryRejection},
};
use glovebox_jobs::RequestStatus;
use glovebox_pages::{EventLog, StatusPage, workspace_path};
use serde::Deserialize;

use super::{
    answer::{NoPage, Page, shown},
    facts,
    next::encoded,
    viewer::Viewer,
};
use crate::{
    app::App,
    read::{Filter, Page as Part},
};

/// What the first page shows of the event log.
const LATEST: u64 = 10;

/// What somebody chose; anything that is no choice is none.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    workspace: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    backend: String,
    #[serde(default)]
    before: String,
}

/// What stands behind the question mark of an address, which anybody may have typed.
type Choice = Result<Query<Chosen>, QueryRejection>;

impl From<Choice> for Chosen {
    fn from(choice: Choice) -> Self {
        choice.map(|Query(chosen)| chosen).unwrap_or_default()
    }
}

pub(crate) async fn home(State(app): State<Arc<App>>, viewer: Viewer) -> Page {
    let part = Part {
        before: None,
        size: LATEST,
    };
    let latest = app.reader.latest_requests(&Filter::default(), part).await?;
    let page = EventLog {
        is_home: true,
        rows: latest.rows.into_iter().map(facts::row).collect(),
        ..empty(&viewer, "Job requests")
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn event_log(State(app): State<Arc<App>>, viewer: Viewer, chosen: Choice) -> Page {
    let chosen = Chosen::from(chosen);
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let status = RequestStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == chosen.status);
    let filter = Filter {
        status,
        backend: given(&chosen.backend),
        workspace: given(&chosen.workspace),
        ..Filter::default()
    };
    let part = Part {
        before: chosen.before.parse().ok(),
        ..Part::default()
    };
    let latest = app.reader.latest_requests(&filter, part).await?;
    let backends = app.reader.backends().await?;
    let page = EventLog {
        older: latest.next.map(|next| older("/event-log/", &chosen, next)),
        newer: part.before.map(|_| "/event-log/".to_owned()),
        rows: latest.rows.into_iter().map(facts::row).collect(),
        backends: backends.into_iter().map(|backend| backend.slug).collect(),
        workspace: chosen.workspace,
        status: chosen.status,
        backend: chosen.backend,
        ..empty(&viewer, "Event log")
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn workspace(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String)>, PathRejection>,
    chosen: Choice,
) -> Page {
    let Path((project, workspace)) = place?;
    let chosen = Chosen::from(chosen);
    let view = app.reader.workspace(&workspace).await?;
    let view = view
        .filter(|view| view.project.slug == project)
        .ok_or(NoPage::Missing)?;
    let filter = Filter {
        workspace: Some(workspace),
        ..Filter::default()
    };
    let part = Part {
        before: chosen.before.parse().ok(),
        ..Part::default()
    };
    let latest = app.reader.latest_requests(&filter, part).await?;
    let path = workspace_path(&project, &view.name);
    let page = EventLog {
        older: latest
            .next
            .map(|next| older(&path, &Chosen::default(), next)),
        newer: part.before.map(|_| path.clone()),
        rows: latest.rows.into_iter().map(facts::row).collect(),
        is_list: true,
        ..empty(&viewer, &format!("Workspace {}", view.name))
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn status(State(app): State<Arc<App>>, viewer: Viewer) -> Page {
    let backends = app.reader.backends().await?;
    let page = StatusPage {
        frame: viewer.frame(),
        backends: backends.into_iter().map(facts::backend).collect(),
        now: facts::now(),
    };
    Ok(shown(page.html()?))
}

/// The address of the part of a list that follows. What was chosen is encoded, whatever it is.
fn older(path: &str, chosen: &Chosen, before: i64) -> String {
    let mut address = format!("{path}?before={before}");
    for (name, value) in [
        ("workspace", &chosen.workspace),
        ("status", &chosen.status),
        ("backend", &chosen.backend),
    ] {
        if !value.is_empty() {
            address.push('&');
            address.push_str(name);
            address.push('=');
            address.push_str(&encoded(value));
        }
    }
    address
}

fn empty(viewer: &Viewer, title: &str) -> EventLog {
    EventLog {
        frame: viewer.frame(),
        title: title.to_owned(),
        is_home: false,
        is_list: false,
        workspace: String::new(),
        status: String::new(),
        backend: String::new(),
        backends: Vec::new(),
        rows: Vec::new(),
        newer: None,
        older: None,
        now: facts::now(),
    }
}

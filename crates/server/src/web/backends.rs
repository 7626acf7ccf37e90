//! The backends: whether they are heard of, what they do, and what waits there.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use glovebox_pages::{
    BACKEND_COLUMNS, Cell, Head, MISSING_AFTER, PlacePage, Section, Table, backend_path, job_path,
    job_request_path, workspace_path,
};
use glovebox_ui::duration_in_words;

use super::{
    address::{Address, Chosen},
    answer::{NoPage, Page, shown},
    facts,
    places::{NEWEST, place, section, table},
    requests::{self, NOTHING_YET},
    sorted::{Key, Order, part_of},
    viewer::Viewer,
};
use crate::{
    app::App,
    operations::Operations,
    read::{Filter, QueuedJob},
};

/// How many jobs of a queue are shown.
const FIRST: usize = 50;

const BY_NAME: Order = Order {
    column: "name",
    ascending: true,
};

const QUEUE: [(&str, bool); 4] = [
    ("Place", true),
    ("Job", false),
    ("Workspace", false),
    ("Request", false),
];

pub(crate) async fn all(State(app): State<Arc<App>>, viewer: Viewer, chosen: Chosen) -> Page {
    let now = facts::now();
    let views = app.reader.backends().await?;
    let backends = views.into_iter().map(facts::backend).collect();
    let part = part_of(
        backends,
        (&BACKEND_COLUMNS, BY_NAME),
        (&chosen, &Address::new("/status/")),
        |row, column| match column {
            "state" => Key::text(row.look(now).1),
            "seen" => {
                let ago = row.last_seen.map(|seen| now.since(seen).as_millis());
                let ago = ago.and_then(|ago| i64::try_from(ago).ok());
                Key::Number(ago.map_or(i64::MIN, |ago| -ago))
            }
            "running" => Key::count(u64::try_from(row.running).unwrap_or(u64::MAX)),
            "waiting" => Key::count(u64::try_from(row.waiting).unwrap_or(u64::MAX)),
            _ => Key::text(&row.name),
        },
        |row| row.slug.clone(),
    );
    let table = table(part, "There is no backend yet.", |row| row.cells(now));
    let page = PlacePage {
        lead: "A backend is one secure environment, at a data custodian's. Its agents call here; nothing calls them."
            .to_owned(),
        sections: vec![section("All of them", Some(table))],
        ..place(&viewer, "Backends")
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn one(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    slug: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(slug) = slug?;
    let view = app.reader.backend(&slug).await?;
    let backend = facts::backend(view.ok_or(NoPage::Missing)?);
    let now = facts::now();
    let (tone, word) = backend.look(now);
    let queue = if backend.waiting > 0 {
        Operations::new(Arc::clone(&app)).queue(&slug).await
    } else {
        Ok(Vec::new())
    };
    let queue = if let Ok(ids) = queue {
        let first = &ids[..ids.len().min(FIRST)];
        let jobs = app.reader.queued(first).await?;
        in_queue(&jobs, ids.len())
    } else {
        let mut unknown = section("Queue", None);
        unknown.words = vec!["The order cannot be told at this moment.".to_owned()];
        unknown
    };
    let filter = Filter {
        backends: vec![slug.clone()],
        ..Filter::default()
    };
    let (newest, has_more) = requests::newest(&app, &filter, NEWEST, NOTHING_YET).await?;
    let all = Address::new("/event-log/").with("backend", &slug);
    let number = |count: usize| Cell::Number(u64::try_from(count).unwrap_or(u64::MAX));
    let page = PlacePage {
        crumbs: vec![
            Cell::link("Backends", "/status/"),
            Cell::Text(backend.name.clone()),
        ],
        answer: Some(Cell::State(tone, word)),
        lead: backend.meaning(now).to_owned(),
        facts: vec![
            ("Last heard of", backend.seen()),
            ("Jobs running", number(backend.running)),
            ("Jobs waiting", number(backend.waiting)),
            (
                "Is missing after",
                Cell::Text(duration_in_words(MISSING_AFTER)),
            ),
        ],
        sections: vec![
            queue,
            Section {
                more: has_more
                    .then(|| ("All requests for this backend".to_owned(), all.to_string())),
                ..section("Newest requests", Some(newest))
            },
        ],
        ..place(&viewer, &backend.name)
    };
    Ok(shown(page.html()?))
}

/// Whether the backend is heard of, for programs that watch it: when it was last, with 503 where that is too
/// long ago.
pub(crate) async fn availability(
    State(app): State<Arc<App>>,
    slug: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(slug) = slug?;
    let view = app.reader.backend(&slug).await?;
    let backend = facts::backend(view.ok_or(NoPage::Missing)?);
    let now = facts::now();
    let is_heard_of = backend
        .last_seen
        .is_some_and(|seen| now.since(seen) <= MISSING_AFTER);
    let status = if is_heard_of {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let text = match backend.last_seen {
        _ if backend.maintenance => "maintenance\n".to_owned(),
        Some(seen) => format!("{}\n", seen.machine()),
        None => "never\n".to_owned(),
    };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((status, headers, text).into_response())
}

fn in_queue(jobs: &[QueuedJob], waiting: usize) -> Section {
    let head = |&(title, is_number): &(&'static str, bool)| Head {
        title,
        href: None,
        ascending: None,
        is_number,
    };
    let rows = (1..).zip(jobs).map(|(place, job)| {
        let (project, workspace) = (job.project.as_str(), job.workspace.as_str());
        vec![
            Cell::Number(place),
            Cell::link(
                job.action.as_str(),
                job_path(project, workspace, job.request, &job.id),
            ),
            Cell::link(workspace, workspace_path(project, workspace)),
            Cell::link(
                job.request.to_string(),
                job_request_path(project, workspace, job.request),
            ),
        ]
    });
    let table = Table {
        heads: QUEUE.iter().map(head).collect(),
        rows: rows.collect(),
        empty: "Nothing waits for a worker.".to_owned(),
        newer: None,
        older: None,
        words: ("", ""),
        now: facts::now(),
    };
    let mut queue = section("Queue", Some(table));
    queue.words = vec![
        "Jobs that wait for nothing but a free worker, in the order in which they would begin."
            .to_owned(),
    ];
    if waiting > jobs.len() {
        queue
            .words
            .push(format!("The first {} of {waiting}.", jobs.len()));
    }
    queue
}

/// Where a backend is shown.
pub(crate) async fn without_slash(slug: Result<Path<String>, PathRejection>) -> Page {
    let Path(slug) = slug?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !slug.chars().all(plain) {
        return Err(NoPage::Missing);
    }
    Ok(axum::response::Redirect::permanent(&backend_path(&slug)).into_response())
}

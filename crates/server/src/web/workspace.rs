//! A workspace: where each of its actions stands, and what was asked for last.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_pages::{
    Cell, PlacePage, Section, Table, backend_path, job_path, job_request_path, look_of_state,
    organisation_path, project_path, workspace_log_path, workspace_path,
};
use glovebox_ui::Tone;

use super::{
    address::{Address, Chosen},
    answer::{NoPage, Page, shown},
    facts, offers,
    places::{NEWEST, place, section, table},
    requests::{self, NOTHING_YET},
    sorted::{Columns, Key, Order, part_of},
    viewer::Viewer,
};
use crate::{
    app::App,
    read::{ActionView, Filter, Named, OnBackend, WhyStale, WorkspaceView},
};

const ACTIONS: &Columns = &[
    ("action", "Action", false),
    ("backend", "Backend", false),
    ("state", "Last run", false),
    ("finished", "Last success", false),
    ("stale", "Up to date?", false),
];

/// The order of the file, until somebody sorts.
const BY_FILE: Order = Order {
    column: "file",
    ascending: true,
};

/// What stands in the last column, in words for everybody.
const WHAT_IT_MEANS: &str = "An action is out of date on a backend when the newest request of this workspace's branch \
     has another command for it or another commit than its last success, or when an action that it needs succeeded after \
     that began. Whether its outputs would differ is known only inside the secure environment, where files are compared \
     before an action runs.";

/// An action on a backend, or one that never ran.
struct Row {
    place: usize,
    action: String,
    run: Option<OnBackend>,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    place: Result<Path<(String, String)>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path((project, name)) = place?;
    let view = app.reader.workspace(&name).await?;
    let view = view
        .filter(|view| view.project.slug == project)
        .ok_or(NoPage::Missing)?;
    let sees_code = viewer
        .sees_code(&app, view.project_id, view.code_is_public)
        .await?;
    let backends = app.reader.backend_names().await?;
    let filter = Filter {
        workspace: Some(name.clone()),
        ..Filter::default()
    };
    let (newest, has_more) = requests::newest(&app, &filter, NEWEST, NOTHING_YET).await?;
    let log = workspace_log_path(&project, &name);
    let run = offers::run(&app, &viewer, &project, &name).await?;
    let page = PlacePage {
        crumbs: vec![
            Cell::link(
                view.organisation.name.as_str(),
                organisation_path(&view.organisation.slug),
            ),
            Cell::link(view.project.name.as_str(), project_path(&project)),
            Cell::Text(name.clone()),
        ],
        answer: view
            .is_archived
            .then_some(Cell::State(Tone::Cancelled, "archived")),
        offers: vec![("Run jobs", run)],
        lead: view.purpose.clone(),
        facts: about(&view, &backends, sees_code),
        sections: vec![
            actions(&app, &view, &backends, (&chosen, sees_code)).await?,
            Section {
                more: has_more.then_some(("All requests of this workspace".to_owned(), log)),
                ..section("Newest requests", Some(newest))
            },
        ],
        ..place_of(&viewer, &view)
    };
    Ok(shown(page.html()?))
}

fn place_of(viewer: &Viewer, view: &WorkspaceView) -> PlacePage {
    place(viewer, &view.name)
}

fn about(view: &WorkspaceView, backends: &[Named], sees_code: bool) -> Vec<(&'static str, Cell)> {
    let code = if !sees_code {
        Cell::Quiet("not public".to_owned())
    } else if view.repo_url.starts_with("https://") {
        Cell::link(view.repo_url.as_str(), view.repo_url.as_str())
    } else {
        Cell::Code(view.repo_url.clone())
    };
    let ran_on = backends
        .iter()
        .filter(|backend| view.last_jobs.iter().any(|job| job.backend == backend.slug))
        .map(|backend| Cell::link(backend.name.as_str(), backend_path(&backend.slug)))
        .collect::<Vec<_>>();
    let ran_on = if ran_on.is_empty() {
        Cell::Quiet("none yet".to_owned())
    } else {
        Cell::Row(ran_on)
    };
    vec![
        ("Repository", code),
        ("Branch", Cell::Code(view.branch.clone())),
        ("Ran on", ran_on),
        ("Since", Cell::Time(facts::moment(view.created_at))),
    ]
}

async fn actions(
    app: &App,
    view: &WorkspaceView,
    backends: &[Named],
    (chosen, sees_code): (&Chosen, bool),
) -> Result<Section, NoPage> {
    let Some((newest, actions)) = app.reader.actions(view).await? else {
        let mut nothing = section("Actions", None);
        nothing.words = vec![
            "What its project.yaml declares is known once somebody asked for jobs.".to_owned(),
        ];
        return Ok(nothing);
    };
    let name_of = |slug: &str| {
        let known = backends.iter().find(|backend| backend.slug == slug);
        known.map_or_else(|| slug.to_owned(), |backend| backend.name.clone())
    };
    // What ran is public; what the file declares beside it is not.
    let actions = actions
        .into_iter()
        .map(|action| {
            if sees_code {
                action
            } else {
                without_code(action)
            }
        })
        .filter(|action| sees_code || !action.runs.is_empty());
    let rows: Vec<Row> = (0..).zip(actions).flat_map(rows).collect();
    let of_project = view.project.slug.as_str();
    let address = Address::new(workspace_path(of_project, &view.name));
    let part = part_of(
        rows,
        (ACTIONS, BY_FILE),
        (chosen, &address),
        key,
        |row| match &row.run {
            Some(run) => format!("{}@{}", row.action, run.backend),
            None => row.action.clone(),
        },
    );
    let table = Table {
        words: ("Back", "Further"),
        ..table(
            part,
            if sees_code {
                "Its project.yaml cannot be read."
            } else {
                "None of those that it has now ran yet."
            },
            |row| cells(view, row, &name_of),
        )
    };
    let path = job_request_path(of_project, &view.name, newest);
    Ok(Section {
        words: vec![WHAT_IT_MEANS.to_owned()],
        more: Some((format!("As declared for job request {newest}"), path)),
        ..section("Actions", Some(table))
    })
}

/// An action without what its file says of it beside its name.
fn without_code(mut action: ActionView) -> ActionView {
    for run in &mut action.runs {
        if let Some(WhyStale::Needs(action)) = &mut run.stale {
            "an action that it needs".clone_into(action);
        }
    }
    action
}

fn rows((place, action): (usize, ActionView)) -> Vec<Row> {
    let row = |run| Row {
        place,
        action: action.name.clone(),
        run,
    };
    if action.runs.is_empty() {
        vec![row(None)]
    } else {
        action.runs.into_iter().map(|run| row(Some(run))).collect()
    }
}

fn key(row: &Row, column: &str) -> Key {
    let run = row.run.as_ref();
    match column {
        "action" => Key::text(&row.action),
        "backend" => Key::text(run.map_or("", |run| &run.backend)),
        "state" => Key::text(run.map_or("", |run| run.last.state.as_str())),
        "finished" => {
            let success = run.and_then(|run| run.success.as_ref()?.completed_at);
            Key::Number(success.map_or(0, |at| at.0))
        }
        "stale" => Key::Number(i64::from(run.is_some_and(|run| run.stale.is_some()))),
        _ => Key::count(u64::try_from(row.place).unwrap_or(u64::MAX)),
    }
}

fn cells(view: &WorkspaceView, row: Row, name_of: &impl Fn(&str) -> String) -> Vec<Cell> {
    let quiet = |words: &str| Cell::Quiet(words.to_owned());
    let Some(run) = row.run else {
        return vec![
            Cell::Code(row.action),
            quiet("none"),
            quiet("never run"),
            quiet("none"),
            quiet("not there yet"),
        ];
    };
    let (tone, word) = look_of_state(run.last.state);
    let project = view.project.slug.as_str();
    let to = |request: i64, id: &str| job_path(project, &view.name, request, id);
    let success = run.success.as_ref().map_or_else(
        || quiet("none"),
        |success| {
            let link = Cell::link(
                success.request.to_string(),
                to(success.request, &success.id),
            );
            match success.completed_at {
                Some(at) => Cell::Row(vec![Cell::Time(facts::moment(at)), quiet("in"), link]),
                None => link,
            }
        },
    );
    let stale = match (&run.success, &run.stale) {
        (None, _) => quiet("not there yet"),
        (Some(_), None) => Cell::State(Tone::Succeeded, "up to date"),
        (Some(_), Some(why)) => Cell::Row(vec![
            Cell::State(Tone::Withheld, "out of date"),
            Cell::Quiet(words(why)),
        ]),
    };
    vec![
        Cell::Code(row.action),
        Cell::link(name_of(&run.backend), backend_path(&run.backend)),
        Cell::Row(vec![
            Cell::State(tone, word),
            quiet("in"),
            Cell::link(
                run.last.request.to_string(),
                to(run.last.request, &run.last.id),
            ),
        ]),
        success,
        stale,
    ]
}

fn words(why: &WhyStale) -> String {
    match why {
        WhyStale::Command => "its command changed".to_owned(),
        WhyStale::Needs(action) => format!("{action} was run again"),
        WhyStale::Commit(commit) => {
            let short: String = commit.chars().take(7).collect();
            format!("made from another commit, {short}")
        }
    }
}

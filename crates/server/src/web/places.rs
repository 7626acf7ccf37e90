//! Organisations, projects and people.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_pages::{
    Cell, Head, PlacePage, Section, Table, job_request_path, organisation_path, project_path,
    workspace_path,
};

use super::{
    address::{Address, Chosen},
    answer::{NoPage, Page, shown},
    facts,
    requests::{self, NOTHING_YET},
    sorted::{Columns, Key, Order, Part, part_of},
    viewer::Viewer,
};
use crate::{
    app::App,
    clock,
    read::{Filter, Who},
};

/// How many of the newest requests a page about something else shows.
pub(super) const NEWEST: u64 = 10;

const BY_NAME: Order = Order {
    column: "name",
    ascending: true,
};

const ORGANISATIONS: &Columns = &[
    ("name", "Organisation", false),
    ("projects", "Projects", true),
    ("created", "Since", false),
];

const PROJECTS: &Columns = &[
    ("name", "Project", false),
    ("workspaces", "Workspaces", true),
    ("created", "Since", false),
];

const WORKSPACES: &Columns = &[
    ("name", "Workspace", false),
    ("branch", "Branch", false),
    ("number", "Newest request", false),
    ("created", "Since", false),
];

const PROJECTS_OF_PERSON: &Columns = &[("name", "Project", false)];

pub(crate) async fn organisations(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    chosen: Chosen,
) -> Page {
    let rows = app.reader.organisations().await?;
    let part = part_of(
        rows,
        (ORGANISATIONS, BY_NAME),
        (&chosen, &Address::new("/organisations/")),
        |row, column| match column {
            "projects" => Key::count(row.projects),
            "created" => Key::Number(row.created_at.0),
            _ => Key::text(&row.named.name),
        },
        |row| row.named.slug.clone(),
    );
    let table = table(part, "There is no organisation yet.", |row| {
        vec![
            Cell::link(row.named.name, organisation_path(&row.named.slug)),
            Cell::Number(row.projects),
            Cell::Time(facts::moment(row.created_at)),
        ]
    });
    let page = PlacePage {
        lead: "Those whose researchers ask for jobs here.".to_owned(),
        sections: vec![section("All of them", Some(table))],
        ..place(&viewer, "Organisations")
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn organisation(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    slug: Result<Path<String>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path(slug) = slug?;
    let found = app.reader.organisation(&slug).await?;
    let (view, projects) = found.ok_or(NoPage::Missing)?;
    let part = part_of(
        projects,
        (PROJECTS, BY_NAME),
        (&chosen, &Address::new(organisation_path(&slug))),
        |row, column| match column {
            "workspaces" => Key::count(row.workspaces),
            "created" => Key::Number(row.created_at.0),
            _ => Key::text(&row.named.name),
        },
        |row| row.named.slug.clone(),
    );
    let projects = table(part, "It has no project yet.", |row| {
        vec![
            Cell::link(row.named.name, project_path(&row.named.slug)),
            Cell::Number(row.workspaces),
            Cell::Time(facts::moment(row.created_at)),
        ]
    });
    let filter = Filter {
        organisation: Some(slug),
        ..Filter::default()
    };
    let (newest, _) = requests::newest(&app, &filter, NEWEST, NOTHING_YET).await?;
    let page = PlacePage {
        crumbs: vec![
            Cell::link("Organisations", "/organisations/"),
            Cell::Text(view.named.name.clone()),
        ],
        sections: vec![
            section("Projects", Some(projects)),
            section("Newest requests", Some(newest)),
        ],
        ..place(&viewer, &view.named.name)
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn project(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    slug: Result<Path<String>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path(slug) = slug?;
    let found = app.reader.project(&slug).await?;
    let (view, workspaces) = found.ok_or(NoPage::Missing)?;
    let part = part_of(
        workspaces,
        (WORKSPACES, BY_NAME),
        (&chosen, &Address::new(project_path(&slug))),
        |row, column| match column {
            "branch" => Key::text(&row.branch),
            "number" => Key::Number(row.newest.unwrap_or_default()),
            "created" => Key::Number(row.created_at.0),
            _ => Key::text(&row.name),
        },
        |row| row.name.clone(),
    );
    let workspaces = table(part, "It has no workspace yet.", |row| {
        let newest = row.newest.map_or_else(
            || Cell::Quiet("none yet".to_owned()),
            |number| {
                Cell::link(
                    number.to_string(),
                    job_request_path(&slug, &row.name, number),
                )
            },
        );
        vec![
            Cell::link(row.name.as_str(), workspace_path(&slug, &row.name)),
            Cell::Code(row.branch),
            newest,
            Cell::Time(facts::moment(row.created_at)),
        ]
    });
    let filter = Filter {
        project: Some(slug.clone()),
        ..Filter::default()
    };
    let (newest, has_more) = requests::newest(&app, &filter, NEWEST, NOTHING_YET).await?;
    let all = Address::new("/event-log/").with("project", &slug);
    let people = app.reader.people_of_project(&slug, clock::now()).await?;
    let person = |who: Who| {
        let path = glovebox_pages::user_path(&who.username);
        vec![Cell::link(who.full_name, path), Cell::Code(who.username)]
    };
    let people = Table {
        heads: vec![Head::plain("Name"), Head::plain("User name")],
        rows: people.into_iter().map(person).collect(),
        newer: None,
        older: None,
        empty: "Nobody works in it now.".to_owned(),
        words: ("", ""),
        now: facts::now(),
    };
    let page = PlacePage {
        crumbs: vec![
            Cell::link(
                view.organisation.name,
                organisation_path(&view.organisation.slug),
            ),
            Cell::Text(view.named.name.clone()),
        ],
        facts: vec![("Since", Cell::Time(facts::moment(view.created_at)))],
        sections: vec![
            section("Workspaces", Some(workspaces)),
            section("Who works in it", Some(people)),
            Section {
                more: has_more
                    .then(|| ("All requests of this project".to_owned(), all.to_string())),
                ..section("Newest requests", Some(newest))
            },
        ],
        ..place(&viewer, &view.named.name)
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn person(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    username: Result<Path<String>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path(username) = username?;
    let view = app.reader.person(&username).await?;
    let view = view.ok_or(NoPage::Missing)?;
    let path = glovebox_pages::user_path(&username);
    let part = part_of(
        view.projects,
        (PROJECTS_OF_PERSON, BY_NAME),
        (&Chosen::default(), &Address::new(path.as_str())),
        |row, _| Key::text(&row.name),
        |row| row.slug.clone(),
    );
    let mut projects = table(part, "None yet.", |row| {
        vec![Cell::link(row.name, project_path(&row.slug))]
    });
    // The requests below are what can be sorted here.
    for head in &mut projects.heads {
        head.href = None;
    }
    let filter = Filter {
        created_by: Some(username.clone()),
        ..Filter::default()
    };
    let address = Address::new(path);
    let theirs = requests::table(&app, &filter, &chosen, &address, NOTHING_YET).await?;
    let page = PlacePage {
        facts: vec![("User name", Cell::Code(username))],
        sections: vec![
            section("Projects they asked for jobs in", Some(projects)),
            section("Their requests", Some(theirs)),
        ],
        ..place(&viewer, &view.who.full_name)
    };
    Ok(shown(page.html()?))
}

pub(super) fn section(title: &str, table: Option<Table>) -> Section {
    Section {
        title: title.to_owned(),
        words: Vec::new(),
        table,
        more: None,
    }
}

pub(super) fn place(viewer: &Viewer, title: &str) -> PlacePage {
    PlacePage {
        frame: viewer.frame(),
        crumbs: Vec::new(),
        title: title.to_owned(),
        answer: None,
        offers: Vec::new(),
        lead: String::new(),
        facts: Vec::new(),
        sections: Vec::new(),
        now: facts::now(),
    }
}

pub(super) fn table<T>(part: Part<T>, empty: &str, cells: impl Fn(T) -> Vec<Cell>) -> Table {
    Table {
        heads: part.heads,
        rows: part.rows.into_iter().map(cells).collect(),
        empty: empty.to_owned(),
        newer: part.newer,
        older: part.older,
        words: ("Back", "Further"),
        now: facts::now(),
    }
}

//! Workspaces: what they are for, and whether anything more is run in them.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_jobs::Timestamp;
use glovebox_pages::{
    staff::{Cell, Form, Kind, Link, Part, Problem, Table},
    workspace_path,
};
use glovebox_ui::Tone;

use super::{
    Staff, answered,
    asked::Asked,
    done, in_path, page as blank, projects, question,
    sent::{Again, Sent, problem},
    there,
};
use crate::{
    NewWorkspace,
    access::Permission,
    app::App,
    staff::{self, Listed, WorkspaceRow},
    web::{
        answer::{NoPage, Page},
        facts::moment,
        form::Proved,
    },
};

const LIST: &str = "/staff/workspaces/";
const BELOW: &[(&str, &str)] = &[("Workspaces", LIST)];

pub(crate) async fn list(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let found = staff::workspaces(&app.database, None, &asked.wanted("list")).await?;
    let mut page = blank(&staff, "Workspaces", BELOW);
    if staff.may(Permission::WorkspaceCreate) {
        let new = Link::new("New workspace", "/staff/new-workspace/");
        page.parts.push(Part::Links(vec![new]));
    }
    let mut table = table(&asked, LIST, "list", "No workspace is like that.", found);
    table.search = Some(asked.search(LIST, "list", "Name, repository or purpose"));
    page.parts.push(Part::Table(table));
    answered(&page, false)
}

/// A table of workspaces, here and on the page of a project.
pub(super) fn table(
    asked: &Asked,
    path_of_page: &str,
    id: &'static str,
    empty: &str,
    found: Listed<WorkspaceRow>,
) -> Table {
    let rows = found.rows.into_iter().map(|found| {
        let row = found.row;
        vec![
            Cell::link(&row.name, path(&row.name)),
            Cell::link(found.project.name, projects::path(&found.project.slug)),
            Cell::Text(row.repo_url),
            Cell::Code(row.branch),
            state(row.is_archived),
            Cell::Day(moment(Timestamp(row.created_at))),
        ]
    });
    let heads = &[
        ("Name", "name"),
        ("Project", "project"),
        ("Repository", "repository"),
        ("Branch", "branch"),
        ("State", "state"),
        ("Created", "created"),
    ];
    let names = (id, "Workspaces", empty);
    asked.table(path_of_page, names, heads, found.total, rows.collect())
}

fn state(is_archived: bool) -> Cell {
    if is_archived {
        Cell::State(Tone::Cancelled, "archived")
    } else {
        Cell::State(Tone::Succeeded, "in use")
    }
}

pub(crate) async fn new(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let project = asked.get("project");
    needs_to_create(&app, &staff, project).await?;
    new_page(&staff, project, &Sent::default(), None)
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    staff: Staff,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let project = sent.get("project");
    needs_to_create(&app, &staff, project).await?;
    let new = NewWorkspace {
        project: project.to_owned(),
        name: sent.get("slug").to_owned(),
        repo_url: sent.get("repo_url").to_owned(),
        branch: sent.get("branch").to_owned(),
    };
    let admin = staff.admin(&app);
    let made = admin.create_workspace(&new);
    match made.await {
        Ok(()) => Ok(done(&path(&new.name.to_ascii_lowercase()), "created")),
        Err(error) => new_page(&staff, project, &sent, Some(problem(&error)?)),
    }
}

/// It takes the permission in the project, or in all of them where none was named rightly yet.
async fn needs_to_create(app: &App, staff: &Staff, project: &str) -> Result<(), NoPage> {
    match staff::project(&app.database, project).await? {
        Some(found) => staff.needs_in(found.row.id, Permission::WorkspaceCreate),
        None => staff.needs(Permission::WorkspaceCreate),
    }
}

fn new_page(staff: &Staff, project: &str, sent: &Sent, problem: Option<Problem>) -> Page {
    let branch = sent.given("branch").unwrap_or("main");
    let form = Form::new("new", "", "/staff/new-workspace/", "Create the workspace")
        .asking(
            Kind::Line,
            "project",
            "Project",
            "Its word in addresses.",
            project,
        )
        .asking(
            Kind::Line,
            "slug",
            "Name",
            "Letters, digits, - and _. No other workspace has it, and it stays as it is.",
            sent.get("slug"),
        )
        .asking(
            Kind::Line,
            "repo_url",
            "Repository",
            "Such as https://github.com/you/my-study.",
            sent.get("repo_url"),
        )
        .asking(Kind::Line, "branch", "Branch", "", branch)
        .refused(problem);
    let is_wrong = form.problem.is_some();
    let mut page = blank(staff, "New workspace", BELOW);
    page.parts.push(Part::Form(form));
    answered(&page, is_wrong)
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(name) = name?;
    let found = there(staff::workspace(&app.database, &name).await?)?;
    shown(&staff, found, &asked, None)
}

pub(crate) async fn purpose(
    State(app): State<Arc<App>>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(name) = name?;
    let found = there(staff::workspace(&app.database, &name).await?)?;
    staff.needs_in(found.project.id, Permission::WorkspaceCreate)?;
    let admin = staff.admin(&app);
    let saved = admin.set_workspace_purpose(&name, sent.get("purpose"));
    match saved.await {
        Ok(()) => Ok(done(&path(&name), "saved")),
        Err(error) => {
            let again = Again {
                problem: problem(&error)?,
                sent,
            };
            shown(&staff, found, &Asked::default(), Some(again))
        }
    }
}

pub(crate) async fn ask_archive(
    State(app): State<Arc<App>>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(name) = name?;
    let found = there(staff::workspace(&app.database, &name).await?)?;
    staff.needs_in(found.project.id, Permission::WorkspaceArchive)?;
    let path = path(&name);
    let heading = format!("Archive the workspace {name}?");
    let form = Form::new("archive", heading, format!("{path}archive/"), "Archive it")
        .saying("Nothing more is run in it. Jobs that were asked for go on, and it can be taken up again.")
        .dangerous(&path);
    question(&staff, &[BELOW[0], (&name, &path)], form)
}

pub(crate) async fn archive(
    app: State<Arc<App>>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    set_archived(&app, &staff, name, true).await
}

pub(crate) async fn unarchive(
    app: State<Arc<App>>,
    staff: Staff,
    name: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    set_archived(&app, &staff, name, false).await
}

async fn set_archived(
    app: &App,
    staff: &Staff,
    name: Result<Path<String>, PathRejection>,
    archived: bool,
) -> Page {
    let Path(name) = name?;
    let found = there(staff::workspace(&app.database, &name).await?)?;
    staff.needs_in(found.project.id, Permission::WorkspaceArchive)?;
    let admin = staff.admin(app);
    let set = admin.set_workspace_archived(&name, archived);
    if let Err(error) = set.await {
        // It was there a moment ago, and takes nothing that was typed.
        problem(&error)?;
        return Err(NoPage::Missing);
    }
    let what = if archived { "archived" } else { "unarchived" };
    Ok(done(&path(&name), what))
}

fn shown(staff: &Staff, found: WorkspaceRow, asked: &Asked, again: Option<Again>) -> Page {
    let WorkspaceRow { row, project } = found;
    let path = path(&row.name);
    let mut page = blank(staff, &row.name, BELOW);
    page.notice = asked.notice();
    page.parts.push(Part::Facts(vec![
        ("State", state(row.is_archived)),
        (
            "Project",
            Cell::link(&project.name, projects::path(&project.slug)),
        ),
        ("Repository", Cell::Text(row.repo_url)),
        ("Branch", Cell::Code(row.branch)),
        (
            "Purpose",
            if row.purpose.is_empty() {
                Cell::Nothing
            } else {
                Cell::text(&row.purpose)
            },
        ),
        ("Created", Cell::Ago(moment(Timestamp(row.created_at)))),
        (
            "Page",
            Cell::link(
                "What was run in it",
                workspace_path(&project.slug, &row.name),
            ),
        ),
    ]));
    let is_wrong = again.is_some();
    if staff.may_in(project.id, Permission::WorkspaceCreate) {
        let purpose = again
            .as_ref()
            .map_or(row.purpose.as_str(), |again| again.sent.get("purpose"));
        let form = Form::new(
            "purpose",
            "What it is for",
            format!("{path}purpose/"),
            "Save",
        )
        .asking(
            Kind::Lines,
            "purpose",
            "Purpose",
            "For anybody to read, in a sentence or two.",
            purpose,
        )
        .refused(again.map(|again| again.problem));
        page.parts.push(Part::Form(form));
    } else {
        page.parts
            .push(Part::Text(projects::without(Permission::WorkspaceCreate)));
    }
    if staff.may_in(project.id, Permission::WorkspaceArchive) {
        page.parts.push(Part::Heading("Whether it is used"));
        page.parts.push(if row.is_archived {
            Part::Form(Form::new(
                "unarchive",
                "",
                format!("{path}unarchive/"),
                "Take it up again",
            ))
        } else {
            Part::Links(vec![Link::new("Archive it", format!("{path}archive/"))])
        });
    }
    answered(&page, is_wrong)
}

pub(super) fn path(name: &str) -> String {
    format!("{LIST}{}/", in_path(name))
}

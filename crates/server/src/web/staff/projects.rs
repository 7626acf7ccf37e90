//! Projects, and who holds which role in them.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Form, Kind, Link, Part, Problem, Table};

use super::{
    Staff, answered,
    asked::Asked,
    done, grants, in_path, organisations, page as blank, question,
    sent::{Again, Sent, problem},
    there, workspaces,
};
use crate::{
    Role,
    access::Permission,
    app::App,
    staff::{self, Grant, Listed, ProjectRow},
    web::{
        answer::{NoPage, Page},
        facts::moment,
        form::Proved,
    },
};

const LIST: &str = "/staff/projects/";
const BELOW: &[(&str, &str)] = &[("Projects", LIST)];

pub(crate) async fn list(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let found = staff::projects(&app.database, None, &asked.wanted("list")).await?;
    let mut page = blank(&staff, "Projects", BELOW);
    if staff.may(Permission::ProjectCreate) {
        let new = Link::new("New project", "/staff/new-project/");
        page.parts.push(Part::Links(vec![new]));
    }
    let mut table = table(&asked, LIST, "list", "No project is like that.", found);
    table.search = Some(asked.search(LIST, "list", "Name"));
    page.parts.push(Part::Table(table));
    answered(&page, false)
}

/// A table of projects, here and on the page of an organisation.
pub(super) fn table(
    asked: &Asked,
    path_of_page: &str,
    id: &'static str,
    empty: &str,
    found: Listed<ProjectRow>,
) -> Table {
    let rows = found.rows.into_iter().map(|found| {
        let owner = found.organisation;
        vec![
            Cell::link(&found.row.name, path(&found.row.slug)),
            Cell::Code(found.row.slug),
            Cell::link(owner.name, organisations::path(&owner.slug)),
            Cell::Day(moment(Timestamp(found.row.created_at))),
        ]
    });
    let heads = &[
        ("Name", "name"),
        ("In addresses", "slug"),
        ("Organisation", "organisation"),
        ("Created", "created"),
    ];
    let names = (id, "Projects", empty);
    asked.table(path_of_page, names, heads, found.total, rows.collect())
}

pub(crate) async fn new(staff: Staff, asked: Asked) -> Page {
    staff.needs(Permission::ProjectCreate)?;
    new_page(&staff, asked.get("organisation"), &Sent::default(), None)
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    staff: Staff,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    staff.needs(Permission::ProjectCreate)?;
    let (owner, slug) = (sent.get("organisation"), sent.get("slug"));
    let admin = staff.admin(&app);
    let made = admin.create_project(owner, slug, sent.get("name"));
    match made.await {
        Ok(()) => Ok(done(&path(slug), "created")),
        Err(error) => new_page(&staff, owner, &sent, Some(problem(&error)?)),
    }
}

fn new_page(staff: &Staff, owner: &str, sent: &Sent, problem: Option<Problem>) -> Page {
    let form = Form::new("new", "", "/staff/new-project/", "Create the project")
        .asking(
            Kind::Line,
            "organisation",
            "Organisation",
            "Its word in addresses.",
            owner,
        )
        .asking(
            Kind::Line,
            "name",
            "Name",
            "As people read it.",
            sent.get("name"),
        )
        .asking(
            Kind::Line,
            "slug",
            "Word in addresses",
            "Letters, digits and -. It stays as it is.",
            sent.get("slug"),
        )
        .refused(problem);
    let is_wrong = form.problem.is_some();
    let mut page = blank(staff, "New project", BELOW);
    page.parts.push(Part::Form(form));
    answered(&page, is_wrong)
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(slug) = slug?;
    shown(&app, &staff, &slug, &asked, None).await
}

pub(crate) async fn grant(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::UserEditProjectRoles)?;
    there(staff::project(&app.database, &slug).await?)?;
    let refused = match grants::new_grant(&sent, sent.get("username"), Some(&slug)) {
        Ok(new) => match staff.admin(&app).grant_role(&new).await {
            Ok(()) => return Ok(done(&path(&slug), "granted")),
            Err(error) => problem(&error)?,
        },
        Err(problem) => problem,
    };
    let again = Again {
        sent,
        problem: refused,
    };
    shown(&app, &staff, &slug, &Asked::default(), Some(again)).await
}

pub(crate) async fn ask_revoke(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::UserEditProjectRoles)?;
    let role = Role::from_word(asked.get("role")).ok_or(NoPage::Missing)?;
    let found = there(staff::project(&app.database, &slug).await?)?;
    revoke_page(&staff, &found, asked.get("username"), role, None)
}

pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::UserEditProjectRoles)?;
    let role = Role::from_word(sent.get("role")).ok_or(NoPage::Unreadable)?;
    let found = there(staff::project(&app.database, &slug).await?)?;
    let username = sent.get("username");
    let admin = staff.admin(&app);
    let revoked = admin.revoke_role(username, role, Some(&slug));
    match revoked.await {
        Ok(()) => Ok(done(&path(&slug), "revoked")),
        Err(error) => revoke_page(&staff, &found, username, role, Some(problem(&error)?)),
    }
}

fn revoke_page(
    staff: &Staff,
    found: &ProjectRow,
    username: &str,
    role: Role,
    problem: Option<Problem>,
) -> Page {
    let path = path(&found.row.slug);
    let heading = format!(
        "Revoke the role {} of {username} in {}?",
        role.name().to_lowercase(),
        found.row.name
    );
    let form = Form::new(
        "revoke",
        heading,
        format!("{path}revoke/"),
        "Revoke the role",
    )
    .saying("It ends now, also where it was to begin later. Jobs that they asked for go on.")
    .with("username", username)
    .with("role", role.as_str())
    .dangerous(&path)
    .refused(problem);
    question(staff, &[BELOW[0], (&found.row.name, &path)], form)
}

async fn shown(app: &App, staff: &Staff, slug: &str, asked: &Asked, again: Option<Again>) -> Page {
    let found = there(staff::project(&app.database, slug).await?)?;
    let path = path(slug);
    let mut page = blank(staff, &found.row.name, BELOW);
    page.notice = asked.notice();
    let owner = &found.organisation;
    page.parts.push(Part::Facts(vec![
        ("In addresses", Cell::Code(found.row.slug.clone())),
        (
            "Organisation",
            Cell::link(&owner.name, organisations::path(&owner.slug)),
        ),
        (
            "Created",
            Cell::Ago(moment(Timestamp(found.row.created_at))),
        ),
    ]));

    let may_edit = staff.may(Permission::UserEditProjectRoles);
    page.parts.push(Part::Heading("Members"));
    let held = staff::of_project(&app.database, found.row.id).await?;
    let held = held.iter().map(|grant| {
        let what = vec![grants::who(&grant.who), grants::role(&grant.role)];
        grants::of_grant(grant, what, revoking(&path, grant, may_edit))
    });
    page.parts.extend(grants::parts(
        asked,
        &path,
        (
            "members",
            "Who holds a role here",
            "Nobody holds a role in this project.",
        ),
        ("history", "Who held one before"),
        &[
            ("Person", "person"),
            ("Role", "role"),
            ("First day", "from"),
            ("Last day", "until"),
            ("Holds", ""),
            ("", ""),
        ],
        held.collect(),
    ));
    let is_wrong = again.is_some();
    if may_edit {
        let sent = again
            .as_ref()
            .map(|again| again.sent.clone())
            .unwrap_or_default();
        let form = Form::new(
            "grant",
            "Grant a role",
            format!("{path}grant/"),
            "Grant the role",
        )
        .asking(
            Kind::Line,
            "username",
            "User name",
            "",
            sent.get("username"),
        )
        .asking(
            grants::choices(Role::is_for_a_project),
            "role",
            "Role",
            "",
            sent.get("role"),
        );
        let form = grants::asking_days(form, &sent);
        page.parts
            .push(Part::Form(form.refused(again.map(|again| again.problem))));
    } else {
        page.parts
            .push(Part::Text(without(Permission::UserEditProjectRoles)));
    }

    page.parts.push(Part::Heading("Workspaces"));
    if staff.may_in(found.row.id, Permission::WorkspaceCreate) {
        let new = format!("/staff/new-workspace/?project={}", in_path(slug));
        page.parts
            .push(Part::Links(vec![Link::new("New workspace", new)]));
    }
    let listed = staff::workspaces(
        &app.database,
        Some(found.row.id),
        &asked.wanted("workspaces"),
    )
    .await?;
    page.parts.push(Part::Table(workspaces::table(
        asked,
        &path,
        "workspaces",
        "This project has no workspace yet.",
        listed,
    )));
    answered(&page, is_wrong)
}

fn revoking(path: &str, grant: &Grant, may_edit: bool) -> Cell {
    if !may_edit {
        return Cell::Nothing;
    }
    let (username, role) = (in_path(&grant.who.username), in_path(&grant.role));
    Cell::link(
        "Revoke",
        format!("{path}revoke/?username={username}&role={role}"),
    )
}

/// Says who may change what is shown, to somebody who may not.
pub(super) fn without(what: Permission) -> String {
    format!(
        "You may not change this: it takes the role {}.",
        what.granted_by()
    )
}

pub(super) fn path(slug: &str) -> String {
    format!("{LIST}{}/", in_path(slug))
}

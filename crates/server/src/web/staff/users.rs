//! People, and what they hold. What signs them in or speaks for them is in [`super::user_access`].

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Form, Kind, Link, Part, Problem};

use super::{
    Staff, answered,
    asked::Asked,
    backends, done, grants, in_path, page as blank, projects, question,
    sent::{Again, Sent, problem},
    there,
};
use crate::{
    Role,
    access::{self, Permission},
    app::App,
    clock,
    staff::{self, PersonView},
    web::{
        answer::{NoPage, Page},
        facts::moment,
        form::Proved,
    },
};

const LIST: &str = "/staff/users/";
pub(super) const BELOW: &[(&str, &str)] = &[("Users", LIST)];

/// What stands in the place of the button for people whose power is that of the service.
const ELSEWHERE: &str = "They look after this service, so no address that signs them in is made here: it is made \
     beside the server, with glovebox server sign-in-link.";

pub(crate) async fn list(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let found = staff::people(&app.database, &asked.wanted("list")).await?;
    let rows = found.rows.into_iter().map(|row| {
        vec![
            Cell::link(row.full_name, path(&row.username)),
            Cell::Code(row.username),
            row.email.map_or(Cell::Nothing, Cell::Text),
            Cell::Day(moment(Timestamp(row.created_at))),
        ]
    });
    let mut page = blank(&staff, "Users", BELOW);
    if staff.may(Permission::UserManage) {
        let new = Link::new("New user", "/staff/new-user/");
        page.parts.push(Part::Links(vec![new]));
    }
    let heads = &[
        ("Name", "name"),
        ("User name", "username"),
        ("Email", "email"),
        ("Created", "created"),
    ];
    let names = ("list", "Users", "Nobody is like that.");
    let mut table = asked.table(LIST, names, heads, found.total, rows.collect());
    table.search = Some(asked.search(LIST, "list", "Name, user name or email"));
    page.parts.push(Part::Table(table));
    answered(&page, false)
}

pub(crate) async fn new(staff: Staff) -> Page {
    staff.needs(Permission::UserManage)?;
    new_page(&staff, &Sent::default(), None)
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    staff: Staff,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    staff.needs(Permission::UserManage)?;
    let username = sent.get("slug");
    let admin = staff.admin(&app);
    let name = sent.get("name");
    let made = match sent.given("email") {
        Some(email) => admin.create_person_with_email(username, name, email).await,
        None => admin.create_person(username, name).await,
    };
    match made {
        Ok(()) => Ok(done(&path(username), "created")),
        Err(error) => new_page(&staff, &sent, Some(problem(&error)?)),
    }
}

fn new_page(staff: &Staff, sent: &Sent, problem: Option<Problem>) -> Page {
    let form = Form::new("new", "", "/staff/new-user/", "Create the user")
        .saying("On their page you then make the address by which they sign in the first time.")
        .asking(Kind::Line, "name", "Full name", "", sent.get("name"))
        .asking(
            Kind::Line,
            "slug",
            "User name",
            "Letters, digits, -, _ and full stops. It stays as it is.",
            sent.get("slug"),
        )
        .asking(
            Kind::Email,
            "email",
            "Email",
            "Nothing if they are not to be written to.",
            sent.get("email"),
        )
        .refused(problem);
    let is_wrong = form.problem.is_some();
    let mut page = blank(staff, "New user", BELOW);
    page.parts.push(Part::Form(form));
    answered(&page, is_wrong)
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(username) = username?;
    shown(&app, &staff, &username, &asked, None).await
}

pub(crate) async fn grant(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    find(&app, &username).await?;
    let refused = match grants::new_grant(&sent, &username, None) {
        Ok(new) => match staff.admin(&app).grant_role(&new).await {
            Ok(()) => return Ok(done(&path(&username), "granted")),
            Err(error) => problem(&error)?,
        },
        Err(problem) => problem,
    };
    let again = Again {
        sent,
        problem: refused,
    };
    shown(&app, &staff, &username, &Asked::default(), Some(again)).await
}

pub(crate) async fn ask_revoke(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let role = Role::from_word(asked.get("role")).ok_or(NoPage::Missing)?;
    let found = find(&app, &username).await?;
    revoke_page(&staff, &found, role, None)
}

pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let role = Role::from_word(sent.get("role")).ok_or(NoPage::Unreadable)?;
    let found = find(&app, &username).await?;
    match staff.admin(&app).revoke_role(&username, role, None).await {
        Ok(()) => Ok(done(&path(&username), "revoked")),
        Err(error) => revoke_page(&staff, &found, role, Some(problem(&error)?)),
    }
}

fn revoke_page(staff: &Staff, found: &PersonView, role: Role, problem: Option<Problem>) -> Page {
    let heading = format!(
        "Revoke the role {} of {} in all projects?",
        role.name().to_lowercase(),
        found.row.full_name
    );
    let path = path(&found.row.username);
    let form = Form::new(
        "revoke",
        heading,
        format!("{path}revoke/"),
        "Revoke the role",
    )
    .saying("It ends now, also where it was to begin later.")
    .with("role", role.as_str())
    .dangerous(&path)
    .refused(problem);
    question(staff, &[BELOW[0], (&found.row.full_name, &path)], form)
}

async fn shown(
    app: &App,
    staff: &Staff,
    username: &str,
    asked: &Asked,
    again: Option<Again>,
) -> Page {
    let found = find(app, username).await?;
    let path = path(username);
    let may = staff.may(Permission::UserManage);
    let mut page = blank(staff, &found.row.full_name, BELOW);
    page.notice = asked.notice();
    page.parts.push(Part::Facts(vec![
        ("User name", Cell::Code(found.row.username.clone())),
        (
            "Email",
            found.row.email.clone().map_or(Cell::Nothing, Cell::Text),
        ),
        (
            "Created",
            Cell::Ago(moment(Timestamp(found.row.created_at))),
        ),
        ("Tokens that are good", Cell::Number(found.tokens)),
        ("Signed in, in browsers", Cell::Number(found.sessions)),
        (
            "What they did",
            Cell::link(
                "In the audit log",
                format!("/staff/audit/?actor={}", in_path(username)),
            ),
        ),
    ]));
    if may {
        let link = format!("{path}sign-in-link/");
        page.parts.push(Part::Links(vec![
            Link::new("End all tokens", format!("{path}end-tokens/")),
            Link::new("Sign them out everywhere", format!("{path}end-sessions/")),
        ]));
        page.parts
            .push(if looks_after_the_service(app, &found).await? {
                Part::Text(ELSEWHERE.to_owned())
            } else {
                Part::Form(Form::new(
                    "link",
                    "",
                    link,
                    "Make an address that signs them in",
                ))
            });
    }
    page.parts.push(Part::Heading("Roles"));
    page.parts
        .extend(roles(app, &found, &path, asked, may).await?);
    let is_wrong = again.is_some();
    if may {
        let sent = again
            .as_ref()
            .map(|again| again.sent.clone())
            .unwrap_or_default();
        let form = Form::new(
            "grant",
            "Grant a role in all projects",
            format!("{path}grant/"),
            "Grant the role",
        )
        .saying("A role in one project is granted on the page of the project.")
        .asking(
            grants::choices(Role::is_for_everywhere),
            "role",
            "Role",
            "",
            sent.get("role"),
        );
        let form = grants::asking_days(form, &sent);
        page.parts
            .push(Part::Form(form.refused(again.map(|again| again.problem))));
    }
    page.parts.push(Part::Heading("Backends"));
    page.parts
        .extend(memberships(app, staff, &found, &path, asked).await?);
    answered(&page, is_wrong)
}

async fn roles(
    app: &App,
    found: &PersonView,
    path: &str,
    asked: &Asked,
    may: bool,
) -> Result<Vec<Part>, NoPage> {
    let held = staff::of_person(&app.database, found.row.id).await?;
    let held = held.iter().map(|grant| {
        let place = grant.project.as_ref().map_or_else(
            || (String::new(), Cell::text("all projects")),
            |project| {
                let link = Cell::link(&project.name, projects::path(&project.slug));
                (project.name.clone(), link)
            },
        );
        let end = if may && grant.project.is_none() {
            let role = in_path(&grant.role);
            Cell::link("Revoke", format!("{path}revoke/?role={role}"))
        } else {
            Cell::Nothing
        };
        grants::of_grant(grant, vec![grants::role(&grant.role), place], end)
    });
    Ok(grants::parts(
        asked,
        path,
        ("roles", "Roles that they hold", "They hold no role."),
        ("history", "Roles that they held before"),
        &[
            ("Role", "role"),
            ("In", "place"),
            ("First day", "from"),
            ("Last day", "until"),
            ("Holds", ""),
            ("", ""),
        ],
        held.collect(),
    ))
}

async fn memberships(
    app: &App,
    staff: &Staff,
    found: &PersonView,
    path: &str,
    asked: &Asked,
) -> Result<Vec<Part>, NoPage> {
    let members = staff::memberships(&app.database, None, Some(found.row.id)).await?;
    let may = staff.may(Permission::BackendManage);
    let held = members.iter().map(|member| {
        let backend = &member.backend;
        let at = backends::path(&backend.slug);
        let end = if may {
            let username = in_path(&found.row.username);
            Cell::link("Dismiss", format!("{at}dismiss/?username={username}"))
        } else {
            Cell::Nothing
        };
        let what = (backend.name.clone(), Cell::link(&backend.name, at));
        grants::of_membership(member, vec![what], end)
    });
    Ok(grants::parts(
        asked,
        path,
        (
            "backends",
            "Where they may run jobs",
            "They may run jobs on no backend: admit them on its page.",
        ),
        ("backends-before", "Where they might before"),
        &[
            ("Backend", "backend"),
            ("First day", "from"),
            ("Last day", "until"),
            ("Holds", ""),
            ("", ""),
        ],
        held.collect(),
    ))
}

pub(super) async fn looks_after_the_service(app: &App, found: &PersonView) -> Result<bool, NoPage> {
    let (read, person) = (&**app.database, found.row.id);
    Ok(access::looks_after_the_service(read, person, clock::now()).await?)
}

pub(super) async fn find(app: &App, username: &str) -> Result<PersonView, NoPage> {
    there(staff::person(&app.database, username, clock::now()).await?)
}

pub(super) fn path(username: &str) -> String {
    format!("{LIST}{}/", in_path(username))
}

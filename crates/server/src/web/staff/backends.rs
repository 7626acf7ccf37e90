//! Backends, and who may run jobs there.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Form, Kind, Link, Part, Problem};
use glovebox_ui::Tone;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{
    Staff, answered,
    asked::Asked,
    done, grants, in_path, page as blank, question,
    sent::{Again, Sent, problem},
    switches, there,
};
use crate::{
    NewBackend,
    access::Permission,
    app::App,
    clock, staff,
    storage::{StorageError, entity::backend, storable},
    web::{
        answer::{NoPage, Page},
        facts::moment,
        form::Proved,
    },
};

const LIST: &str = "/staff/backends/";
pub(super) const BELOW: &[(&str, &str)] = &[("Backends", LIST)];

pub(crate) async fn list(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let found = staff::backends(&app.database, &asked.wanted("list"), clock::now()).await?;
    let rows = found.rows.into_iter().map(|found| {
        let row = found.row;
        vec![
            Cell::link(&row.name, path(&row.slug)),
            Cell::Code(row.slug.clone()),
            state(&row),
            seen(&row),
            Cell::Number(found.members),
        ]
    });
    let mut page = blank(&staff, "Backends", BELOW);
    if staff.may(Permission::BackendManage) {
        let new = Link::new("New backend", "/staff/new-backend/");
        page.parts.push(Part::Links(vec![new]));
    }
    let heads = &[
        ("Name", "name"),
        ("In addresses", "slug"),
        ("State", "active"),
        ("Last heard of", "seen"),
        ("Members", ""),
    ];
    let names = ("list", "Backends", "No backend is like that.");
    let mut table = asked.table(LIST, names, heads, found.total, rows.collect());
    table.search = Some(asked.search(LIST, "list", "Name"));
    page.parts.push(Part::Table(table));
    answered(&page, false)
}

fn state(row: &backend::Model) -> Cell {
    match (row.is_active, row.maintenance, row.paused) {
        (false, ..) => Cell::State(Tone::Cancelled, "at rest"),
        (true, true, _) => Cell::State(Tone::Withheld, "database maintenance"),
        (true, false, true) => Cell::State(Tone::Cancelled, "paused"),
        (true, false, false) => Cell::State(Tone::Succeeded, "active"),
    }
}

fn seen(row: &backend::Model) -> Cell {
    row.last_seen_at.map_or_else(
        || Cell::text("never"),
        |at| Cell::Ago(moment(Timestamp(at))),
    )
}

pub(crate) async fn new(staff: Staff) -> Page {
    staff.needs(Permission::BackendManage)?;
    new_page(&staff, &Sent::default(), None)
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    staff: Staff,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    staff.needs(Permission::BackendManage)?;
    let new = NewBackend {
        slug: sent.get("slug").to_owned(),
        name: sent.get("name").to_owned(),
    };
    match staff.admin(&app).create_backend(&new).await {
        Ok(token) => switches::token_page(&staff, &new.slug, &new.name, &token),
        Err(error) => new_page(&staff, &sent, Some(problem(&error)?)),
    }
}

fn new_page(staff: &Staff, sent: &Sent, problem: Option<Problem>) -> Page {
    let form = Form::new("new", "", "/staff/new-backend/", "Create the backend")
        .saying("The next page shows the token of its agents, once.")
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
    let mut page = blank(staff, "New backend", BELOW);
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

pub(crate) async fn admit(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::BackendManage)?;
    find(&app, &slug).await?;
    let days = sent
        .first_day("from")
        .and_then(|from| Ok((from, sent.after_last_day("until")?)));
    let refused = match days {
        Ok((from, until)) => {
            let username = sent.get("username");
            match staff.admin(&app).admit(username, &slug, from, until).await {
                Ok(()) => return Ok(done(&path(&slug), "admitted")),
                Err(error) => problem(&error)?,
            }
        }
        Err(problem) => problem,
    };
    let again = Again {
        sent,
        problem: refused,
    };
    shown(&app, &staff, &slug, &Asked::default(), Some(again)).await
}

pub(crate) async fn ask_dismiss(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::BackendManage)?;
    let found = find(&app, &slug).await?;
    dismiss_page(&staff, &found, asked.get("username"), None)
}

pub(crate) async fn dismiss(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::BackendManage)?;
    let found = find(&app, &slug).await?;
    let username = sent.get("username");
    match staff.admin(&app).dismiss(username, &slug).await {
        Ok(()) => Ok(done(&path(&slug), "dismissed")),
        Err(error) => dismiss_page(&staff, &found, username, Some(problem(&error)?)),
    }
}

fn dismiss_page(
    staff: &Staff,
    found: &backend::Model,
    username: &str,
    problem: Option<Problem>,
) -> Page {
    let path = path(&found.slug);
    let heading = format!("Dismiss {username} from {}?", found.name);
    let form = Form::new("dismiss", heading, format!("{path}dismiss/"), "Dismiss them")
        .saying("They run no more jobs there, also not from a later day on. Jobs that they asked for go on.")
        .with("username", username)
        .dangerous(&path)
        .refused(problem);
    question(staff, &[BELOW[0], (&found.name, &path)], form)
}

async fn shown(app: &App, staff: &Staff, slug: &str, asked: &Asked, again: Option<Again>) -> Page {
    let found = find(app, slug).await?;
    let path = path(slug);
    let may = staff.may(Permission::BackendManage);
    let mut page = blank(staff, &found.name, BELOW);
    page.notice = asked.notice();
    page.parts.push(Part::Facts(vec![
        ("State", state(&found)),
        ("In addresses", Cell::Code(found.slug.clone())),
        ("Last heard of", seen(&found)),
        ("Created", Cell::Ago(moment(Timestamp(found.created_at)))),
    ]));
    if may {
        page.parts.extend(switches::parts(&found, &path));
    }
    page.parts.push(Part::Heading("Members"));
    let members = staff::memberships(&app.database, Some(found.id), None).await?;
    let held = members.iter().map(|member| {
        let username = in_path(&member.who.username);
        let end = if may {
            Cell::link("Dismiss", format!("{path}dismiss/?username={username}"))
        } else {
            Cell::Nothing
        };
        grants::of_membership(member, vec![grants::who(&member.who)], end)
    });
    page.parts.extend(grants::parts(
        asked,
        &path,
        (
            "members",
            "Who may run jobs here, in the projects in which they may run jobs",
            "Nobody may run jobs here.",
        ),
        ("history", "Who might before"),
        &[
            ("Person", "person"),
            ("First day", "from"),
            ("Last day", "until"),
            ("Holds", ""),
            ("", ""),
        ],
        held.collect(),
    ));
    let is_wrong = again.is_some();
    if may {
        let sent = again
            .as_ref()
            .map(|again| again.sent.clone())
            .unwrap_or_default();
        let form = Form::new(
            "admit",
            "Admit somebody",
            format!("{path}admit/"),
            "Admit them",
        )
        .asking(
            Kind::Line,
            "username",
            "User name",
            "",
            sent.get("username"),
        );
        let form = grants::asking_days(form, &sent);
        page.parts
            .push(Part::Form(form.refused(again.map(|again| again.problem))));
    }
    answered(&page, is_wrong)
}

pub(super) async fn find(app: &App, slug: &str) -> Result<backend::Model, NoPage> {
    let found = backend::Entity::find()
        .filter(backend::Column::Slug.eq(storable(slug)))
        .one(&**app.database)
        .await
        .map_err(StorageError::from)?;
    there(found)
}

pub(super) fn path(slug: &str) -> String {
    format!("{LIST}{}/", in_path(slug))
}

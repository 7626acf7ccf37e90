//! Organisations.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Form, Kind, Link, Part};

use super::{
    Staff, answered,
    asked::Asked,
    done, in_path, page as blank, projects,
    sent::{Again, Sent, problem},
    there,
};
use crate::{
    access::Permission,
    app::App,
    staff,
    web::{answer::Page, facts::moment, form::Proved},
};

const LIST: &str = "/staff/organisations/";
const BELOW: &[(&str, &str)] = &[("Organisations", LIST)];

pub(crate) async fn list(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let found = staff::organisations(&app.database, &asked.wanted("list")).await?;
    let rows = found.rows.into_iter().map(|found| {
        vec![
            Cell::link(&found.row.name, path(&found.row.slug)),
            Cell::Code(found.row.slug),
            Cell::Number(found.projects),
            Cell::Day(moment(Timestamp(found.row.created_at))),
        ]
    });
    let mut page = blank(&staff, "Organisations", BELOW);
    if staff.may(Permission::OrgCreate) {
        let new = Link::new("New organisation", "/staff/new-organisation/");
        page.parts.push(Part::Links(vec![new]));
    }
    let heads = &[
        ("Name", "name"),
        ("In addresses", "slug"),
        ("Projects", ""),
        ("Created", "created"),
    ];
    let names = ("list", "Organisations", "No organisation is like that.");
    let mut table = asked.table(LIST, names, heads, found.total, rows.collect());
    table.search = Some(asked.search(LIST, "list", "Name"));
    page.parts.push(Part::Table(table));
    answered(&page, false)
}

pub(crate) async fn new(staff: Staff) -> Page {
    staff.needs(Permission::OrgCreate)?;
    new_page(&staff, &Sent::default(), None)
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    staff: Staff,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    staff.needs(Permission::OrgCreate)?;
    let slug = sent.get("slug");
    let admin = staff.admin(&app);
    let made = admin.create_organisation(slug, sent.get("name"));
    match made.await {
        Ok(()) => Ok(done(&path(slug), "created")),
        Err(error) => new_page(&staff, &sent, Some(problem(&error)?)),
    }
}

fn new_page(staff: &Staff, sent: &Sent, problem: Option<glovebox_pages::staff::Problem>) -> Page {
    let form = Form::new(
        "new",
        "",
        "/staff/new-organisation/",
        "Create the organisation",
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
    let mut page = blank(staff, "New organisation", BELOW);
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

pub(crate) async fn rename(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    Proved { form: sent, .. }: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::OrgCreate)?;
    there(staff::organisation(&app.database, &slug).await?)?;
    let admin = staff.admin(&app);
    let renamed = admin.rename_organisation(&slug, sent.get("name"));
    match renamed.await {
        Ok(()) => Ok(done(&path(&slug), "renamed")),
        Err(error) => {
            let again = Again {
                problem: problem(&error)?,
                sent,
            };
            shown(&app, &staff, &slug, &Asked::default(), Some(again)).await
        }
    }
}

async fn shown(app: &App, staff: &Staff, slug: &str, asked: &Asked, again: Option<Again>) -> Page {
    let found = there(staff::organisation(&app.database, slug).await?)?;
    let path = path(slug);
    let mut page = blank(staff, &found.name, BELOW);
    page.notice = asked.notice();
    page.parts.push(Part::Facts(vec![
        ("In addresses", Cell::Code(found.slug.clone())),
        ("Created", Cell::Ago(moment(Timestamp(found.created_at)))),
    ]));
    page.parts.push(Part::Heading("Projects"));
    if staff.may(Permission::ProjectCreate) {
        let new = format!("/staff/new-project/?organisation={}", in_path(slug));
        page.parts
            .push(Part::Links(vec![Link::new("New project", new)]));
    }
    let listed = staff::projects(&app.database, Some(found.id), &asked.wanted("projects")).await?;
    page.parts.push(Part::Table(projects::table(
        asked,
        &path,
        "projects",
        "This organisation has no project yet.",
        listed,
    )));
    let is_wrong = again.is_some();
    if staff.may(Permission::OrgCreate) {
        let name = again
            .as_ref()
            .map_or(found.name.as_str(), |again| again.sent.get("name"));
        let form = Form::new("rename", "Another name", format!("{path}rename/"), "Rename")
            .asking(Kind::Line, "name", "Name", "", name)
            .refused(again.map(|again| again.problem));
        page.parts.push(Part::Form(form));
    }
    answered(&page, is_wrong)
}

pub(super) fn path(slug: &str) -> String {
    format!("{LIST}{}/", in_path(slug))
}

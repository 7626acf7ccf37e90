//! The first page of the staff area.

use std::sync::Arc;

use axum::extract::State;
use glovebox_pages::staff::{Cell, Link, Part};

use super::{Staff, answered, audit};
use crate::{
    access::Permission,
    app::App,
    staff::{self, DeedsFilter},
    web::answer::Page,
};

/// How much of the audit log it shows.
const LATEST: u64 = 10;

pub(crate) async fn page(State(app): State<Arc<App>>, staff: Staff) -> Page {
    let counts = staff::counts(&app.database).await?;
    let mut page = super::page(&staff, "Staff area", &[]);
    page.crumbs.clear();
    let count = |number, path: &str| Cell::link(format!("{number}"), path);
    page.parts.push(Part::Facts(vec![
        (
            "Organisations",
            count(counts.organisations, "/staff/organisations/"),
        ),
        ("Projects", count(counts.projects, "/staff/projects/")),
        ("Workspaces", count(counts.workspaces, "/staff/workspaces/")),
        ("Backends", count(counts.backends, "/staff/backends/")),
        ("Users", count(counts.people, "/staff/users/")),
    ]));
    let links = [
        (
            Permission::OrgCreate,
            "New organisation",
            "/staff/new-organisation/",
        ),
        (
            Permission::ProjectCreate,
            "New project",
            "/staff/new-project/",
        ),
        (
            Permission::WorkspaceCreate,
            "New workspace",
            "/staff/new-workspace/",
        ),
        (
            Permission::BackendManage,
            "New backend",
            "/staff/new-backend/",
        ),
        (Permission::UserManage, "New user", "/staff/new-user/"),
    ];
    let links = links
        .into_iter()
        .filter(|(what, ..)| staff.may(*what))
        .map(|(_, text, path)| Link::new(text, path));
    page.parts.push(Part::Links(links.collect()));
    let latest = staff::deeds(&app.database, &DeedsFilter::default(), LATEST).await?;
    page.parts.push(Part::Heading("Latest in the audit log"));
    page.parts.push(Part::Table(audit::table(&latest.rows)));
    answered(&page, false)
}

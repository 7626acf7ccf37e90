//! The staff area: what those who look after the service set up and see.
//!
//! * [`entrance`] lets only them in, and [`asked`] is what an address asks of a page's tables.
//! * [`sent`] is what a form carried; each change goes through [`crate::Admin`] or [`crate::Operations`], as
//!   on the command line, so it is in the audit log with the name of who did it.
//! * [`grants`] has the tables and forms of roles and memberships, which several pages show.
//! * The rest is a file for each kind of page.

mod asked;
mod audit;
mod backends;
mod deeds;
mod entrance;
mod grants;
mod organisations;
mod overview;
mod projects;
mod sent;
mod switches;
mod user_access;
mod users;
mod workspaces;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use glovebox_pages::staff::{Link, Part, StaffPage};

use super::{
    answer::{NoPage, Page, shown},
    facts,
};
use crate::app::App;
use entrance::Staff;

/// All pages of the area, as they stand below `/staff`.
pub(super) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(overview::page))
        .merge(places())
        .merge(service())
        .route("/audit/", get(audit::page))
        .route("/audit.csv", get(audit::csv))
        .layer(from_fn_with_state(Arc::clone(app), entrance::only_staff))
}

fn places() -> Router<Arc<App>> {
    Router::new()
        .route("/organisations/", get(organisations::list))
        .route(
            "/new-organisation/",
            get(organisations::new).post(organisations::create),
        )
        .route("/organisations/{slug}/", get(organisations::page))
        .route("/organisations/{slug}/rename/", post(organisations::rename))
        .route("/projects/", get(projects::list))
        .route("/new-project/", get(projects::new).post(projects::create))
        .route("/projects/{slug}/", get(projects::page))
        .route("/projects/{slug}/grant/", post(projects::grant))
        .route(
            "/projects/{slug}/revoke/",
            get(projects::ask_revoke).post(projects::revoke),
        )
        .route("/workspaces/", get(workspaces::list))
        .route(
            "/new-workspace/",
            get(workspaces::new).post(workspaces::create),
        )
        .route("/workspaces/{name}/", get(workspaces::page))
        .route("/workspaces/{name}/purpose/", post(workspaces::purpose))
        .route(
            "/workspaces/{name}/archive/",
            get(workspaces::ask_archive).post(workspaces::archive),
        )
        .route("/workspaces/{name}/unarchive/", post(workspaces::unarchive))
}

fn service() -> Router<Arc<App>> {
    Router::new()
        .route("/backends/", get(backends::list))
        .route("/new-backend/", get(backends::new).post(backends::create))
        .route("/backends/{slug}/", get(backends::page))
        .route("/backends/{slug}/admit/", post(backends::admit))
        .route(
            "/backends/{slug}/dismiss/",
            get(backends::ask_dismiss).post(backends::dismiss),
        )
        .route(
            "/backends/{slug}/renew-token/",
            get(switches::ask_renew).post(switches::renew),
        )
        .route(
            "/backends/{slug}/{switch}/",
            get(switches::ask).post(switches::switch),
        )
        .route("/users/", get(users::list))
        .route("/new-user/", get(users::new).post(users::create))
        .route("/users/{username}/", get(users::page))
        .route("/users/{username}/grant/", post(users::grant))
        .route(
            "/users/{username}/revoke/",
            get(users::ask_revoke).post(users::revoke),
        )
        .route(
            "/users/{username}/end-tokens/",
            get(user_access::ask_end_tokens).post(user_access::end_tokens),
        )
        .route(
            "/users/{username}/end-sessions/",
            get(user_access::ask_end_sessions).post(user_access::end_sessions),
        )
        .route(
            "/users/{username}/sign-in-link/",
            post(user_access::sign_in_link),
        )
}

/// A page below some others, of which the outermost is the overview.
fn page(staff: &Staff, title: impl Into<String>, below: &[(&str, &str)]) -> StaffPage {
    let mut crumbs = vec![Link::new("Staff area", "/staff/")];
    let further = below.iter().map(|(text, path)| Link::new(*text, *path));
    crumbs.extend(further);
    StaffPage {
        frame: staff.frame(),
        title: title.into(),
        crumbs,
        notice: None,
        parts: Vec::new(),
        now: facts::now(),
    }
}

/// A page that only asks whether to go on.
fn question(staff: &Staff, below: &[(&str, &str)], form: glovebox_pages::staff::Form) -> Page {
    let mut page = page(staff, form.heading.clone(), below);
    let form = glovebox_pages::staff::Form {
        heading: String::new(),
        ..form
    };
    let is_wrong = form.problem.is_some();
    page.parts.push(Part::Form(form));
    answered(&page, is_wrong)
}

/// A page; where a form of it was refused, programs are told so too.
fn answered(page: &StaffPage, is_wrong: bool) -> Page {
    let response = shown(page.html()?);
    Ok(if is_wrong {
        (axum::http::StatusCode::UNPROCESSABLE_ENTITY, response).into_response()
    } else {
        response
    })
}

/// To a page that says what was done.
fn done(path: &str, what: &str) -> Response {
    Redirect::to(&format!("{path}?done={what}")).into_response()
}

/// A word of an address, as it stands in another address.
fn in_path(word: &str) -> String {
    asked::encoded(word)
}

/// The row that an address names.
fn there<T>(found: Option<T>) -> Result<T, NoPage> {
    found.ok_or(NoPage::Missing)
}

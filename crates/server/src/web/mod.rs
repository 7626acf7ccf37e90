//! The pages: what anybody may read, without scripts and without an account.
//!
//! * [`request`] is a job request and its jobs, [`lists`] are the event log, workspaces and backends.
//! * [`facts`] turns what is kept into what [`glovebox_pages`] shows.
//! * [`viewer`] is who looks, and [`form`] takes what they send.
//! * [`staff`] is the area of those who look after the service.
//! * [`answer`] is what every page has: its headers, and what is said where there is none.

mod answer;
mod facts;
mod form;
mod lists;
mod request;
mod sign_in;
mod staff;
mod viewer;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::Redirect,
    routing::{get, post},
};

use crate::app::App;

pub(crate) use answer::no_such_page;

/// All pages.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(lists::home))
        .route("/event-log/", get(lists::event_log))
        .route("/status/", get(lists::status))
        .route("/sign-in/", get(sign_in::page))
        .route(
            "/sign-in/{token}/",
            get(sign_in::link_page).post(sign_in::by_link),
        )
        .route("/sign-out/", post(sign_in::sign_out))
        .route("/job-requests/{number}", get(request::short))
        .route("/{project}/{workspace}/", get(lists::workspace))
        .route("/{project}/{workspace}/{number}/", get(request::page))
        .route("/{project}/{workspace}/{number}/{job}/", get(request::job))
        .route("/staff", get(|| async { Redirect::permanent("/staff/") }))
        .nest("/staff/", staff::router(app))
        .layer(from_fn_with_state(Arc::clone(app), viewer::know))
        // The same for everybody.
        .route("/static/{digest}/{name}", get(answer::asset))
}

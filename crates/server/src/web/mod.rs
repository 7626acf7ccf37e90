//! The pages: what anybody may read, without scripts and without an account.
//!
//! * [`request`] is a job request and its jobs, [`lists`] are the event log, workspaces and backends.
//! * [`facts`] turns what is kept into what [`glovebox_pages`] shows.
//! * [`answer`] is what every page has: its headers, and what is said where there is none.

mod answer;
mod facts;
mod lists;
mod request;

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::app::App;

pub(crate) use answer::{in_whole_seconds, no_such_page, reads_pages, too_many};

/// All pages.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(lists::home))
        .route("/event-log/", get(lists::event_log))
        .route("/status/", get(lists::status))
        .route("/static/{digest}/{name}", get(answer::asset))
        .route("/job-requests/{number}", get(request::short))
        .route("/{project}/{workspace}/", get(lists::workspace))
        .route("/{project}/{workspace}/{number}/", get(request::page))
        .route("/{project}/{workspace}/{number}/{job}/", get(request::job))
}

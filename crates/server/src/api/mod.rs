//! The HTTP API: for agents, for people's programs, and for whoever watches.
//!
//! * [`agent`] and [`client`] are the calls of [`glovebox_protocol`].
//! * [`events`] streams that a job request changed; [`health`] says whether the server works.
//! * [`guard`] is what holds for every call: an id, a limit of time, headers, a line in the log.
//! * [`credential`] finds out who calls, [`body`] reads what they send, [`refusal`] is how no is said.

mod agent;
mod body;
mod client;
mod credential;
mod events;
mod guard;
mod health;
mod refusal;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use glovebox_protocol::{PATH_ASK, PATH_JOB_REQUESTS, PATH_REPORT};

use crate::{app::App, web};
use refusal::Refused;

/// What is read at most of a body. An agent may hold many tasks, a request name many actions.
const LARGEST_BODY: usize = 1024 * 1024;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let one = format!("{PATH_JOB_REQUESTS}/{{number}}");
    let cancel = format!("{one}/cancel");
    let quick = Router::new()
        .route(PATH_REPORT, post(agent::report))
        .route(&one, get(client::show))
        .route(&cancel, post(client::cancel))
        .route("/health", get(health::health))
        .layer(from_fn(guard::within_seconds));
    // These bound their own time: one waits for work, one for a repository, one for as long as is watched.
    let slow = Router::new()
        .route(PATH_ASK, post(agent::ask))
        .route(PATH_JOB_REQUESTS, post(client::create))
        .route("/events/job-requests/{number}", get(events::job_request));
    Router::new()
        .merge(quick)
        .merge(slow)
        .merge(web::router_of_slow_pages(&app))
        .merge(web::router(&app).layer(from_fn(guard::within_seconds)))
        .fallback(nothing_here)
        .method_not_allowed_fallback(|| async { Refused::method() })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(guard::guard))
        .with_state(app)
}

/// Browsers read that in a page, programs in JSON.
async fn nothing_here(request: Request) -> Response {
    web::no_such_page(&request).unwrap_or_else(|| Refused::not_found("page").into_response())
}

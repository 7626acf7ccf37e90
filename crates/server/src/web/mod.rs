//! The pages: what anybody may read, without scripts and without an account, and what people change.
//!
//! * [`request`] is a job request and its jobs, and [`changes`] what changed in its code.
//! * [`lists`] are the event log and its like; [`places`] are organisations, projects and people, and
//!   [`workspace`] and [`backends`] what they are called after.
//! * [`requests`] is the table of requests that they share, [`sorted`] what sorts tables, and [`address`] reads
//!   and writes what was chosen.
//! * [`run_jobs`] and [`cancel`] are what people do there, [`offers`] says to whom that is offered.
//! * [`facts`] turns what is kept into what [`glovebox_pages`] shows.
//! * [`viewer`] is who looks, and [`form`] takes what they send.
//! * [`staff`] is the area of those who look after the service.
//! * [`sign_in`] finds out who it is, [`provider`] asks somebody else, and [`passkey`] a browser. [`next`] is
//!   where they go on to, [`settings`] are their own account's.
//! * [`cache`] keeps pages for visitors for a moment, [`packed`] if they unpack them.
//! * [`answer`] is what every page has: its headers, and what is said where there is none.

mod address;
mod answer;
mod backends;
mod cache;
mod cancel;
mod changes;
mod facts;
mod form;
mod ledger;
mod lists;
mod next;
mod offers;
mod packed;
mod passkey;
mod places;
mod provider;
mod request;
mod requests;
mod run_jobs;
mod settings;
mod sign_in;
mod sorted;
mod staff;
mod viewer;
mod workspace;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::Redirect,
    routing::{get, post},
};

use crate::{app::App, oidc};

pub(crate) use answer::{in_whole_seconds, no_such_page, reads_pages, too_many};
pub(crate) use cache::PageCache;
pub(crate) use next::encoded;

/// Pages for which a repository is read, which bound their own time.
pub(crate) fn router_of_slow_pages(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route(
            "/{project}/{workspace}/run-jobs/",
            get(run_jobs::page).post(run_jobs::ask),
        )
        .layer(from_fn_with_state(Arc::clone(app), viewer::know))
}

/// All other pages.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/ledger/", get(ledger::page))
        .route("/sign-in/", get(sign_in::page).post(sign_in::by_password))
        .route(
            "/sign-in/{token}/",
            get(sign_in::link_page).post(sign_in::by_link),
        )
        .route("/sign-in/passkey/", post(passkey::sign_in))
        .route("/sign-in/passkey/options", get(passkey::sign_in_options))
        .route("/sign-in/provider/", get(provider::begin))
        .route(oidc::CALLBACK, get(provider::finish))
        .route("/sign-out/", post(sign_in::sign_out))
        .route(
            "/{project}/{workspace}/{number}/cancel/",
            get(cancel::request_page).post(cancel::cancel_request),
        )
        .route(
            "/{project}/{workspace}/{number}/{job}/cancel/",
            get(cancel::job_page).post(cancel::cancel_job),
        )
        .route("/staff", get(|| async { Redirect::permanent("/staff/") }))
        .nest("/staff/", staff::router(app))
        .merge(settings_routes())
        .merge(for_everybody(app))
        .layer(from_fn_with_state(Arc::clone(app), viewer::know))
        // The same for everybody.
        .route("/ledger/{*path}", get(ledger::file))
        .route("/static/{digest}/{name}", get(answer::asset))
}

fn settings_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/settings/", get(settings::page))
        .route("/settings/profile/", post(settings::profile))
        .route("/settings/password/", post(settings::password))
        .route("/settings/tokens/", post(settings::create_token))
        .route(
            "/settings/tokens/{id}/revoke/",
            post(settings::revoke_token),
        )
        .route("/settings/passkeys/", post(passkey::add))
        .route("/settings/passkeys/options", get(passkey::add_options))
        .route("/settings/passkeys/{id}/rename/", post(passkey::rename))
        .route("/settings/passkeys/{id}/remove/", post(passkey::remove))
        .route(
            "/settings/sessions/end-others/",
            post(settings::end_other_sessions),
        )
}

/// Pages that anybody may read. Those of visitors are kept for a moment.
fn for_everybody(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(lists::home))
        .route("/event-log/", get(lists::event_log))
        .route("/event-list/", get(lists::moved))
        .route("/jobs/", get(lists::moved))
        .route("/jobs/{id}/", get(lists::job_by_prefix))
        .route("/job-requests/", get(lists::moved))
        .route("/job-requests/{number}", get(request::short))
        .route("/job-requests/{number}/", get(request::short))
        .route("/organisations/", get(places::organisations))
        .route("/orgs/{slug}/", get(places::organisation))
        .route("/users/{username}/", get(places::person))
        .route("/status/", get(backends::all))
        .route("/status/{slug}", get(backends::without_slash))
        .route("/status/{slug}/", get(backends::one))
        .route(
            "/status/{slug}/db-availability/",
            get(backends::availability),
        )
        .route("/{project}/", get(places::project))
        .route("/{project}/{workspace}/", get(workspace::page))
        .route("/{project}/{workspace}/logs/", get(lists::workspace_log))
        .route("/{project}/{workspace}/{number}/", get(request::page))
        .route(
            "/{project}/{workspace}/{number}/changes/",
            get(changes::page),
        )
        .route("/{project}/{workspace}/{number}/{job}/", get(request::job))
        .layer(from_fn_with_state(Arc::clone(app), cache::keep))
}

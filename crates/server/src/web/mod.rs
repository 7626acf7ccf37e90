//! The pages: what anybody may read, without scripts and without an account, and what people change.
//!
//! * [`request`] is a job request and its jobs, [`lists`] are the event log, workspaces and backends.
//! * [`facts`] turns what is kept into what [`glovebox_pages`] shows.
//! * [`viewer`] is who looks, and [`form`] takes what they send.
//! * [`sign_in`] finds out who it is, [`provider`] asks somebody else, and [`passkey`] a browser. [`next`] is
//!   where they go on to, [`settings`] are their own account's.
//! * [`answer`] is what every page has: its headers, and what is said where there is none.

mod answer;
mod facts;
mod form;
mod lists;
mod next;
mod passkey;
mod provider;
mod request;
mod settings;
mod sign_in;
mod viewer;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{app::App, oidc};

pub(crate) use answer::{in_whole_seconds, no_such_page, reads_pages, too_many};
pub(crate) use next::encoded;

/// All pages.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(lists::home))
        .route("/event-log/", get(lists::event_log))
        .route("/status/", get(lists::status))
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
        .merge(settings_routes())
        .route("/job-requests/{number}", get(request::short))
        .route("/{project}/{workspace}/", get(lists::workspace))
        .route("/{project}/{workspace}/{number}/", get(request::page))
        .route("/{project}/{workspace}/{number}/{job}/", get(request::job))
        .layer(from_fn_with_state(Arc::clone(app), viewer::know))
        // The same for everybody.
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

//! What holds for every call.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;

use super::Refused;
use crate::{app::App, http::is_this_machine, token::random_name};

/// How long an ordinary call may take.
const LONGEST: Duration = Duration::from_secs(20);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What browsers are told about every answer. Whatever is no page runs nothing, loads nothing and is
/// framed nowhere; a page says itself what it needs.
const HEADERS: &[(HeaderName, &str)] = &[
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Our own forms say where they stand; other sites learn nothing.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

const MORE_HEADERS: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Gives a call an id, its answer the headers, and the log a line about it.
///
/// The line has the route and not the address, and no header: nothing that somebody could have put a
/// secret into.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let began = Instant::now();
    // Without randomness, calls have no ids, and work.
    let id = random_name().unwrap_or_default();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("call", id, %method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
    }
    for (name, value) in MORE_HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let milliseconds = began.elapsed().as_millis();
    span.in_scope(|| tracing::info!(status, milliseconds, "answered"));
    response
}

/// Lets nobody in who calls a server that is for this machine by a name of elsewhere.
pub(crate) async fn by_own_name(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    if app.is_local && !is_this_machine(request.headers()) {
        return Refused::new(
            StatusCode::MISDIRECTED_REQUEST,
            "bad_request",
            "this server is for its own machine: call it by 127.0.0.1 or localhost, or start it with \
             --public-origin if people reach it by another name",
        )
        .into_response();
    }
    next.run(request).await
}

/// Ends a call that takes too long. What it had sent to a backend is done nevertheless, or not at all.
pub(crate) async fn within_seconds(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "this took longer than it may: try again in a minute",
        )
        .into_response(),
    }
}

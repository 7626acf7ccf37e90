//! The description of the API.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};

static DOCUMENT: LazyLock<String> = LazyLock::new(glovebox_protocol::openapi);

/// Gives the document, the same for everybody.
pub(crate) async fn document() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT.as_str())
}

//! What every page has: its headers, and what is said where there is none.

use std::time::Duration;

use axum::{
    extract::{Request, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use glovebox_pages::{Frame, Message};
use glovebox_ui::find_asset;

use crate::storage::StorageError;

/// Everything comes from this server, nothing runs that stands in a page, and nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A file whose address names its content never changes.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A page, or why there is none.
pub(crate) type Page = Result<Response, NoPage>;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPage {
    /// There is nothing at this address, or nothing for this reader.
    Missing,
    /// Only for those who are signed in.
    SignInFirst,
    /// The reader may not do this.
    Forbidden,
    /// The form does not come from a page that was made for who sends it.
    NotOurs,
    /// The form cannot be read.
    Unreadable,
    /// This was tried too often: how long until the next time.
    TooOften(Duration),
    /// The server cannot show it now.
    Unable,
}

impl NoPage {
    const fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Missing => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "Check the address, or look for the request in the event log.",
            ),
            Self::SignInFirst => (
                StatusCode::UNAUTHORIZED,
                "Sign in first",
                "You are not signed in, or no longer. Sign in, and do this again.",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "You may not do this",
                "It takes a role that you do not hold: ask those who look after this service for it.",
            ),
            Self::NotOurs => (
                StatusCode::FORBIDDEN,
                "This form is not from here",
                "It was not made for you by this site, or you have signed in anew since. Nothing was done: \
                 go back, load the page again, and send the form again.",
            ),
            Self::Unreadable => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "This form cannot be read",
                "Something is missing in it or too large. Nothing was done: go back, and try again.",
            ),
            Self::TooOften(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "This was tried too often",
                "Somebody was wrong too many times. Nothing was done.",
            ),
            Self::Unable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This page cannot be shown now",
                "Nothing is lost. Try again in a minute.",
            ),
        }
    }

    /// The page that says so, in the frame of who reads it.
    pub(super) fn shown_to(self, frame: Frame) -> Response {
        let (status, title, text) = self.words();
        if let Self::TooOften(wait) = self {
            let seconds = in_whole_seconds(wait);
            let text = format!("{text} Try again in {seconds} seconds.");
            let text = text.as_str();
            let html = Message { frame, title, text }.html().unwrap_or_default();
            let headers = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
            return (status, headers, with_policy(html)).into_response();
        }
        let html = Message { frame, title, text }.html().unwrap_or_default();
        (status, with_policy(html)).into_response()
    }
}

impl From<StorageError> for NoPage {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "a page could not be shown");
        Self::Unable
    }
}

/// An address that is no text names nothing.
impl From<PathRejection> for NoPage {
    fn from(_: PathRejection) -> Self {
        Self::Missing
    }
}

impl From<std::fmt::Error> for NoPage {
    fn from(error: std::fmt::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self::Unable
    }
}

impl IntoResponse for NoPage {
    /// The page for a visitor; [`super::viewer::know`] puts it into the frame of who is signed in.
    fn into_response(self) -> Response {
        let mut response = self.shown_to(Frame::default());
        response.extensions_mut().insert(self);
        response
    }
}

/// A whole page.
pub(crate) fn shown(html: String) -> Response {
    with_policy(html).into_response()
}

fn with_policy(html: String) -> impl IntoResponse {
    let policy = HeaderValue::from_static(POLICY);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html))
}

/// A static file.
pub(crate) async fn asset(address: Uri) -> Page {
    let asset = find_asset(address.path()).ok_or(NoPage::Missing)?;
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, FOR_EVER),
    ];
    Ok((headers, asset.text).into_response())
}

/// Whether whoever asks would rather read a page than JSON, as browsers do.
pub(crate) fn reads_pages(headers: &HeaderMap) -> bool {
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|accepts| accepts.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// The page that says so, for whoever reads pages.
pub(crate) fn no_such_page(request: &Request) -> Option<Response> {
    reads_pages(request.headers()).then(|| NoPage::Missing.into_response())
}

/// The page for whoever tried something too often.
pub(crate) fn too_many(again_in: Duration) -> Response {
    NoPage::TooOften(again_in).into_response()
}

/// After how many seconds a time has surely passed.
pub(crate) fn in_whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

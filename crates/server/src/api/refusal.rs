//! How no is said: a status, a stable word, and one sentence.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use glovebox_protocol::{Problem, Refusal};

use crate::{
    git::CannotRead, requests::RequestError, scheduling::Unavailable, storage::StorageError, web,
};

/// A call that is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    refusal: Refusal,
    /// When to try again, and whether whoever asks would rather read a page.
    too_many: Option<(Duration, bool)>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            refusal: Refusal {
                code: code.to_owned(),
                message: message.into(),
                problems: Vec::new(),
            },
            too_many: None,
        }
    }

    pub(crate) fn unauthorised() -> Self {
        let message = "show a token that is valid, as Authorization: Bearer …";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        let message = format!("there is no such {what}");
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn method() -> Self {
        let message = "this address does not take this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "bad_request", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// Something was tried too often; the headers are those of the call.
    pub(crate) fn too_many(again_in: Duration, headers: &HeaderMap) -> Self {
        let message = "this was tried too often: wait, and try again";
        Self {
            too_many: Some((again_in, web::reads_pages(headers))),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_calls", message)
        }
    }

    pub(crate) fn unavailable() -> Self {
        let message = "the server cannot do this at the moment: try again in a minute";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Some((again_in, true)) = self.too_many {
            return web::too_many(again_in);
        }
        let mut response = (self.status, Json(self.refusal)).into_response();
        if let Some((again_in, _)) = self.too_many {
            let seconds = HeaderValue::from(web::in_whole_seconds(again_in));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "the database failed a call");
        Self::unavailable()
    }
}

impl From<Unavailable> for Refused {
    fn from(_: Unavailable) -> Self {
        Self::unavailable()
    }
}

impl From<RequestError> for Refused {
    fn from(error: RequestError) -> Self {
        let message = error.to_string();
        match error {
            RequestError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            RequestError::Forbidden { .. } | RequestError::ReadOnly => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", message)
            }
            RequestError::Rejected { problems, .. } => {
                let mut refused = Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "project_rejected",
                    message,
                );
                refused.refusal.problems = problems.into_iter().map(problem).collect();
                refused
            }
            RequestError::CannotRead(CannotRead::Failed(details)) => {
                tracing::warn!(error = %details, "a repository could not be read");
                Self::new(StatusCode::BAD_GATEWAY, "repository_unreadable", message)
            }
            RequestError::CannotRead(_) | RequestError::Refused(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message)
            }
            RequestError::Unavailable => Self::unavailable(),
            RequestError::Storage(error) => error.into(),
            RequestError::NoRandomness(error) => {
                tracing::error!(%error, "a call failed");
                Self::unavailable()
            }
        }
    }
}

fn problem(problem: glovebox_pipeline::Problem) -> Problem {
    let message = match problem.help {
        Some(help) => format!("{}; {help}", problem.message),
        None => problem.message,
    };
    Problem {
        kind: problem.kind.to_string(),
        line: problem.location.line,
        column: problem.location.column,
        message,
    }
}

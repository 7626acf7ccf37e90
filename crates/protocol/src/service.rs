//! What a server says of itself, and how a request is watched.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `GET` answers [`Health`].
pub const PATH_HEALTH: &str = "/health";

/// `GET` answers the description of all of this ([`crate::openapi()`]).
pub const PATH_OPENAPI: &str = "/api/v1/openapi.json";

/// `GET` below it, at `/{number}`, answers server-sent events: one named `changed`, with the number as its
/// data, whenever the request is to be looked at anew.
pub const PATH_EVENTS: &str = "/events/job-requests";

/// The server works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    pub status: String,
}

/// How a request is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WatchQuery {
    /// How long the stream lasts at most; ten minutes if it is not said. Whoever goes on watching opens
    /// another, as browsers do by themselves.
    #[param(minimum = 0, maximum = 600, nullable = false)]
    pub wait_seconds: Option<u32>,
}

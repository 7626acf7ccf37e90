//! What people do with job requests: ask for one, cancel jobs of one.

mod cancel;
mod create;
mod error;

pub(crate) use cancel::{Cancel, cancel};
pub(crate) use create::{check, create, create_as_seen};
pub(crate) use error::RequestError;

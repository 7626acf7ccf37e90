//! What people do with job requests: ask for one, cancel jobs of one.

mod cancel;
mod create;
mod error;

pub(crate) use cancel::{Cancel, cancel};
pub(crate) use create::create;
pub(crate) use error::RequestError;

/// More actions than any project has; names longer than any that is used.
const MOST_ACTIONS: usize = 5_000;
const LONGEST_NAME: usize = 500;

fn check_actions(actions: &[String]) -> Result<(), RequestError> {
    if actions.len() > MOST_ACTIONS || actions.iter().any(|name| name.len() > LONGEST_NAME) {
        return Err(RequestError::Refused(format!(
            "this is too much for one request: name at most {MOST_ACTIONS} actions, of at most {LONGEST_NAME} bytes"
        )));
    }
    Ok(())
}

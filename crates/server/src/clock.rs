//! The one place where the server asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use glovebox_jobs::Timestamp;

/// Now. A clock that stands before 1970 or after the year 292 million counts as 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or_default())
}

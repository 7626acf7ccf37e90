//! Words for a person, on standard error.

use std::io::{self, Write as _};

/// Writes one line. If nobody listens there, nobody can be told so.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

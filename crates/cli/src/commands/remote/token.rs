//! A person's token, out of a file that nobody else may read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use ureq::http::HeaderValue;

use super::call::Failed;

/// No token is longer, in bytes.
const LONGEST: u64 = 1024;

/// Reads it as the header that it is sent in.
///
/// It is never taken from an argument or the environment, which others can see.
pub(super) fn read(path: &Path) -> Result<HeaderValue, Failed> {
    let shown = path.display();
    let unreadable = |error| Failed::usage(format!("{shown} cannot be read: {error}"));
    // A pipe would be waited for.
    let no_waiting = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options()
        .read(true)
        .custom_flags(no_waiting)
        .open(path)
        .map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?;
    if !found.is_file() {
        return Err(Failed::usage(format!("{shown} is no regular file")));
    }
    if found.permissions().mode() & 0o077 != 0 {
        return Err(Failed::usage(format!(
            "others may read {shown}: keep your token to yourself, with chmod 600 {shown}"
        )));
    }
    let mut text = String::new();
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let text = text.trim();
    let header = HeaderValue::from_str(&format!("Bearer {text}"));
    match header {
        Ok(mut header) if !text.is_empty() => {
            header.set_sensitive(true);
            Ok(header)
        }
        _ => Err(Failed::usage(format!(
            "{shown} holds no token: it should be one line of visible characters"
        ))),
    }
}

//! Paths that a study's author wrote, used outside the sandbox.

/// A relative path without `.` and empty parts.
///
/// # Errors
/// A sentence, if it is absolute, leads upwards, or has characters that no file name of a study needs;
/// `what` says which path it is.
pub(crate) fn inside(what: &str, path: &str) -> Result<String, String> {
    let out = || {
        let beginning: String = path.chars().take(200).collect();
        format!("the {what} '{beginning}' must stay inside the study's folder")
    };
    if path.starts_with('/') || path.contains(['\0', '\\', '\n', '\r']) || path.len() > 1024 {
        return Err(out());
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        return Err(out());
    }
    Ok(parts.join("/"))
}

//! The names in a store that are not outputs.

/// Where a store keeps what it knows about its outputs.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Where a store keeps files that are being filed.
pub(crate) const INCOMING: &str = ".incoming";
/// Where jobs' logs are kept beside their outputs; `project.yaml` may not declare paths there.
const METADATA: &str = "metadata";

/// Folders of a project that a tool keeps its own things in: a file that lands there is no longer
/// an output but a setting, a hook or a record. Compared without case, as some file systems do.
const OF_TOOLS: [&str; 2] = [".git", ".glovebox"];

/// Whether an output may not have this path, relative to the workspace.
pub(crate) fn is_reserved(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    first == MANIFEST
        || first == INCOMING
        || first == METADATA
        || OF_TOOLS.iter().any(|name| first.eq_ignore_ascii_case(name))
}

/// Whether a text is a path that an output can have in a store: relative, written plainly, and not
/// one of the reserved names.
pub(crate) fn is_output_path(path: &str) -> bool {
    path.len() <= 4096
        && !path.contains('\0')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !is_reserved(path)
}

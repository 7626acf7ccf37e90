//! The paths of outputs: where a file may be, and what a `*` matches.

use glovebox_levels::{Level, MODERATE_EXTENSIONS, is_allowed_at_moderate};

use crate::kind::Kind;

/// A path of an output, relative to the workspace, in which `*` stands for any characters of one
/// component.
///
/// It is in normal form, has a file extension, stays in the workspace and out of the folders that
/// tools keep for themselves. A `*` in its first component may still *match* such a folder:
/// whoever looks for files must leave those out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutputPattern(String);

/// Why a path cannot be that of an output. Only the first fault of a path is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// It contains a backslash.
    #[error("contains a backslash: separate folders with `/`")]
    Backslash,
    /// It contains `**`, `?` or `[`.
    #[error("contains `{0}`: the only wildcard is a single `*`, which stands for part of a name")]
    UnsupportedWildcard(&'static str),
    /// The last component has no extension, or one that ends in `*`.
    #[error("has no file extension at its end: add one, such as `.csv`")]
    NoExtension,
    /// The type may not stand at the moderately sensitive level.
    #[error(
        "has a type that may not be moderately sensitive: use one of {}, or move it to highly_sensitive",
        MODERATE_EXTENSIONS.join(", ")
    )]
    TypeNotAllowedAtModerate,
    /// It contains `//`, `.` or `..`, or ends in `/`.
    #[error("is not in its shortest form: take out `//`, `./`, `../` and a `/` at the end")]
    NotNormalised,
    /// It lies in `metadata/`, where logs and manifests are kept.
    #[error(
        "lies in `metadata/`, which is kept for logs: choose another folder, such as `output/`"
    )]
    InMetadataDir,
    /// It is absolute, on POSIX systems or on Windows.
    #[error("is absolute: give a path inside the study, such as `output/table.csv`")]
    Absolute,
    /// It leads out of the workspace.
    #[error("leads out of the study: give a path inside it, such as `output/table.csv`")]
    EscapesWorkspace,
    /// It lies in a folder that a tool keeps for itself.
    #[error("lies in `{0}/`, which is kept for tools: choose another folder, such as `output/`")]
    Reserved(&'static str),
    /// It contains a control character, such as a line break.
    #[error("contains a control character: use visible characters only")]
    ControlCharacter,
}

impl PathFault {
    /// The stable name.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Backslash => Kind::PathBackslash,
            Self::UnsupportedWildcard(_) => Kind::PathUnsupportedWildcard,
            Self::NoExtension => Kind::PathNoExtension,
            Self::TypeNotAllowedAtModerate => Kind::PathTypeNotAllowedAtModerate,
            Self::NotNormalised => Kind::PathNotNormalised,
            Self::InMetadataDir => Kind::PathInMetadataDir,
            Self::Absolute => Kind::PathAbsolute,
            Self::EscapesWorkspace => Kind::PathEscapesWorkspace,
            Self::Reserved(_) => Kind::PathReserved,
            Self::ControlCharacter => Kind::PathControlCharacter,
        }
    }

    /// Whether the OpenSAFELY library lets such a path pass.
    pub(crate) const fn is_stricter(self) -> bool {
        matches!(
            self,
            Self::EscapesWorkspace | Self::Reserved(_) | Self::ControlCharacter
        )
    }
}

const RESERVED_FOLDERS: [&str; 2] = [".git", ".glovebox"];

impl OutputPattern {
    /// Checks a path, in the order of the OpenSAFELY library, then against what only Glovebox
    /// refuses.
    pub fn parse(path: &str, level: Level) -> Result<Self, PathFault> {
        if path.contains('\\') {
            return Err(PathFault::Backslash);
        }
        for wildcard in ["**", "?", "["] {
            if path.contains(wildcard) {
                return Err(PathFault::UnsupportedWildcard(wildcard));
            }
        }
        let extension = extension(path)
            .filter(|extension| !extension.ends_with('*'))
            .ok_or(PathFault::NoExtension)?;
        if level == Level::ModeratelySensitive && !is_allowed_at_moderate(extension) {
            return Err(PathFault::TypeNotAllowedAtModerate);
        }
        if !is_normal(path) {
            return Err(PathFault::NotNormalised);
        }
        if path.starts_with("metadata/") {
            return Err(PathFault::InMetadataDir);
        }
        if path.starts_with('/') || has_drive(path) {
            return Err(PathFault::Absolute);
        }

        let first = path.split('/').next().unwrap_or_default();
        if first == ".." {
            return Err(PathFault::EscapesWorkspace);
        }
        if let Some(folder) = RESERVED_FOLDERS.into_iter().find(|&folder| folder == first) {
            return Err(PathFault::Reserved(folder));
        }
        if path.chars().any(char::is_control) {
            return Err(PathFault::ControlCharacter);
        }
        Ok(Self(path.to_owned()))
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it contains a `*`, and so may match any number of files.
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*')
    }

    /// Everything before the last `/`; empty for the workspace itself.
    pub fn directory(&self) -> &str {
        self.0
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory)
    }

    /// Whether it matches a path relative to the workspace. `*` matches any characters, a leading
    /// dot included, but never `/`; case counts.
    pub fn matches(&self, path: &str) -> bool {
        let mut components = path.split('/');
        self.0.split('/').all(|pattern| {
            components
                .next()
                .is_some_and(|name| matches_name(pattern, name))
        }) && components.next().is_none()
    }
}

impl std::fmt::Display for OutputPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Matches with `*`, going back only to the last star: time is at most the product of the lengths.
pub(crate) fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star_p, star_n)) = star {
            star = Some((star_p, star_n + 1));
            p = star_p + 1;
            n = star_n + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// What follows the last dot of the last component, unless the dot begins or ends it. Components
/// that are `.` or empty do not count as last, as in Python's `pathlib`.
fn extension(path: &str) -> Option<&str> {
    let name = path
        .rsplit('/')
        .find(|component| !matches!(*component, "" | "."))?;
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then_some(extension)
}

/// Whether a path is what `posixpath.normpath` makes of it.
fn is_normal(path: &str) -> bool {
    let leading = path.bytes().take_while(|&byte| byte == b'/').count();
    // POSIX gives exactly two slashes a meaning of their own, so they are kept.
    if leading > 2 {
        return false;
    }
    let rest = &path[leading..];
    let mut below = leading > 0;
    for component in rest.split('/') {
        match component {
            "" | "." => return false,
            ".." if below => return false,
            ".." => {}
            _ => below = true,
        }
    }
    true
}

/// Whether Windows takes a path for absolute: a drive and a root.
fn has_drive(path: &str) -> bool {
    let mut chars = path.chars().skip(1);
    chars.next() == Some(':') && chars.next() == Some('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_in_order() {
        // What the OpenSAFELY library says of each was observed by running it.
        let cases = [
            ("output/a.csv", Ok(())),
            ("...csv", Ok(())),
            ("c:a.csv", Ok(())),
            ("output/a.csv.gz", Ok(())),
            ("output/{x}].csv", Ok(())),
            (".gitx/a.csv", Ok(())),
            ("a/.git/b.csv", Ok(())),
            ("a\\b", Err(PathFault::Backslash)),
            ("**", Err(PathFault::UnsupportedWildcard("**"))),
            ("a?[", Err(PathFault::UnsupportedWildcard("?"))),
            ("[a]", Err(PathFault::UnsupportedWildcard("["))),
            ("", Err(PathFault::NoExtension)),
            ("a.", Err(PathFault::NoExtension)),
            ("a/.csv", Err(PathFault::NoExtension)),
            ("a.c*", Err(PathFault::NoExtension)),
            ("metadata", Err(PathFault::NoExtension)),
            ("a.csv/..", Err(PathFault::NoExtension)),
            ("a.csv/.", Err(PathFault::NotNormalised)),
            ("///a.csv", Err(PathFault::NotNormalised)),
            ("/../a.csv", Err(PathFault::NotNormalised)),
            ("//a.csv", Err(PathFault::Absolute)),
            ("é:/a.csv", Err(PathFault::Absolute)),
            ("metadata/a.csv", Err(PathFault::InMetadataDir)),
            ("../metadata/a.csv", Err(PathFault::EscapesWorkspace)),
            (".glovebox/a.csv", Err(PathFault::Reserved(".glovebox"))),
            ("a\u{9b}.csv", Err(PathFault::ControlCharacter)),
        ];
        for (path, expected) in cases {
            let found = OutputPattern::parse(path, Level::HighlySensitive).map(|_| ());
            assert_eq!(found, expected, "{path:?}");
        }
    }

    #[test]
    fn types_count_at_the_moderate_level_only() {
        for (path, allowed) in [
            ("a.csv", true),
            ("a.CSV", false),
            ("a.csv.gz", false),
            ("a.csv ", false),
        ] {
            let at = |level| OutputPattern::parse(path, level).is_ok();
            assert_eq!(at(Level::ModeratelySensitive), allowed, "{path:?}");
            assert!(at(Level::HighlySensitive) && at(Level::MinimallySensitive));
        }
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        let cases = [
            ("output/*.csv", "output/a.csv", true),
            ("output/*.csv", "output/.csv", true),
            ("output/*.csv", "output/a/b.csv", false),
            ("output/*.csv", "output/a.CSV", false),
            ("*/a.csv", "x/a.csv", true),
            ("*/a.csv", "a.csv", false),
            ("a*b*c.csv", "abbbc.csv", true),
            ("a*b*c.csv", "acb.csv", false),
        ];
        for (pattern, path, expected) in cases {
            let matches = OutputPattern::parse(pattern, Level::HighlySensitive)
                .is_ok_and(|pattern| pattern.matches(path));
            assert_eq!(matches, expected, "{pattern} {path}");
        }
    }
}

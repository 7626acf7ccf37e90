//! What can be wrong with the path of an output.

use std::borrow::Cow;

use glovebox_levels::{Level, MODERATE_EXTENSIONS, is_allowed_at_moderate};

use crate::kind::Kind;

/// The longest path, in bytes: what Linux takes for one, with the zero at its end.
pub(crate) const MAX_PATH_BYTES: usize = 4_096;

/// Why a path cannot be that of an output.
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
    /// It is longer than any file could be named.
    #[error("has more than {MAX_PATH_BYTES} bytes: choose a shorter one")]
    TooLong,
}

const RESERVED_FOLDERS: [&str; 2] = [".git", ".glovebox"];

impl PathFault {
    /// Every fault of a path, in the order of the OpenSAFELY library, then what only Glovebox
    /// refuses. A fault that only follows from another is left out: for each rule the path is
    /// taken as it would be once earlier faults are mended.
    pub(super) fn all(path: &str, level: Level) -> Vec<Self> {
        let mut faults = Vec::new();
        // Nothing more can be said about nothing.
        if path.is_empty() {
            return vec![Self::NoExtension];
        }
        if path.contains('\\') {
            faults.push(Self::Backslash);
        }
        let slashed = match faults.as_slice() {
            [] => Cow::Borrowed(path),
            _ => Cow::Owned(path.replace('\\', "/")),
        };
        let path = &*slashed;
        let wildcards = ["**", "?", "["].into_iter();
        faults.extend(
            wildcards
                .filter(|wildcard| path.contains(wildcard))
                .map(Self::UnsupportedWildcard),
        );
        match extension(path).filter(|extension| !extension.ends_with('*')) {
            None => faults.push(Self::NoExtension),
            Some(extension) => {
                if level == Level::ModeratelySensitive && !is_allowed_at_moderate(extension) {
                    faults.push(Self::TypeNotAllowedAtModerate);
                }
            }
        }
        let normal = normal(path);
        if normal != path {
            faults.push(Self::NotNormalised);
        }
        if normal.starts_with("metadata/") {
            faults.push(Self::InMetadataDir);
        }
        if normal.starts_with('/') || has_drive(&normal) {
            faults.push(Self::Absolute);
        }

        let first = normal.split('/').next().unwrap_or_default();
        if first == ".." {
            faults.push(Self::EscapesWorkspace);
        }
        let reserved = RESERVED_FOLDERS.into_iter().find(|&folder| folder == first);
        faults.extend(reserved.map(Self::Reserved));
        if path.chars().any(char::is_control) {
            faults.push(Self::ControlCharacter);
        }
        if path.len() > MAX_PATH_BYTES {
            faults.push(Self::TooLong);
        }
        faults
    }

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
            Self::TooLong => Kind::PathTooLong,
        }
    }

    /// Whether the OpenSAFELY library lets such a path pass.
    pub(crate) const fn is_stricter(self) -> bool {
        matches!(
            self,
            Self::EscapesWorkspace | Self::Reserved(_) | Self::ControlCharacter | Self::TooLong
        )
    }
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

/// What `posixpath.normpath` makes of a path.
fn normal(path: &str) -> Cow<'_, str> {
    let leading = path.bytes().take_while(|&byte| byte == b'/').count();
    // POSIX gives exactly two slashes a meaning of their own, so they are kept.
    let root = match leading {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut kept: Vec<&str> = Vec::new();
    for component in path[leading..].split('/') {
        match component {
            "" | "." => {}
            ".." if kept.last().is_some_and(|&last| last != "..") => {
                kept.pop();
            }
            ".." if !root.is_empty() => {}
            _ => kept.push(component),
        }
    }
    let length = root.len()
        + kept
            .iter()
            .map(|component| component.len() + 1)
            .sum::<usize>();
    if length == path.len() + 1 {
        // Nothing was taken out.
        return Cow::Borrowed(path);
    }
    let normal = format!("{root}{}", kept.join("/"));
    Cow::Owned(if normal.is_empty() {
        ".".to_owned()
    } else {
        normal
    })
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
        let too_long = format!("{}.csv", "a".repeat(MAX_PATH_BYTES - 3));
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
            (&too_long, Err(PathFault::TooLong)),
            (&too_long[1..], Ok(())),
        ];
        for (path, expected) in cases {
            let faults = PathFault::all(path, Level::HighlySensitive);
            let found = faults.first().map_or(Ok(()), |&fault| Err(fault));
            assert_eq!(found, expected, "{path:?}");
        }
    }

    #[test]
    fn all_faults_are_told_that_stand_by_themselves() {
        use PathFault::{
            Absolute, Backslash, ControlCharacter, EscapesWorkspace, InMetadataDir, NoExtension,
            NotNormalised, Reserved, TypeNotAllowedAtModerate, UnsupportedWildcard,
        };
        let cases: [(&str, &[PathFault]); 17] = [
            ("output/a.csv", &[]),
            ("", &[NoExtension]),
            ("output/", &[NoExtension, NotNormalised]),
            ("./a.rds", &[TypeNotAllowedAtModerate, NotNormalised]),
            ("./metadata/a.csv", &[NotNormalised, InMetadataDir]),
            ("a/../../b.csv", &[NotNormalised, EscapesWorkspace]),
            ("x//../.git/a.csv", &[NotNormalised, Reserved(".git")]),
            ("///a", &[NoExtension, NotNormalised, Absolute]),
            ("..", &[NoExtension, EscapesWorkspace]),
            ("../metadata/a.csv", &[EscapesWorkspace]),
            ("a\\b.csv", &[Backslash]),
            ("..\\a.csv", &[Backslash, EscapesWorkspace]),
            (
                "C:\\a.sav",
                &[Backslash, TypeNotAllowedAtModerate, Absolute],
            ),
            ("metadata\\a.csv", &[Backslash, InMetadataDir]),
            (
                "a/**/b?",
                &[
                    UnsupportedWildcard("**"),
                    UnsupportedWildcard("?"),
                    NoExtension,
                ],
            ),
            ("a\n", &[NoExtension, ControlCharacter]),
            (
                ".glovebox\\\u{7}.rds",
                &[
                    Backslash,
                    TypeNotAllowedAtModerate,
                    Reserved(".glovebox"),
                    ControlCharacter,
                ],
            ),
        ];
        for (path, expected) in cases {
            let found = PathFault::all(path, Level::ModeratelySensitive);
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
            let at = |level| PathFault::all(path, level).is_empty();
            assert_eq!(at(Level::ModeratelySensitive), allowed, "{path:?}");
            assert!(at(Level::HighlySensitive) && at(Level::MinimallySensitive));
        }
    }
}

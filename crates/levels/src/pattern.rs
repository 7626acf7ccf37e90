//! The language of output paths in `project.yaml`: a relative path in which `*` stands for any
//! run of characters but `/`.
//!
//! Nothing else is special. `*` matches a leading dot, letters match in their own case, and `]`,
//! `{` and `}` stand for themselves. `**`, `?` and `[` mean different things to different tools, so
//! they are refused rather than guessed at.

use std::fmt;

/// The longest pattern, in bytes: what Linux allows a path to be.
const MAX_LENGTH: usize = 4096;
/// The most directories deep. Each level of a search holds a directory open.
const MAX_DEPTH: usize = 64;

/// A checked output path or pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
}

/// Why a text is no output pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing between slashes, or nothing at all.
    #[error("it has an empty part: write a path like output/table.csv")]
    EmptyPart,
    /// It begins at the root of the file system.
    #[error("it is absolute: write it relative to the workspace, like output/table.csv")]
    Absolute,
    /// It climbs, or has a part that means "here".
    #[error("it has a part . or ..: outputs lie below the workspace, at a path written plainly")]
    Climbs,
    /// It has a wildcard other than `*`.
    #[error("**, ? and [ are not wildcards here: only * is, within one directory")]
    OtherWildcard,
    /// It has a backslash or a NUL byte.
    #[error("it has a backslash or NUL character: separate directories with /")]
    ForbiddenCharacter,
    /// It is too long or too deep.
    #[error("it is longer than 4096 bytes or deeper than 64 directories: shorten it")]
    TooLong,
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.starts_with('/') {
            return Err(PatternError::Absolute);
        }
        if text.contains(['\\', '\0']) {
            return Err(PatternError::ForbiddenCharacter);
        }
        if text.contains("**") || text.contains(['?', '[']) {
            return Err(PatternError::OtherWildcard);
        }
        if text.len() > MAX_LENGTH || text.split('/').count() > MAX_DEPTH {
            return Err(PatternError::TooLong);
        }
        let segments = text
            .split('/')
            .map(|part| match part {
                "" => Err(PatternError::EmptyPart),
                "." | ".." => Err(PatternError::Climbs),
                part => Ok(Segment::new(part)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches a whole relative path. Takes time in proportion to both lengths.
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        self.segments
            .iter()
            .all(|segment| parts.next().is_some_and(|part| segment.matches(part)))
            && parts.next().is_none()
    }

    /// The parts between slashes: one per directory, then one for the file.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// The part of a pattern between two slashes: fixed texts with a `*` between each two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// At least one; the first and the last are anchored to the ends of the name.
    fixed: Vec<String>,
}

impl Segment {
    fn new(part: &str) -> Self {
        Self {
            fixed: part.split('*').map(str::to_owned).collect(),
        }
    }

    /// The one name it matches, if it has no `*`.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.fixed.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Whether it matches one name.
    ///
    /// Taking the first place where each inner text fits is enough: a later place leaves less
    /// for the texts that follow. So nothing is ever tried twice.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let [first, inner @ .., last] = self.fixed.as_slice() else {
            return self.literal() == Some(name);
        };
        let Some(rest) = name.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else {
            return false;
        };
        for text in inner {
            match rest.split_once(text.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        true
    }
}

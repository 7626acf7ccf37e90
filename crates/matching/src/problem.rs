//! What can be wrong, in words for the person who has to mend it.

use std::{fmt, io, path::PathBuf};

/// One thing that is wrong with the settings or the data: what it concerns, and what to do.
///
/// No problem ever quotes a patient's id or the value of a cell: messages end up in logs that
/// people may read. Line numbers and counts are enough to find the place in the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    subject: String,
    message: String,
}

impl Problem {
    /// A problem with `subject`: the name of a setting, or a file.
    pub fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            subject: on_one_line(subject.into()),
            message: on_one_line(message.into()),
        }
    }

    /// The setting or file that is wrong.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What is wrong with it and what to do, one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.message)
    }
}

/// Why a matching wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// The settings are wrong; every problem found in them.
    #[error("{}", one_per_line(.0))]
    Settings(Vec<Problem>),
    /// The input files are wrong, or do not fit the settings; every problem found in both.
    #[error("{}", one_per_line(.0))]
    Data(Vec<Problem>),
    /// An input file could not be read to its end.
    #[error("{}: it could not be read: {source}", path.display())]
    Read {
        /// The input file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An input file is not what it was when its keys were read.
    #[error("{}: it changed while it was being matched; run again when nothing writes to it", path.display())]
    Changed {
        /// The input file.
        path: PathBuf,
    },
    /// An output file could not be written.
    #[error("{}: it could not be written: {source}", path.display())]
    Write {
        /// The output file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// [`Progress::cancelled`](crate::Progress::cancelled) said so.
    #[error("matching was cancelled; nothing was written")]
    Cancelled,
}

impl MatchError {
    /// The error as lines for a person, one for each thing that is wrong.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Settings(problems) | Self::Data(problems) => {
                problems.iter().map(ToString::to_string).collect()
            }
            other => vec![other.to_string()],
        }
    }
}

/// Names of columns and settings come from files; none may pass for a line of its own, or for a
/// command to the terminal.
pub(crate) fn on_one_line(text: String) -> String {
    if text.contains(char::is_control) {
        text.replace(char::is_control, "\u{fffd}")
    } else {
        text
    }
}

fn one_per_line(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

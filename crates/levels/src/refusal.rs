//! Why something that a pattern reached is not an output.

use std::fmt;

use rustix::fs::FileType;

use crate::pattern::PatternError;

/// Why something that a pattern reached is not an output. [`Refused`] says it for people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A symbolic link, in the file's place or in that of a directory on the way.
    SymbolicLink,
    /// A directory where a file should be.
    Directory,
    /// A FIFO, socket or device.
    NotAFile(&'static str),
    /// More bytes than an output may have.
    TooBig {
        /// Bytes in the file.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A file that claims far more bytes than it has.
    Sparse {
        /// Bytes that it claims and does not have.
        holes: u64,
    },
    /// A name that is no text.
    NameNotUtf8,
    /// A name that the stores keep for themselves.
    Reserved,
    /// What another action made and was staged for this one: it is that action's output.
    Input,
    /// The file, or a directory on the way, cannot be read.
    Unreadable(String),
    /// There are more entries than are searched.
    TooMany {
        /// How many were looked at.
        limit: usize,
    },
    /// The pattern itself is wrong.
    Pattern(PatternError),
}

/// What was refused and why; displays as one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Path relative to the workspace; characters that are no text are replaced.
    pub path: String,
    /// Why.
    pub refusal: Refusal,
}

impl Refusal {
    /// The refusal for something of a type that is no regular file.
    pub(crate) fn of_type(file_type: FileType) -> Self {
        match file_type {
            FileType::Symlink => Self::SymbolicLink,
            FileType::Directory => Self::Directory,
            FileType::Fifo => Self::NotAFile("a FIFO"),
            FileType::Socket => Self::NotAFile("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => Self::NotAFile("a device"),
            _ => Self::NotAFile("of an unknown kind"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.escape_debug();
        match &self.refusal {
            Refusal::SymbolicLink => {
                write!(
                    f,
                    "{path} is a symbolic link, which is never followed: write a file there"
                )
            }
            Refusal::Directory => {
                write!(
                    f,
                    "{path} is a directory: name the files in it, as in {path}/*.csv"
                )
            }
            Refusal::NotAFile(kind) => write!(f, "{path} is {kind}: only files can be outputs"),
            Refusal::TooBig { size, limit } => write!(
                f,
                "{path} has {size} bytes and an output may have at most {limit}: write less, or \
                 split it"
            ),
            Refusal::Sparse { holes } => write!(
                f,
                "{path} is sparse, it claims {holes} bytes that are not on disk: write it without holes"
            ),
            Refusal::NameNotUtf8 => {
                write!(
                    f,
                    "{path} has a name that is not UTF-8 text: rename it in the code"
                )
            }
            Refusal::Reserved => write!(
                f,
                "{path} is a name that Glovebox keeps for itself: choose another, such as \
                 output/{path}"
            ),
            Refusal::Input => write!(
                f,
                "{path} is an output of an action that this one needs, and stays that action's: \
                 write to a path of its own"
            ),
            Refusal::Unreadable(why) => {
                write!(
                    f,
                    "{path} cannot be read ({why}): give its owner the right to"
                )
            }
            Refusal::TooMany { limit } => write!(
                f,
                "{path} could not be searched to its end, after {limit} entries: write fewer files"
            ),
            Refusal::Pattern(error) => write!(f, "{path} is not an output path: {error}"),
        }
    }
}

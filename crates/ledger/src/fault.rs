//! What can be wrong with a log, and why it could not be read.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use crate::checkpoint::CheckpointFault;
use crate::hash::Hash;
use crate::resource::Resource;

/// Why there is no log to speak of, or not the one that was signed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What is there is not what was signed.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// No log is there.
    #[error("{} holds no ledger: name a folder with the file `checkpoint`", .0.display())]
    None(PathBuf),
    /// It cannot be read on this machine now.
    #[error("{} cannot be read: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What is wrong with a log. Entries are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The checkpoint is not one, or not signed by the key.
    #[error("the checkpoint cannot be believed: {0}")]
    Checkpoint(#[from] CheckpointFault),
    /// A file is not there.
    #[error("{file} is missing, with {}", Entries(entries))]
    Missing {
        /// Which.
        file: Resource,
        /// The entries that it holds, or stands for.
        entries: Range<u64>,
    },
    /// A file is a link, a folder, or anything else that no log has.
    #[error("{file} is no regular file, or stands behind a link")]
    Strange {
        /// Which.
        file: Resource,
    },
    /// A file is longer or shorter than it can be.
    #[error("{file} has {found} bytes where {wanted} belong: it was cut off or added to")]
    Length {
        /// Which.
        file: Resource,
        /// Its bytes (counted no further than one past what was asked for).
        found: u64,
        /// What it should have.
        wanted: u64,
    },
    /// An entry is not the one that was signed.
    #[error("entry {index} {change}, in {file}")]
    Entry {
        /// The first entry that is not right.
        index: u64,
        /// The bundle that holds it.
        file: Resource,
        /// What happened to it.
        change: Change,
    },
    /// Hashes are not those that were signed.
    #[error("{file} was changed: its hashes of {} are not those that were signed{}", Entries(entries), stands(*entries_stand))]
    Tile {
        /// The tile.
        file: Resource,
        /// The entries that the hashes stand for.
        entries: Range<u64>,
        /// Whether the entries themselves are as signed, if that is known.
        entries_stand: Option<bool>,
    },
    /// Two files disagree, and the signature decides for neither.
    #[error("{file} and {other} disagree from entry {index} on, and the checkpoint fits neither")]
    Apart {
        /// The first entry that they disagree about.
        index: u64,
        /// The one.
        file: Resource,
        /// The other.
        other: Resource,
    },
    /// All files agree, on something else than what was signed.
    #[error(
        "the {size} entries and their hashes agree with each other, but make the root {found} where {signed} is signed: entries were changed, removed or reordered, and the hashes made anew"
    )]
    Root {
        /// How many entries.
        size: u64,
        /// The root that they make.
        found: Hash,
        /// The root that was signed.
        signed: Hash,
    },
    /// The log has fewer entries than it had when somebody kept a copy.
    #[error("the log has {size} entries, and had {kept} when the copy was kept: {} were removed", Entries(&(*size..*kept)))]
    RolledBack {
        /// How many it had.
        kept: u64,
        /// How many it has.
        size: u64,
    },
    /// The log was signed a second time with other entries than somebody kept a copy of.
    #[error("the history was rewritten: the first {kept} entries are not those of the copy that was kept{}", first_words(*first))]
    Rewritten {
        /// How many entries the copy has.
        kept: u64,
        /// The first that differs, if the copy shows it.
        first: Option<u64>,
    },
    /// The copy to compare with is itself not right.
    #[error("the copy that was kept is itself not right: {0}")]
    Kept(Box<Self>),
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is another.
    Changed,
    /// It is gone, and those behind it moved up.
    Removed,
    /// One that was never signed stands before it.
    Inserted,
    /// It and others changed places.
    Moved,
    /// It ends too early, or is not there, at the end of its file.
    CutOff,
}

impl Fault {
    /// A stable word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint(_) => "checkpoint",
            Self::Missing { .. } => "missing",
            Self::Strange { .. } => "strange-file",
            Self::Length { .. } => "length",
            Self::Entry { change, .. } => match change {
                Change::Changed => "entry-changed",
                Change::Removed => "entry-removed",
                Change::Inserted => "entry-inserted",
                Change::Moved => "entry-moved",
                Change::CutOff => "entry-cut-off",
            },
            Self::Tile { .. } => "tile-changed",
            Self::Apart { .. } => "files-disagree",
            Self::Root { .. } => "root",
            Self::RolledBack { .. } => "rolled-back",
            Self::Rewritten { .. } => "rewritten",
            Self::Kept(_) => "kept-copy",
        }
    }

    /// The first entry that it is about, if that is known.
    pub fn entry(&self) -> Option<u64> {
        match self {
            Self::Missing { entries, .. } | Self::Tile { entries, .. } => Some(entries.start),
            Self::Entry { index, .. } | Self::Apart { index, .. } => Some(*index),
            Self::RolledBack { size, .. } => Some(*size),
            Self::Rewritten { first, .. } => *first,
            Self::Checkpoint(_)
            | Self::Strange { .. }
            | Self::Length { .. }
            | Self::Root { .. }
            | Self::Kept(_) => None,
        }
    }

    /// The file that is wrong, if it is one.
    pub fn file(&self) -> Option<Resource> {
        match self {
            Self::Checkpoint(_) => Some(Resource::Checkpoint),
            Self::Missing { file, .. }
            | Self::Strange { file }
            | Self::Length { file, .. }
            | Self::Entry { file, .. }
            | Self::Tile { file, .. } => Some(*file),
            Self::Apart { .. }
            | Self::Root { .. }
            | Self::RolledBack { .. }
            | Self::Rewritten { .. }
            | Self::Kept(_) => None,
        }
    }
}

struct Entries<'a>(&'a Range<u64>);

impl fmt::Display for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.0;
        match end.saturating_sub(*start) {
            0 | 1 => write!(f, "entry {start}"),
            _ => write!(f, "entries {start} to {}", end - 1),
        }
    }
}

fn stands(entries_stand: Option<bool>) -> &'static str {
    match entries_stand {
        Some(true) => " (the entries themselves are)",
        Some(false) => ", and neither are the entries",
        None => "",
    }
}

fn first_words(first: Option<u64>) -> String {
    first.map_or_else(String::new, |index| {
        format!("; the first that differs is entry {index}")
    })
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "was changed",
            Self::Removed => "was removed",
            Self::Inserted => "has one before it that was never signed",
            Self::Moved => "changed places with another",
            Self::CutOff => "was cut off",
        })
    }
}

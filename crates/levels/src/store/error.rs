//! What can go wrong in the stores.

use std::{io, path::PathBuf};

use rustix::io::Errno;

use crate::manifest::ManifestFault;

/// What went wrong in a store. Unless it says otherwise, earlier outputs stand as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No space or quota left.
    #[error("the disk that holds {} is full: free some space, then run the action again", path.display())]
    Full {
        /// The store that could not take more.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file was not the same at its second look.
    #[error(
        "{path:?} changed while it was being filed: make sure that nothing else writes there, then run the action again"
    )]
    Changed {
        /// Path relative to the workspace.
        path: String,
    },
    /// A file is where a directory should be, or the other way round.
    #[error("{} is in the way of output {path:?}: give the output another path", store.display())]
    InTheWay {
        /// The store.
        store: PathBuf,
        /// Path of the new output.
        path: String,
    },
    /// A path that outputs cannot have.
    #[error("{path:?} is not a path that an output can have: choose another in project.yaml")]
    Path {
        /// The path.
        path: String,
    },
    /// The manifest cannot be used.
    #[error("{} is damaged ({fault}): move it away and run the actions again; the outputs themselves are untouched", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        fault: ManifestFault,
    },
    /// A filed output is not what was filed.
    #[error("{} is missing or is no longer what was filed: run the action that makes it again", path.display())]
    Corrupted {
        /// The filed output.
        path: PathBuf,
    },
}

impl StoreError {
    /// The error for something that the system refused to do to `path`.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
        source: impl Into<io::Error>,
    ) -> Self {
        let (path, source) = (path.into(), source.into());
        match source.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => Self::Full { path },
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_that_whatever_was_being_done() {
        for (errno, is_full) in [
            (Errno::NOSPC, true),
            (Errno::DQUOT, true),
            (Errno::IO, false),
        ] {
            let error = StoreError::io("write to", "stores/highly_sensitive", errno);
            assert_eq!(matches!(error, StoreError::Full { .. }), is_full, "{error}");
            assert!(
                error.to_string().contains("stores/highly_sensitive"),
                "{error}"
            );
        }
    }
}

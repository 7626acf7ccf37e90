//! Why no action ran.

use glovebox_levels::StoreError;
use glovebox_pipeline::UnknownAction;
use glovebox_runtimes::{PrepareError, ResolveError};
use glovebox_sandbox::Unavailable;

use crate::code::CodeError;
use crate::lock::LockError;

/// Why no action ran.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An action that the project does not have.
    #[error(transparent)]
    UnknownAction(#[from] UnknownAction),
    /// Another run is under way in the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The sandbox cannot be used.
    #[error(transparent)]
    Sandbox(#[from] Unavailable),
    /// An image that means nothing here.
    #[error("the action {action} asks for an image that is not here: {source}")]
    Image {
        /// The action.
        action: String,
        /// What is known.
        source: ResolveError,
    },
    /// Several images at once.
    #[error("{}", .0.iter().map(RunError::in_full).collect::<Vec<_>>().join("; "))]
    Images(Vec<RunError>),
    /// A runtime cannot be made ready.
    #[error("{image} cannot be made ready: {source}")]
    Runtime {
        /// The image.
        image: String,
        /// Why not.
        source: PrepareError,
    },
    /// The code cannot be copied.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The stores cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl RunError {
    /// The error with its causes, as one line.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(inner) = cause {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text.push_str(": ");
                text.push_str(&inner_text);
            }
            cause = inner.source();
        }
        // What a tool said may be many lines: its last ones say why.
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        lines.join(" | ")
    }
}

//! Why a command could not be run at all. How a command that ran *ended* is an
//! [`Ending`](crate::Ending), never an error.

use std::io;
use std::path::PathBuf;

use crate::Unavailable;

/// Why a command could not be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// This machine cannot make sandboxes.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The specification asks for something impossible.
    #[error("the sandbox cannot be set up as asked: {0}")]
    Invalid(String),
    /// A path of the specification is not there, or cannot be read.
    #[error("the sandbox cannot mount {}: {source}", path.display())]
    Path {
        /// The path on the host.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The launcher could not be started.
    #[error("the sandbox launcher {} could not be started: {source}", path.display())]
    Launcher {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The launcher or bubblewrap failed before the command was started.
    #[error("the sandbox could not be set up: {0}")]
    Setup(String),
    /// The system refused something while the command ran; it has been killed.
    #[error("the sandbox could not be supervised: {0}")]
    Supervision(#[source] io::Error),
}

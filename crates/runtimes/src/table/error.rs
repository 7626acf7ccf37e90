//! What can be wrong with a table of runtimes, or with what is looked up in it.

use std::io;
use std::path::PathBuf;

/// An action's image means nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// Nobody knows this image.
    #[error("there is no image `{name}`{}; the images here are {}", did_you_mean(suggestion.as_ref()), known.join(", "))]
    UnknownImage {
        /// As it was asked for.
        name: String,
        /// An image with nearly the same name.
        suggestion: Option<String>,
        /// The images that can run here.
        known: Vec<String>,
    },
    /// The image is known, and this version of it is not.
    #[error("there is no version `{version}` of {name}; its versions here are {}", known.join(", "))]
    UnknownVersion {
        /// The image.
        name: String,
        /// As it was asked for.
        version: String,
        /// Its versions.
        known: Vec<String>,
    },
    /// The image is known in the field and cannot run here.
    #[error("{name} is not available here: {why}")]
    NotAvailable {
        /// The image.
        name: String,
        /// The reason.
        why: String,
    },
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The table or a lock beside it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not TOML, or has keys or values that a table of runtimes does not have.
    #[error("the table of runtimes is wrong: {0}")]
    Syntax(String),
    /// An image runs in an environment that the table does not have.
    #[error(
        "the image `{image}` names the environment `{environment}`, which the table does not have"
    )]
    NoEnvironment {
        /// The image.
        image: String,
        /// The name it gives.
        environment: String,
    },
    /// An image has too little or too much.
    #[error(
        "the image `{image}` needs an environment and at least one version, or else `unavailable` alone"
    )]
    Image {
        /// The image.
        image: String,
    },
    /// Study definitions are Python.
    #[error("the image `{image}` is built in and needs an environment of kind \"python\"")]
    BuiltinNeedsPython {
        /// The image.
        image: String,
    },
    /// A lock that is neither beside the table nor built in.
    #[error("there is no lock `{lock}`: it is a file name, of a file beside the table")]
    NoLock {
        /// Its name.
        lock: String,
    },
    /// A lock that does not lock.
    #[error("the lock {lock} cannot be used: {problem}")]
    Lock {
        /// Its name.
        lock: String,
        /// What is wrong with it, and on which line.
        problem: String,
    },
}

fn did_you_mean(suggestion: Option<&String>) -> String {
    suggestion
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

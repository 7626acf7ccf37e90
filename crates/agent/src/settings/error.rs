//! What can be wrong with an agent's settings.

use std::io;
use std::path::PathBuf;

use super::token::TokenError;

/// What is wrong with the settings; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not TOML, a key that is not known, or one that is missing.
    #[error("the settings are not as they should be: {0}")]
    Syntax(String),
    /// The address of the server is none that a token may be sent to.
    #[error("server: {0}")]
    Server(&'static str),
    /// The token is not there, or not safe there.
    #[error("token_file: {} {source}", path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: TokenError,
    },
    /// The agent's name.
    #[error("name: `{0}` is not 1 to 100 letters, digits, dots, underscores and hyphens")]
    Name(String),
    /// The number of tasks at once.
    #[error("slots: {0} is not from 1 to 256")]
    Slots(u32),
    /// One of the repositories.
    #[error("repositories: `{entry}` {why}")]
    Repository {
        /// As written.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// One of the runtimes.
    #[error("runtimes: `{0}` is no image: write `python`, or `python:v2` for one version")]
    Runtime(String),
    /// A list that allows nothing.
    #[error("{0}: the list is empty, so that the agent could do nothing: name what it may use")]
    AllowsNothing(&'static str),
    /// One of the limits.
    #[error("{0}: it has to be more than 0, and not too large to be counted")]
    Limit(&'static str),
}

//! Why a command about a ledger has no answer.

use std::fmt;
use std::io;

use glovebox_ledger::ReadError;

use super::super::say::say;
use super::super::visible::visible;
use crate::exit::Exit;

/// Why there is no answer, for a person.
pub(super) struct Stop {
    exit: Exit,
    message: String,
}

impl Stop {
    /// Whoever typed the command can mend it.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::with(Exit::Usage, message)
    }

    /// It may work later.
    pub(super) fn environment(message: impl Into<String>) -> Self {
        Self::with(Exit::Environment, message)
    }

    /// The answer is no.
    pub(super) fn no(message: impl Into<String>) -> Self {
        Self::with(Exit::Failure, message)
    }

    fn with(exit: Exit, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { exit, message }
    }

    /// The answer could not be written.
    pub(super) fn writing(error: &io::Error) -> Self {
        Self::environment(format!("cannot write the answer: {error}"))
    }

    /// Tells a person, and gives the exit code.
    pub(super) fn tell(&self) -> Exit {
        say(&visible(&format!("error: {}", self.message)));
        self.exit
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Fault(_) => Self::no(error.to_string()),
            ReadError::None(_) => Self::usage(error.to_string()),
            ReadError::Io { .. } => Self::environment(error.to_string()),
        }
    }
}

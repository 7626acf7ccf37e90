//! The exit codes of `glovebox`, the same for every command.

use std::process::ExitCode;

/// How a command ended, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and the answer is yes (accepted, succeeded).
    Success,
    /// Done, and the answer is no (rejected, an action failed).
    Failure,
    /// The command line, or a configuration file it names, was wrong: nothing was done.
    Usage,
    /// This machine cannot do it now: something is missing, full, or in use by another run.
    Environment,
    /// Stopped by Ctrl-C or SIGTERM; nothing half-written is left.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Environment => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

//! Why a job failed: a stable code, and a sentence that may leave the secure zone.

use serde::{Serialize, Serializer};

/// The kinds of failure; the codes are stable and mean the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A script that the command names does not exist.
    MissingScript,
    /// The study definition could not be evaluated, or asks for something impossible.
    StudyDefinition,
    /// The command ended with a code other than zero.
    NonzeroExit,
    /// The image that the command names cannot be used here.
    RuntimeMissing,
    /// The command could not be started.
    CouldNotStart,
    /// More memory was asked for than the limit.
    OutOfMemory,
    /// It ran longer than the limit.
    TimedOut,
    /// It used more processor time than the limit.
    CpuTime,
    /// It wrote more to disk than the limit.
    DiskLimit,
    /// It started more processes than the limit.
    TooManyProcesses,
    /// It was ended by a signal that Glovebox did not send.
    Signalled,
    /// A declared output was not made, or is nothing that may be collected.
    MissingOutputs,
    /// It changed an output of another action under that output's own path.
    ChangedInputs,
    /// What an action needs is missing.
    MissingInputs,
    /// Somebody stopped it.
    Cancelled,
    /// The machine could not do it: disk full, sandbox unavailable.
    Environment,
    /// A defect in Glovebox.
    Internal,
}

impl FailureKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MissingScript => "missing-script",
            Self::StudyDefinition => "study-definition",
            Self::NonzeroExit => "nonzero-exit",
            Self::RuntimeMissing => "runtime-missing",
            Self::CouldNotStart => "could-not-start",
            Self::OutOfMemory => "out-of-memory",
            Self::TimedOut => "timed-out",
            Self::CpuTime => "cpu-time",
            Self::DiskLimit => "disk-limit",
            Self::TooManyProcesses => "too-many-processes",
            Self::Signalled => "signalled",
            Self::MissingOutputs => "missing-outputs",
            Self::ChangedInputs => "changed-inputs",
            Self::MissingInputs => "missing-inputs",
            Self::Cancelled => "cancelled",
            Self::Environment => "environment",
            Self::Internal => "internal",
        }
    }
}

impl Serialize for FailureKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// One sentence without file names or data: safe to send out of the secure zone.
    pub reason: String,
    /// More for the person beside the data: may name files, never values. One line an item.
    pub details: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    pub(crate) fn environment(what: &str, error: &dyn std::error::Error) -> Self {
        Self::new(
            FailureKind::Environment,
            format!("{what} failed on this machine"),
        )
        .with([error.to_string()])
    }
}

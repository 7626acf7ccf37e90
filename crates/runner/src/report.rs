//! What a run tells while it goes on and when it is done.

use std::path::{Path, PathBuf};
use std::time::Duration;

use glovebox_levels::Level;
use serde::{Serialize, Serializer};

use crate::failure::Failure;

/// Something that happened in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something has to be made ready before any job can start.
    Preparing {
        /// What, in words.
        what: &'a str,
    },
    /// A job started.
    Started {
        /// The action.
        action: &'a str,
        /// Why it runs although it succeeded before; empty for a first run.
        because: &'a [String],
    },
    /// A job that can count its work got on.
    Progress {
        /// The action.
        action: &'a str,
        /// Rows done.
        done: u64,
        /// Rows in all.
        total: u64,
    },
    /// An action needs nothing more: it ended, was reused, or will not run.
    Finished {
        /// What became of it.
        report: &'a ActionReport,
    },
}

/// Told of everything that happens; called from several threads.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);

    /// The job of an action came to a stage; most who watch do not care.
    fn stage(&self, action: &str, stage: Stage) {
        let _ = (action, stage);
    }
}

/// The stages of a job that does something; each is come to once, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The command, or the study definition, runs.
    Executing,
    /// Outputs are being collected and filed.
    Finalizing,
}

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It ran, and its outputs are filed.
    Succeeded,
    /// An earlier success stands: nothing that it rests on changed.
    Reused,
    /// It ran and failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It never started.
    NotRun,
}

impl State {
    /// The state as one word (or two) for people.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Reused => "reused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::NotRun => "not run",
        }
    }

    /// Whether what needs this action can go on.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Succeeded | Self::Reused)
    }
}

/// One action of a run.
#[derive(Debug, Clone, Serialize)]
pub struct ActionReport {
    /// The action's name.
    pub action: String,
    /// What became of it.
    pub state: State,
    /// Why it failed or did not run.
    pub failure: Option<Failure>,
    /// Why it ran although it succeeded before.
    pub because: Vec<String>,
    /// How long it took, in seconds.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub duration: Duration,
    /// What it made.
    pub outputs: Vec<OutputReport>,
    /// Its log; for a reused action that of the run that made the outputs.
    #[serde(serialize_with = "path")]
    pub log: Option<PathBuf>,
    /// The last lines it printed, where it failed.
    pub last_lines: Vec<String>,
    /// Identifies the job.
    pub job_id: Option<String>,
    /// Why its outputs, though filed, could not be copied into the project folder.
    pub not_copied: Option<Failure>,
    /// What repeats an extraction's dummy data.
    pub seed: Option<u64>,
    /// What `today` meant in an extraction, as `YYYY-MM-DD`.
    pub today: Option<String>,
    /// Digest of the runtime.
    pub runtime: Option<String>,
    /// Most memory used, in bytes, where it was measured.
    pub peak_memory: Option<u64>,
    /// Memory on average, in bytes, where it was measured.
    pub mean_memory: Option<u64>,
    /// Most processors kept busy at once, where the command ran long enough for that to be measured.
    pub peak_cpus: Option<f64>,
    /// Processor time used by the sandboxed command, in seconds.
    pub cpu_seconds: Option<f64>,
    /// How long the sandboxed command ran.
    #[serde(skip)]
    pub command_time: Option<Duration>,
    /// What held the command to its limits, in words.
    pub enforcement: Option<String>,
}

/// One output of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputReport {
    /// Path relative to the project folder.
    pub path: String,
    /// The level it is filed at.
    pub level: Level,
    /// Size in bytes.
    pub size: u64,
    /// Why it is withheld from its level, in words; it stays with the highly sensitive ones.
    pub withheld: Option<String>,
}

impl ActionReport {
    /// A report of an action that did nothing yet.
    pub(crate) fn new(action: &str, state: State) -> Self {
        Self {
            action: action.to_owned(),
            state,
            failure: None,
            because: Vec::new(),
            duration: Duration::ZERO,
            outputs: Vec::new(),
            log: None,
            last_lines: Vec::new(),
            job_id: None,
            not_copied: None,
            seed: None,
            today: None,
            runtime: None,
            peak_memory: None,
            mean_memory: None,
            peak_cpus: None,
            cpu_seconds: None,
            command_time: None,
            enforcement: None,
        }
    }
}

/// A path that is no text must not cost the report.
#[expect(clippy::ref_option, reason = "that is how serde calls it")]
fn path<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref()
        .map(Path::to_string_lossy)
        .serialize(serializer)
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}

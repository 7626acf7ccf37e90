//! What is remembered of a job: why a success may be reused, and what a custodian can audit.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use glovebox_levels::Level;
use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::folder::{open_own, write_atomically};

/// Larger records are not ours.
const MOST_BYTES: u64 = 64 << 20;

/// A finished job, as `job.json` keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Version of this format: 1.
    pub version: u32,
    /// Version of Glovebox that ran it.
    pub glovebox: String,
    /// Identifies the job.
    pub job_id: String,
    /// The action.
    pub action: String,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// Stable code of the failure.
    pub failure: Option<String>,
    /// When it started (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
    /// What its outputs rest on.
    pub fingerprint: Fingerprint,
    /// The image of its command, and what it meant.
    pub runtime: String,
    /// Seed of the dummy data; `None` for jobs that make none.
    pub seed: Option<u64>,
    /// What `today` meant, as `YYYY-MM-DD`: dates of dummy data may count from it.
    #[serde(default)]
    pub today: Option<String>,
    /// Which limits held and how, in words.
    pub enforcement: Option<String>,
    /// Most memory, in bytes.
    pub peak_memory: Option<u64>,
    /// Memory on average, in bytes.
    #[serde(default)]
    pub mean_memory: Option<u64>,
    /// Most processors kept busy at once.
    #[serde(default)]
    pub peak_cpus: Option<f64>,
    /// Processor seconds of the sandboxed command.
    pub cpu_seconds: Option<f64>,
    /// What it made.
    pub outputs: Vec<RecordedOutput>,
}

/// An output in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedOutput {
    /// Path relative to the workspace.
    pub path: String,
    /// Declared level.
    pub level: Level,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub content_hash: String,
    /// Why it was withheld from its level.
    pub withheld: Option<String>,
}

impl JobRecord {
    /// Writes the record, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        write_atomically(path, &serde_json::to_vec_pretty(self)?)
    }

    /// Reads a record; `None` when there is none, or none that this version understands: the
    /// action then simply runs again.
    pub fn read(path: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        open_own(path, OpenOptions::new().read(true))
            .ok()?
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .ok()?;
        let record: Self = serde_json::from_slice(&bytes).ok()?;
        (record.version == 1).then_some(record)
    }
}

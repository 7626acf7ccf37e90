//! What a store knows about its outputs, in a file that people and programs can read.
//!
//! There is one manifest per store, and each speaks only of what may be seen where it lies. (In
//! the reference the moderately sensitive one lists the names, sizes and hashes of highly
//! sensitive files as well. A name like `smith_1951.csv` identifies; a hash confirms a guess.)

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};

use crate::{level::Level, reserved::is_output_path};

/// The version of the format that is written, and the only one that is read.
pub const MANIFEST_VERSION: u32 = 1;
/// The largest manifest that is read, in bytes: about 200 000 outputs.
pub(crate) const MAX_MANIFEST: u64 = 128 * 1024 * 1024;

/// One store's outputs by path, in the order of paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// What is known about each output, by its path relative to the workspace.
    pub outputs: BTreeMap<String, OutputRecord>,
}

/// What is known about one output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRecord {
    /// Its level.
    pub level: Level,
    /// The action that made it.
    pub action: String,
    /// The job that ran the action.
    pub job_id: String,
    /// The commit of the code, where there was one.
    pub commit: Option<String>,
    /// Who asked for the job.
    pub user: String,
    /// Where the code came from.
    pub repo: String,
    /// Bytes.
    pub size: u64,
    /// When the job ended (RFC 3339, UTC).
    pub timestamp: jiff::Timestamp,
    /// SHA-256, in lower case hexadecimal digits. Missing in the moderately sensitive manifest for
    /// an excluded file: its content may not be known there, not even by comparing.
    pub content_hash: Option<String>,
    /// Declared moderately sensitive, but withheld from that level.
    pub excluded: bool,
    /// Why it was withheld.
    pub message: Option<String>,
    /// CSV records after the header, where they were counted.
    pub row_count: Option<u64>,
    /// CSV columns, where they were counted.
    pub col_count: Option<u64>,
    /// The action is no longer in `project.yaml`.
    pub out_of_date_action: bool,
    /// The action ran again and did not make this file.
    pub out_of_date_output: bool,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// Not JSON, or not of the right shape.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Written by another version.
    #[error("it has version {0}, and this program reads version 1")]
    Version(u32),
    /// Too large to be one.
    #[error("it is larger than 128 MiB")]
    TooLarge,
    /// An output has a path that cannot have been filed.
    #[error("output {0:?} has a path that no output can have")]
    Path(String),
    /// An output has a hash that is none, or lacks it.
    #[error("output {0:?} has no valid SHA-256 content_hash")]
    Hash(String),
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: MANIFEST_VERSION,
            outputs: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// Reads and validates the text of a manifest.
    pub fn from_json(text: &[u8]) -> Result<Self, ManifestFault> {
        /// Read first, so that a later version is called that rather than malformed.
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }

        if text.len() as u64 > MAX_MANIFEST {
            return Err(ManifestFault::TooLarge);
        }
        let Version { version } = serde_json::from_slice(text)?;
        if version != MANIFEST_VERSION {
            return Err(ManifestFault::Version(version));
        }
        let manifest: Self = serde_json::from_slice(text)?;
        for (path, record) in &manifest.outputs {
            if !is_output_path(path) {
                return Err(ManifestFault::Path(path.clone()));
            }
            let hash_is_right = record
                .content_hash
                .as_deref()
                .map_or(record.excluded, is_sha256);
            if !hash_is_right {
                return Err(ManifestFault::Hash(path.clone()));
            }
        }
        Ok(manifest)
    }

    /// The manifest as it is stored: indented, keys in a fixed order, a line feed at the end.
    pub fn to_json(&self) -> io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

//! `agent.toml` as it is written.

use std::path::PathBuf;

use serde::Deserialize;

/// The file. A key that is not known is refused: it may be a limit that somebody relies on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) server: String,
    pub(super) token_file: PathBuf,
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) workspaces: Option<PathBuf>,
    #[serde(default = "slots")]
    pub(super) slots: u32,
    pub(super) repositories: Vec<String>,
    pub(super) runtimes: Vec<String>,
    #[serde(default)]
    pub(super) database_actions: bool,
    #[serde(default)]
    pub(super) file_repositories: bool,
    pub(super) repository_mib: Option<u64>,
    pub(super) population: Option<u64>,
    #[serde(default)]
    pub(super) limits: LimitsText,
}

/// The table `[limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsText {
    pub(super) cpus: Option<f64>,
    pub(super) memory_mib: Option<u64>,
    pub(super) disk_mib: Option<u64>,
    pub(super) processes: Option<u64>,
    pub(super) time_minutes: Option<u64>,
}

fn slots() -> u32 {
    2
}

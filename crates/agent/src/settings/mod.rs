//! What an agent is told in `agent.toml`, checked whole before it does anything.
//!
//! ```toml
//! server = "https://jobs.example.org"
//! token_file = "agent.token"           # holds the backend's token; readable by its owner only
//! name = "tpp-1"                       # unique in the backend, the same after a restart
//! folder = "/srv/glovebox/agent"       # of this agent alone
//! workspaces = "/srv/glovebox/workspaces"  # may be shared by the agents of a backend; else in `folder`
//! slots = 2                            # tasks at once
//! repositories = ["https://github.com/opensafely"]   # these, and all below them
//! runtimes = ["python:v2", "cohortextractor"]        # an image in one version, or in all
//! database_actions = false             # without a patient store they make dummy data
//! file_repositories = false            # whether `file://` may be among the repositories
//! repository_mib = 2048                # the most that is fetched of one repository
//! population = 1000                    # dummy patients; else what project.yaml says
//!
//! [limits]                             # of each command; a task may ask for less time, never more
//! cpus = 2.0
//! memory_mib = 4096
//! disk_mib = 20480
//! processes = 512
//! time_minutes = 1440
//! ```
//!
//! Paths are relative to the folder of the file. What is not there has the value shown, but for the
//! first four and the two lists, which have to be there.

mod error;
mod text;
mod token;
mod url;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::SettingsError;
pub use token::{Token, TokenError};
pub use url::ServerUrl;

use crate::allowed::Allowed;
use text::{LimitsText, Text};

const MIB: u64 = 1 << 20;

/// Most tasks at once that make sense on one machine.
const MOST_SLOTS: u32 = 256;

/// What an agent is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it asks.
    pub server: ServerUrl,
    /// What says which backend it speaks for.
    pub token: Token,
    /// Its name, unique in its backend.
    pub name: String,
    /// Its own folder.
    pub folder: PathBuf,
    /// Where workspaces are kept, which other agents of the backend may share.
    pub workspaces: PathBuf,
    /// Tasks at once.
    pub slots: u32,
    /// What it allows, whatever the server says.
    pub allowed: Allowed,
    /// How many bytes the mirror of one repository may have.
    pub repository_bytes: u64,
    /// Limits on each command.
    pub limits: glovebox_sandbox::Limits,
    /// Dummy patients of an extraction; else what `project.yaml` says.
    pub population: Option<u64>,
}

impl Settings {
    /// Reads and checks a file of settings, and the token that it names.
    ///
    /// # Errors
    /// One for each thing that can be wrong, in words that say what to do.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let failed = |source| SettingsError::Read {
            path: path.to_owned(),
            source,
        };
        let text = fs::read_to_string(path).map_err(failed)?;
        let path = std::path::absolute(path).map_err(failed)?;
        Self::from_toml(&text, path.parent().unwrap_or(Path::new("/")))
    }

    /// The same from text; paths are relative to `base`, which is absolute.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn from_toml(text: &str, base: &Path) -> Result<Self, SettingsError> {
        let text: Text =
            toml::from_str(text).map_err(|error| SettingsError::Syntax(error.to_string()))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if !(1..=100).contains(&text.name.len()) || !text.name.bytes().all(plain) {
            return Err(SettingsError::Name(text.name));
        }
        if !(1..=MOST_SLOTS).contains(&text.slots) {
            return Err(SettingsError::Slots(text.slots));
        }
        let server = ServerUrl::parse(&text.server)?;
        let allowed = Allowed::new(
            &text.repositories,
            &text.runtimes,
            text.database_actions,
            text.file_repositories,
        )?;
        let repository_bytes = whole("repository_mib", text.repository_mib, MIB, 2048 * MIB)?;
        let limits = limits(&text.limits)?;
        let folder = base.join(&text.folder);
        let workspaces = match &text.workspaces {
            Some(path) => base.join(path),
            None => folder.join("workspaces"),
        };
        let token_file = base.join(&text.token_file);
        let token = Token::read(&token_file).map_err(|source| SettingsError::Token {
            path: token_file,
            source,
        })?;
        Ok(Self {
            server,
            token,
            name: text.name,
            folder,
            workspaces,
            slots: text.slots,
            allowed,
            repository_bytes,
            limits,
            population: text.population,
        })
    }
}

/// A whole number above 0, in some unit.
fn whole(
    name: &'static str,
    value: Option<u64>,
    unit: u64,
    default: u64,
) -> Result<u64, SettingsError> {
    match value {
        None => Ok(default),
        Some(0) => Err(SettingsError::Limit(name)),
        Some(value) => value.checked_mul(unit).ok_or(SettingsError::Limit(name)),
    }
}

fn limits(text: &LimitsText) -> Result<glovebox_sandbox::Limits, SettingsError> {
    let defaults = glovebox_sandbox::Limits::default();
    let cpus = match text.cpus {
        None => defaults.cpus,
        Some(cpus) if cpus.is_finite() && cpus > 0.0 => cpus,
        Some(_) => return Err(SettingsError::Limit("limits.cpus")),
    };
    let wall = defaults.wall.as_secs();
    let wall = Duration::from_secs(whole("limits.time_minutes", text.time_minutes, 60, wall)?);
    Ok(glovebox_sandbox::Limits {
        cpus,
        memory: whole("limits.memory_mib", text.memory_mib, MIB, defaults.memory)?,
        disk: whole("limits.disk_mib", text.disk_mib, MIB, defaults.disk)?,
        processes: whole("limits.processes", text.processes, 1, defaults.processes)?,
        wall,
        // All processors busy to the end.
        cpu_time: Duration::try_from_secs_f64(wall.as_secs_f64() * cpus.max(1.0))
            .unwrap_or(Duration::MAX),
        ..defaults
    })
}

//! Why a runtime could not be made ready, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A runtime could not be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// No usable Python was found on `PATH`.
    #[error(
        "no Python from 3.11 to 3.14 was found{}: type `{remedy}`, or set GLOVEBOX_PYTHON to one",
        found_instead(found)
    )]
    NoPython {
        /// What was found and why each did not serve: `/usr/bin/python3 is Python 3.9.2`.
        found: Vec<String>,
        /// The command to type.
        remedy: String,
    },
    /// The Python that `GLOVEBOX_PYTHON` names does not serve.
    #[error(
        "GLOVEBOX_PYTHON does not name a usable Python: {problem}; unset it or name a Python from 3.11 to 3.14"
    )]
    ChosenPython {
        /// What is wrong with it.
        problem: String,
    },
    /// Showing the interpreter to a sandbox would show the user's own files as well.
    #[error("{} is installed in {}, which holds more than Python and is not shown to jobs: set GLOVEBOX_PYTHON to another Python, such as /usr/bin/python3", executable.display(), prefix.display())]
    PrefixTooWide {
        /// The interpreter.
        executable: PathBuf,
        /// The folder it and its library are in.
        prefix: PathBuf,
    },
    /// Python has no `pip`.
    #[error("{} has no pip: type `{remedy}`", executable.display())]
    NoPip {
        /// The interpreter.
        executable: PathBuf,
        /// The command to type.
        remedy: String,
    },
    /// A file did not have a hash that the lock names; nothing was installed.
    #[error(
        "a package does not have the contents that {lock} promises, so nothing was installed: try again, and if it stays, ask whoever runs your package index\n{output}"
    )]
    WrongHash {
        /// The lock's name.
        lock: String,
        /// pip's last lines.
        output: String,
    },
    /// The package index could not be reached, or has no package that fits; pip does not tell
    /// these apart.
    #[error(
        "the Python package index cannot be reached or lacks what the lock names: check the network and pip's own settings (PIP_INDEX_URL, proxy), then type `glovebox runtimes install`\n{output}"
    )]
    NoPackages {
        /// pip's last lines.
        output: String,
    },
    /// A program that installs failed.
    #[error("the {what} could not be installed: {program} ended with {status}\n{output}")]
    Install {
        /// What was being installed.
        what: String,
        /// `pip`, `venv`.
        program: &'static str,
        /// `exit status: 1`, `signal: 9 (SIGKILL)`.
        status: String,
        /// Its last lines.
        output: String,
    },
    /// The packages were installed and do not import.
    #[error(
        "the {what} was installed but does not work on this machine, so it was not kept\n{output}"
    )]
    Check {
        /// What was being installed.
        what: String,
        /// Python's last lines.
        output: String,
    },
    /// R is not installed.
    #[error("R is not installed: type `{remedy}`")]
    NoR {
        /// The command to type.
        remedy: String,
    },
    /// The disk is full.
    #[error("the disk is full: {} needs about {megabytes} MB free; free some or set GLOVEBOX_CACHE_DIR to a folder on another disk", path.display())]
    DiskFull {
        /// The cache folder.
        path: PathBuf,
        /// About how much an installation needs.
        megabytes: u32,
    },
    /// A file of the cache or the machine could not be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The caller asked to stop; nothing half-made is left.
    #[error("stopped")]
    Cancelled,
}

impl PrepareError {
    /// The command that mends it, where there is one.
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::NoPython { remedy, .. } | Self::NoPip { remedy, .. } | Self::NoR { remedy } => {
                Some(remedy)
            }
            Self::NoPackages { .. } => Some("glovebox runtimes install"),
            _ => None,
        }
    }
}

fn found_instead(found: &[String]) -> String {
    if found.is_empty() {
        String::new()
    } else {
        format!(" ({})", found.join("; "))
    }
}

/// Says which file an input or output error is about.
pub(crate) trait IoContext<T> {
    fn at(self, path: &Path) -> Result<T, PrepareError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, PrepareError> {
        self.map_err(|source| {
            let path = path.to_path_buf();
            if source.kind() == io::ErrorKind::StorageFull {
                PrepareError::DiskFull {
                    path,
                    megabytes: crate::python::INSTALL_MEGABYTES,
                }
            } else {
                PrepareError::Io { path, source }
            }
        })
    }
}

//! What the computer offers: environment variables, programs, system folders.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The variables and the file system that runtimes are looked for in. It is a value, not the
/// process's own state, so that tests and agents can describe another machine.
#[derive(Debug, Clone)]
pub struct Machine {
    variables: BTreeMap<OsString, OsString>,
    root: PathBuf,
}

impl Machine {
    /// This process's machine.
    pub fn current() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// A machine with exactly these environment variables; programs that install are given them.
    pub fn from_variables<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables
            .into_iter()
            .map(|(k, v)| (k.into(), v.into()))
            .collect();
        Self {
            variables,
            root: PathBuf::from("/"),
        }
    }

    /// The same machine with its system folders (`/usr`, `/etc`) looked for below `root`.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    /// The value of an environment variable; an empty one counts as not set.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|v| !v.is_empty())
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(k, v)| (k.as_os_str(), v.as_os_str()))
    }

    /// Where a system file, given by its absolute path, is on this machine.
    pub(crate) fn system(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The first executable file called `program` on `PATH`. Relative entries of `PATH` are passed
    /// over: from the study's folder they would lead to the study's own programs.
    pub(crate) fn program(&self, program: &str) -> Option<PathBuf> {
        let path = self.variable("PATH")?;
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(program))
            .find(|candidate| is_executable(candidate))
    }
}

/// Whether `path` leads to a regular file that somebody may execute.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

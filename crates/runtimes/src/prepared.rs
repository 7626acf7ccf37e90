//! A runtime that is ready, as plain data for a sandbox.

use std::path::{Path, PathBuf};

use crate::machine::is_executable;

/// The folders every runtime looks for programs in, after its own.
pub(crate) const SYSTEM_PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// A file or folder to show read-only inside the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is on this machine.
    pub host: PathBuf,
    /// Where study code sees it.
    pub guest: PathBuf,
}

/// Everything a sandbox needs to run an action in a runtime, beside the system's own `/usr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// SHA-256, 64 hexadecimal digits: two jobs with the same digest ran the same packages, the
    /// same interpreter and the same Glovebox packages.
    pub digest: String,
    /// One line for people and logs: `CPython 3.11.7 with 16 locked packages`.
    pub description: String,
    /// Read-only mounts. Entries may repeat what a sandbox shows anyway (`/etc/alternatives`).
    pub mounts: Vec<Mount>,
    /// The environment, without `PATH`.
    pub env: Vec<(String, String)>,
    /// The folders of `PATH` in order, as seen inside.
    pub path_entries: Vec<String>,
    /// Runs a script that is named without an interpreter, `python` or `Rscript`.
    pub program: String,
    /// The ends of script names that `program` runs even where the file is marked executable.
    pub(crate) script_extensions: &'static [&'static str],
}

impl Prepared {
    /// `PATH` as a sandbox sets it.
    pub fn path(&self) -> String {
        self.path_entries.join(":")
    }

    /// What to execute for the words that follow the image in an action's `run`.
    ///
    /// The rule of the reference's images (`entrypoint.sh` of opensafely-core/base-docker): if the
    /// first word is a program on `PATH`, it is run; otherwise all words are arguments of the
    /// image's own program. So `python analysis/a.py`, `analysis/a.py` and `bash run.sh` all work.
    /// A first word with a slash that is no script is taken for a program.
    pub fn argv(&self, words: &[String]) -> Vec<String> {
        let as_given = words.first().is_some_and(|first| {
            if first.contains('/') {
                let extension = Path::new(first).extension().and_then(|e| e.to_str());
                !extension.is_some_and(|e| self.script_extensions.contains(&e))
            } else {
                self.path_entries
                    .iter()
                    .any(|folder| is_executable(&self.on_host(&Path::new(folder).join(first))))
            }
        });
        let program = (!as_given).then(|| self.program.clone());
        program.into_iter().chain(words.iter().cloned()).collect()
    }

    /// Where a file seen inside at `guest` is on this machine; outside all mounts it is the same.
    fn on_host(&self, guest: &Path) -> PathBuf {
        self.mounts
            .iter()
            .find_map(|mount| Some(mount.host.join(guest.strip_prefix(&mount.guest).ok()?)))
            .unwrap_or_else(|| guest.to_path_buf())
    }
}

pub(crate) fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

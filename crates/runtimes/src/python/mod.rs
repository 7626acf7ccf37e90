//! Python: a locked environment, installed once and used read-only.

mod install;
mod interpreter;
mod lock;
mod pip;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::digest::{Parts, short};
use crate::error::PrepareError;
use crate::machine::Machine;
use crate::packages;
use crate::prepared::{Mount, Prepared, SYSTEM_PATH, variables};
use crate::progress::Progress;
use crate::runtime::State;
use install::Installation;
pub(crate) use install::{INSTALL_MEGABYTES, compile, make_readable};
pub(crate) use interpreter::Interpreter;
pub(crate) use lock::Lock;

/// Where study code sees the environment, whatever the cache is called.
pub(crate) const GUEST: &str = "/opt/glovebox/python";

/// Raised when an installation is laid out differently, so that older ones are not taken for it.
const LAYOUT: &str = "1";

/// The file that says what an installation is; without it a folder is not an installation.
const MARKER: &str = "environment.json";

/// A locked Python environment, as the table describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) lock: Lock,
    /// Modules that must import before an installation counts as whole.
    pub(crate) imports: Vec<String>,
    /// Runs a script.
    pub(crate) program: String,
}

/// What it is called to people.
const TITLE: &str = "Python environment";

/// What [`MARKER`] holds.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Marker {
    /// The digest that names the folder, whole.
    digest: String,
    /// The lock, by name and by digest.
    lock: String,
    lock_sha256: String,
    /// The interpreter that it was installed with and that runs it.
    interpreter: PathBuf,
}

impl Environment {
    pub(crate) fn prepare(
        &self,
        purpose: &str,
        machine: &Machine,
        cache: &Cache,
        progress: &dyn Fn(Progress),
        cancel: &AtomicBool,
    ) -> Result<Prepared, PrepareError> {
        // So that the interpreter's answer is kept. Where this is impossible, installing says why.
        let _ = cache.create("interpreters");
        let interpreter = Interpreter::find(machine, cache, cancel)?;
        let interpreter_mounts = interpreter.mounts(machine, cache)?;
        let marker = self.marker(&interpreter);
        let installed = Cell::new(false);
        let folder = cache.once(
            &folder_name(&marker),
            |place| is_whole(place, &marker),
            || {
                progress(Progress::Waiting {
                    what: TITLE.to_owned(),
                });
            },
            cancel,
            |staging| {
                installed.set(true);
                let work = Installation {
                    environment: self,
                    interpreter: &interpreter,
                    staging,
                };
                work.run(&marker, machine, progress, cancel)
            },
        )?;
        if installed.get() {
            progress(Progress::Installed {
                what: TITLE.to_owned(),
            });
        }
        let packages = packages::unpack(&interpreter, machine, cache, cancel)?;
        let mounts = [
            Mount {
                host: folder,
                guest: PathBuf::from(GUEST),
            },
            Mount {
                host: packages,
                guest: PathBuf::from(packages::GUEST),
            },
        ];
        Ok(Prepared {
            digest: self.digest(purpose, &interpreter),
            description: match self.lock.packages.len() {
                1 => format!("{interpreter} with 1 locked package"),
                count => format!("{interpreter} with {count} locked packages"),
            },
            mounts: mounts.into_iter().chain(interpreter_mounts).collect(),
            env: environment_variables(),
            path_entries: std::iter::once(format!("{GUEST}/bin"))
                .chain(SYSTEM_PATH.map(str::to_owned))
                .collect(),
            program: self.program.clone(),
            script_extensions: &["py"],
        })
    }

    /// What [`Environment::prepare`] would find, without installing anything.
    pub(crate) fn state(&self, purpose: &str, machine: &Machine, cache: &Cache) -> State {
        let cancel = AtomicBool::new(false);
        let interpreter = Interpreter::find(machine, cache, &cancel)
            .and_then(|found| found.mounts(machine, cache).map(|_| found));
        match interpreter {
            Ok(interpreter) => {
                let marker = self.marker(&interpreter);
                if is_whole(&cache.entry(&folder_name(&marker)), &marker) {
                    State::Ready {
                        digest: self.digest(purpose, &interpreter),
                        note: None,
                    }
                } else {
                    State::Installable
                }
            }
            Err(error) => State::Missing {
                remedy: error.remedy().map(str::to_owned),
                problem: error.to_string(),
            },
        }
    }

    /// The digest recorded with jobs. Unlike the folder's name it has the interpreter's full
    /// version: a patched interpreter keeps the installation, and can give other results.
    fn digest(&self, purpose: &str, interpreter: &Interpreter) -> String {
        Parts::new("runtime")
            .with(purpose)
            .with(&self.lock.sha256)
            .with(interpreter.to_string())
            .with(&interpreter.architecture)
            .with(packages::digest())
            .hex()
    }

    fn marker(&self, interpreter: &Interpreter) -> Marker {
        let digest = Parts::new("python environment")
            .with(LAYOUT)
            .with(&self.lock.sha256)
            .with(&interpreter.cache_tag)
            .with(&interpreter.abi_flags)
            .with(&interpreter.architecture)
            .with(interpreter.executable.as_os_str().as_encoded_bytes())
            .hex();
        Marker {
            digest,
            lock: self.lock.name.clone(),
            lock_sha256: self.lock.sha256.clone(),
            interpreter: interpreter.executable.clone(),
        }
    }
}

fn folder_name(marker: &Marker) -> String {
    format!("python-{}", short(&marker.digest))
}

/// Whether `place` holds the installation that `wanted` describes. The marker is written last and
/// the folder renamed after it, so its presence stands for everything else; the interpreter is the
/// one part outside.
fn is_whole(place: &Path, wanted: &Marker) -> bool {
    std::fs::read(place.join(MARKER))
        .ok()
        .and_then(|text| serde_json::from_slice::<Marker>(&text).ok())
        .is_some_and(|found| found == *wanted)
        && place.join("bin/python").exists()
}

fn environment_variables() -> Vec<(String, String)> {
    variables(&[
        ("HOME", "/tmp"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("PYTHONPATH", packages::GUEST),
        // Nothing is written beside sources: they are read-only, and study folders stay clean.
        ("PYTHONDONTWRITEBYTECODE", "1"),
        // The order of sets of strings is the same in every run.
        ("PYTHONHASHSEED", "0"),
        ("PYTHONNOUSERSITE", "1"),
        // Log lines appear when they are printed, also if the job is killed next.
        ("PYTHONUNBUFFERED", "1"),
        ("MPLBACKEND", "Agg"),
        ("MPLCONFIGDIR", "/tmp/matplotlib"),
        // Sums in parallel depend on the number of threads in their last digits; and each thread
        // of a linear algebra library costs start-up time and memory. Parallelism is per job.
        ("OMP_NUM_THREADS", "1"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("MKL_NUM_THREADS", "1"),
        ("NUMEXPR_NUM_THREADS", "1"),
    ])
}

//! Installing a locked environment into a folder that is not yet in use.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use super::interpreter::Interpreter;
use super::pip::{self, Cause};
use super::{Environment, GUEST, MARKER, Marker, TITLE};
use crate::error::{IoContext as _, PrepareError};
use crate::machine::Machine;
use crate::process::{self, Finished};
use crate::progress::Progress;

/// About what an installation takes on disk while it is made.
pub(crate) const INSTALL_MEGABYTES: u32 = 700;

/// The making of one environment in a folder that is not yet in use.
pub(super) struct Installation<'a> {
    pub(super) environment: &'a Environment,
    pub(super) interpreter: &'a Interpreter,
    pub(super) staging: &'a Path,
}

impl Installation<'_> {
    /// Fills the folder with the environment and writes its marker last.
    pub(super) fn run(
        &self,
        marker: &Marker,
        machine: &Machine,
        progress: &dyn Fn(Progress),
        cancel: &AtomicBool,
    ) -> Result<(), PrepareError> {
        let packages = self.environment.lock.packages.len();
        progress(Progress::Installing {
            what: TITLE.to_owned(),
            packages,
        });
        // Temporary files on the same disk: packages are then moved into place and not copied, and
        // a small /tmp is enough.
        let scratch = self.staging.join(".scratch");
        fs::create_dir(&scratch).at(&scratch)?;
        let python = |program: &Path| {
            let mut command = process::command(machine, program, &scratch);
            command
                .env("TMPDIR", &scratch)
                .env("MPLCONFIGDIR", &scratch);
            command
        };
        let base = &self.interpreter.executable;

        let mut venv = python(base);
        venv.args(["-E", "-m", "venv", "--without-pip", "--symlinks"])
            .arg(self.staging);
        succeeded(&process::run(venv, None, cancel, |_| ())?, "venv")?;
        forget_staging(self.staging)?;

        let library = self.staging.join("lib").join(self.interpreter.library());
        let site_packages = library.join("site-packages");
        self.fetch(
            python(base),
            &scratch,
            &site_packages,
            machine,
            progress,
            cancel,
        )?;

        progress(Progress::Compiling);
        compile(python(base), self.staging, &site_packages, GUEST, cancel)?;

        progress(Progress::Checking);
        self.check(python(&self.staging.join("bin/python")), cancel)?;

        fs::remove_dir_all(&scratch).at(&scratch)?;
        let text = serde_json::to_vec_pretty(marker).map_err(std::io::Error::from);
        let path = self.staging.join(MARKER);
        fs::write(&path, text.at(&path)?).at(&path)?;
        make_readable(self.staging)
    }

    /// Installs what the lock names into `site_packages`.
    fn fetch(
        &self,
        mut pip: Command,
        scratch: &Path,
        site_packages: &Path,
        machine: &Machine,
        progress: &dyn Fn(Progress),
        cancel: &AtomicBool,
    ) -> Result<(), PrepareError> {
        let locked = &self.environment.lock;
        let lock = scratch.join(&locked.name);
        fs::write(&lock, &locked.text).at(&lock)?;
        pip::settings(&mut pip, machine);
        pip.args([
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ])
        .args([
            "--no-deps",
            "--no-compile",
            "--no-input",
            "--no-color",
            "--progress-bar",
            "off",
        ])
        .args([
            "--disable-pip-version-check",
            "--root-user-action",
            "ignore",
        ])
        .arg("--target")
        .arg(site_packages)
        .arg("--requirement")
        .arg(&lock);
        let mut fetched = 0;
        let mut cause = None;
        let finished = process::run(pip, None, cancel, |line| {
            cause = cause.max(Cause::shown_by(line));
            if let Some(requirement) = line.strip_prefix("Collecting ") {
                fetched += 1;
                let package = requirement.split_whitespace().next().unwrap_or_default();
                let (package, of) = (package.replace("==", " "), locked.packages.len());
                progress(Progress::Fetching {
                    package,
                    nth: fetched,
                    of,
                });
            } else if line.starts_with("Installing collected packages") {
                progress(Progress::Unpacking);
            }
        })?;
        if finished.status.success() {
            // Commands of packages name the interpreter without the environment, and no study
            // calls them.
            return remove_if_there(&site_packages.join("bin"));
        }
        let output = finished.output.clone();
        match cause {
            Some(Cause::WrongHash) => Err(PrepareError::WrongHash {
                lock: locked.name.clone(),
                output,
            }),
            Some(Cause::NoPip) => Err(PrepareError::NoPip {
                executable: self.interpreter.executable.clone(),
                remedy: self.interpreter.pip_remedy(),
            }),
            Some(Cause::DiskFull) => {
                let path = self.staging.parent().unwrap_or(self.staging).to_path_buf();
                Err(PrepareError::DiskFull {
                    path,
                    megabytes: INSTALL_MEGABYTES,
                })
            }
            Some(Cause::Unreachable) => Err(PrepareError::NoPackages { output }),
            None => succeeded(&finished, "pip"),
        }
    }

    /// Imports the packages: a wheel can be right and the machine lack a library that it needs.
    fn check(&self, mut python: Command, cancel: &AtomicBool) -> Result<(), PrepareError> {
        if self.environment.imports.is_empty() {
            return Ok(());
        }
        let imports = format!("import {}", self.environment.imports.join(", "));
        python.args(["-I", "-B", "-c", &imports]);
        let finished = process::run(python, None, cancel, |_| ())?;
        if finished.status.success() {
            return Ok(());
        }
        Err(PrepareError::Check {
            what: TITLE.to_owned(),
            output: finished.output,
        })
    }
}

/// Compiles all sources below `folder`, which is in `staging` and will be seen below `guest`, so
/// that tracebacks show the paths that study code sees. Byte code is not checked against sources
/// when loaded: both are read-only from here on.
pub(crate) fn compile(
    mut python: Command,
    staging: &Path,
    folder: &Path,
    guest: &str,
    cancel: &AtomicBool,
) -> Result<(), PrepareError> {
    python
        .args([
            "-E",
            "-m",
            "compileall",
            "-q",
            "-j",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
        ])
        // Packages bring their own tests, which are half of all sources and run by nobody here.
        .args([
            "-x",
            r"site-packages/.*/tests/(.*/)?test_[^/]*\.py$",
            "-p",
            guest,
            "-s",
        ])
        .args([staging, folder]);
    // It fails if any file does not compile, and packages carry templates that are not Python.
    // Without byte code Python only starts more slowly.
    process::run(python, None, cancel, |_| ()).map(|_| ())
}

fn succeeded(finished: &Finished, program: &'static str) -> Result<(), PrepareError> {
    if finished.status.success() {
        return Ok(());
    }
    Err(PrepareError::Install {
        what: TITLE.to_owned(),
        program,
        status: finished.status.to_string(),
        output: finished.output.clone(),
    })
}

/// Removes what `venv` writes about the folder it worked in, which is about to be renamed: the
/// command line in `pyvenv.cfg` and the scripts for interactive shells.
fn forget_staging(staging: &Path) -> Result<(), PrepareError> {
    let settings = staging.join("pyvenv.cfg");
    let text = fs::read_to_string(&settings).at(&settings)?;
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("command"))
        .flat_map(|l| [l, "\n"])
        .collect();
    fs::write(&settings, kept).at(&settings)?;
    let programs = staging.join("bin");
    for entry in fs::read_dir(&programs).at(&programs)?.flatten() {
        if entry
            .file_name()
            .to_string_lossy()
            .to_ascii_lowercase()
            .starts_with("activate")
        {
            fs::remove_file(entry.path()).at(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_if_there(folder: &Path) -> Result<(), PrepareError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).at(folder),
        _ => Ok(()),
    }
}

/// Lets everybody read what is below `folder` whatever the umask was: inside a sandbox it is read
/// by another user than the one who installed it. Symbolic links are left as they are.
pub(crate) fn make_readable(folder: &Path) -> Result<(), PrepareError> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).at(&folder)?;
        for entry in fs::read_dir(&folder).at(&folder)? {
            let entry = entry.at(&folder)?;
            let kind = entry.file_type().at(&folder)?;
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let executable = path.extension() == Some(OsStr::new("so"))
                    || entry.metadata().at(&path)?.permissions().mode() & 0o100 != 0;
                let mode = if executable { 0o755 } else { 0o644 };
                fs::set_permissions(&path, Permissions::from_mode(mode)).at(&path)?;
            }
        }
    }
    Ok(())
}

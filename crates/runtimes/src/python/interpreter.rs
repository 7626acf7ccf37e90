//! Finding the Python interpreter, and remembering what it said about itself.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cache::{Cache, write_atomically};
use crate::digest::{Parts, short};
use crate::error::PrepareError;
use crate::machine::{Machine, is_executable};
use crate::prepared::Mount;
use crate::process;

/// The minor versions of Python 3 that the locks have wheels for.
const SUPPORTED: std::ops::RangeInclusive<u32> = 11..=14;
/// The names tried on `PATH`, in order.
const NAMES: [&str; 5] = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.14",
];
const REMEDY: &str = "apt-get install python3 python3-pip";
/// The longest that a Python may take to say what it is.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Marks the answer among lines that a wrapper or a `sitecustomize` may print.
const ANSWER: &str = "glovebox-interpreter: ";
/// Runs on any Python since 2.7, so that an old one can be named in the message.
const QUESTION: &str = r#"
import json, os, platform, sys
executable = getattr(sys, "_base_executable", None) or sys.executable
print("glovebox-interpreter: " + json.dumps({
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "major": sys.version_info[0],
    "minor": sys.version_info[1],
    "architecture": platform.machine() if sys.maxsize > 2**32 else platform.machine() + " (32 bit)",
    "cache_tag": getattr(getattr(sys, "implementation", None), "cache_tag", None) or "",
    "abi_flags": getattr(sys, "abiflags", ""),
    "executable": os.path.realpath(executable),
    "prefix": os.path.realpath(getattr(sys, "base_prefix", sys.prefix)),
}))
"#;

/// A Python interpreter that can run a locked environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Interpreter {
    implementation: String,
    /// `3.11.7`.
    version: String,
    major: u32,
    minor: u32,
    pub(crate) architecture: String,
    /// `cpython-311`: names byte code that it can load.
    pub(crate) cache_tag: String,
    /// `t` for a free-threaded build.
    pub(crate) abi_flags: String,
    /// The interpreter itself: behind symbolic links, virtual environments and version managers.
    pub(crate) executable: PathBuf,
    /// The folder that it and its standard library are installed in.
    prefix: PathBuf,
}

/// What is remembered of a program, and the states of its files for which that holds.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    program: PathBuf,
    program_stamp: Stamp,
    executable_stamp: Stamp,
    interpreter: Interpreter,
}

/// Changes whenever a file is replaced by another version of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok()?;
        Some(Self {
            size: data.size(),
            seconds: data.mtime(),
            nanoseconds: data.mtime_nsec(),
        })
    }
}

impl fmt::Display for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}{}",
            self.implementation, self.version, self.abi_flags
        )
    }
}

impl Interpreter {
    /// `$GLOVEBOX_PYTHON`, else the first on `PATH` that serves. Python is only started for a
    /// program that has not been asked before or has changed since.
    pub(crate) fn find(
        machine: &Machine,
        cache: &Cache,
        cancel: &AtomicBool,
    ) -> Result<Self, PrepareError> {
        if let Some(chosen) = machine.variable("GLOVEBOX_PYTHON") {
            let named = Path::new(chosen);
            let program = if named.is_absolute() {
                is_executable(named).then(|| named.to_path_buf())
            } else if named.components().count() == 1 {
                chosen.to_str().and_then(|name| machine.program(name))
            } else {
                let problem = format!("{} is not an absolute path", named.display());
                return Err(PrepareError::ChosenPython { problem });
            };
            let Some(program) = program else {
                let problem = format!("{} is not a program", named.display());
                return Err(PrepareError::ChosenPython { problem });
            };
            return Self::ask_once(&program, machine, cache, cancel)?
                .map_err(|problem| PrepareError::ChosenPython { problem });
        }
        let mut found = Vec::new();
        for program in NAMES.iter().filter_map(|name| machine.program(name)) {
            match Self::ask_once(&program, machine, cache, cancel)? {
                Ok(interpreter) => return Ok(interpreter),
                Err(problem) => found.push(problem),
            }
        }
        Err(PrepareError::NoPython {
            found,
            remedy: REMEDY.to_owned(),
        })
    }

    /// What `program` says, or what it said. The inner error says why it does not serve.
    fn ask_once(
        program: &Path,
        machine: &Machine,
        cache: &Cache,
        cancel: &AtomicBool,
    ) -> Result<Result<Self, String>, PrepareError> {
        let key = Parts::new("interpreter")
            .with(program.as_os_str().as_encoded_bytes())
            .hex();
        let memory = cache
            .entry("interpreters")
            .join(format!("{}.json", short(&key)));
        let interpreter = if let Some(interpreter) = recall(&memory, program) {
            interpreter
        } else {
            match Self::ask(program, machine, cache, cancel)? {
                Ok(interpreter) => {
                    // A cache that cannot be written costs a start of Python in each run.
                    let _ = remember(&memory, program, &interpreter, cache);
                    interpreter
                }
                Err(problem) => return Ok(Err(problem)),
            }
        };
        Ok(match interpreter.problem() {
            None => Ok(interpreter),
            Some(problem) => Err(format!("{} is {problem}", program.display())),
        })
    }

    fn ask(
        program: &Path,
        machine: &Machine,
        cache: &Cache,
        cancel: &AtomicBool,
    ) -> Result<Result<Self, String>, PrepareError> {
        // From the root if there is no cache yet: listing runtimes creates nothing.
        let folder = if cache.root().is_dir() {
            cache.root()
        } else {
            Path::new("/")
        };
        let mut command = process::command(machine, program, folder);
        command.args(["-E", "-c", QUESTION]);
        let mut answer = None;
        let outcome = process::run(command, Some(ANSWER_LIMIT), cancel, |line| {
            if let Some(text) = line.strip_prefix(ANSWER) {
                answer = serde_json::from_str::<Self>(text).ok();
            }
        });
        match outcome {
            Err(PrepareError::Io { path, source }) => Ok(Err(format!(
                "{} cannot be started: {source}",
                path.display()
            ))),
            Err(error) => Err(error),
            Ok(finished) => Ok(answer.filter(|_| finished.status.success()).ok_or_else(|| {
                let last = finished
                    .output
                    .lines()
                    .last()
                    .unwrap_or("it printed nothing")
                    .to_owned();
                format!(
                    "{} did not say which Python it is: {last}",
                    program.display()
                )
            })),
        }
    }

    fn problem(&self) -> Option<String> {
        let serves = self.implementation == "CPython"
            && self.major == 3
            && SUPPORTED.contains(&self.minor)
            && !self.architecture.contains(' ');
        (!serves).then(|| format!("{self} ({})", self.architecture))
    }

    /// `python3.11`: the folder of its packages below `lib/`.
    pub(crate) fn library(&self) -> String {
        format!("python{}.{}{}", self.major, self.minor, self.abi_flags)
    }

    /// What a sandbox needs to show beside `/usr` to start it.
    pub(crate) fn mounts(
        &self,
        machine: &Machine,
        cache: &Cache,
    ) -> Result<Vec<Mount>, PrepareError> {
        let home = machine.variable("HOME").map_or(Path::new("/"), Path::new);
        if self.prefix.starts_with("/usr") {
            return Ok(Vec::new());
        }
        let too_wide = self.prefix.components().count() < 3
            || home.starts_with(&self.prefix)
            || cache.root().starts_with(&self.prefix)
            || !self.executable.starts_with(&self.prefix);
        if too_wide {
            let (executable, prefix) = (self.executable.clone(), self.prefix.clone());
            return Err(PrepareError::PrefixTooWide { executable, prefix });
        }
        Ok(vec![Mount {
            host: self.prefix.clone(),
            guest: self.prefix.clone(),
        }])
    }

    /// The command that gives it `pip`.
    pub(crate) fn pip_remedy(&self) -> String {
        if self.executable.starts_with("/usr/bin") {
            String::from("apt-get install python3-pip")
        } else {
            format!("{} -m ensurepip", self.executable.display())
        }
    }
}

fn recall(memory: &Path, program: &Path) -> Option<Interpreter> {
    let remembered: Remembered = serde_json::from_slice(&fs::read(memory).ok()?).ok()?;
    (remembered.program == program
        && Stamp::of(program) == Some(remembered.program_stamp)
        && Stamp::of(&remembered.interpreter.executable) == Some(remembered.executable_stamp))
    .then_some(remembered.interpreter)
}

fn remember(memory: &Path, program: &Path, interpreter: &Interpreter, cache: &Cache) -> Option<()> {
    // Only in a cache that is there: asking is not installing.
    if !cache.root().is_dir() {
        return None;
    }
    cache.create("interpreters").ok()?;
    let remembered = Remembered {
        program: program.to_path_buf(),
        program_stamp: Stamp::of(program)?,
        executable_stamp: Stamp::of(&interpreter.executable)?,
        interpreter: interpreter.clone(),
    };
    let text = serde_json::to_vec_pretty(&remembered).ok()?;
    write_atomically(memory, &text).ok()
}

//! What to run, and with what in sight.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::{Limits, SandboxError};

/// Where the workspace folder stands inside, and the command's working directory.
pub const WORKSPACE: &str = "/workspace";
/// Where the launcher program (the `glovebox` executable) stands inside, read-only.
pub const GLOVEBOX_BIN: &str = "/run/glovebox/glovebox";

/// Whether the command may write to its workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceAccess {
    /// It may: the only writable place that outlives the command.
    ReadWrite,
    /// It may only read.
    ReadOnly,
}

/// A file or folder of the host shown inside, read-only.
///
/// A socket in a mounted folder can be connected to even so, because that is not a write: mount
/// only folders that hold files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// An absolute path on the host.
    pub source: PathBuf,
    /// An absolute path inside, outside `/usr`, `/proc`, `/dev` and the workspace.
    pub target: PathBuf,
}

impl Mount {
    /// Shows `path` inside where it is on the host, for things that hold their own path
    /// (a Python environment does).
    pub fn in_place(path: impl Into<PathBuf>) -> Self {
        let source = path.into();
        Self {
            target: source.clone(),
            source,
        }
    }
}

/// One command, and everything it will see.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The program: a path, or a name looked up on the `PATH` of `environment`.
    pub program: OsString,
    /// Its arguments, without the program.
    pub arguments: Vec<OsString>,
    /// Its whole environment: nothing is added.
    pub environment: BTreeMap<OsString, OsString>,
    /// The folder on the host that becomes [`WORKSPACE`].
    pub workspace: PathBuf,
    /// Whether the command may write there.
    pub access: WorkspaceAccess,
    /// What else it may read.
    pub mounts: Vec<Mount>,
    /// How much it may use.
    pub limits: Limits,
}

impl Spec {
    /// `program` without arguments in a writable `workspace`, with only `PATH`, `HOME` and
    /// `LANG` in its environment and the default limits.
    pub fn new(program: impl Into<OsString>, workspace: impl Into<PathBuf>) -> Self {
        let environment = [
            ("HOME", "/tmp"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ];
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: environment
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
            workspace: workspace.into(),
            access: WorkspaceAccess::ReadWrite,
            mounts: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Checks everything that can be checked without starting anything.
    pub(crate) fn validate(&self) -> Result<(), SandboxError> {
        self.limits.validate()?;
        let strings = std::iter::once(self.program.as_os_str())
            .chain(self.arguments.iter().map(OsString::as_os_str))
            .chain(
                self.environment
                    .iter()
                    .flat_map(|(k, v)| [k.as_os_str(), v.as_os_str()]),
            );
        for string in strings {
            refuse_nul(string)?;
        }
        if self.program.is_empty() {
            return Err(SandboxError::Invalid("the command is empty".into()));
        }
        for name in self.environment.keys() {
            if name.is_empty() || name.as_bytes().contains(&b'=') {
                return Err(SandboxError::Invalid(format!(
                    "{} is not a name for an environment variable",
                    name.display()
                )));
            }
        }
        source_exists(&self.workspace)?;
        if !self.workspace.is_dir() {
            return Err(SandboxError::Invalid(format!(
                "the workspace {} is not a folder",
                self.workspace.display()
            )));
        }
        for mount in &self.mounts {
            source_exists(&mount.source)?;
            target_is_free(&mount.target)?;
        }
        Ok(())
    }
}

fn refuse_nul(string: &OsStr) -> Result<(), SandboxError> {
    if string.as_bytes().contains(&0) {
        return Err(SandboxError::Invalid(format!(
            "{} holds a NUL byte, which no argument, path or variable can",
            string.display()
        )));
    }
    Ok(())
}

fn source_exists(path: &Path) -> Result<(), SandboxError> {
    refuse_nul(path.as_os_str())?;
    if !path.is_absolute() {
        return Err(SandboxError::Invalid(format!(
            "{} is not an absolute path",
            path.display()
        )));
    }
    match path.metadata() {
        Ok(_) => Ok(()),
        Err(source) => Err(SandboxError::Path {
            path: path.into(),
            source,
        }),
    }
}

/// Mounts may not hide or replace what the sandbox itself puts in place.
fn target_is_free(target: &Path) -> Result<(), SandboxError> {
    const TAKEN: [&str; 13] = [
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib32",
        "/lib64",
        "/libx32",
        "/proc",
        "/dev",
        "/sys",
        "/tmp",
        "/run/glovebox",
        WORKSPACE,
    ];
    refuse_nul(target.as_os_str())?;
    let plain = target
        .components()
        .all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
    // `/etc` and `/run` as a whole would cover files below them.
    let whole = ["/", "/etc", "/run"]
        .iter()
        .any(|top| target == Path::new(top));
    // `/tmp` itself is taken; a folder below it is where a test or a cache may well be.
    let taken = TAKEN.iter().any(|top| {
        if *top == "/tmp" {
            target == Path::new(top)
        } else {
            target.starts_with(top)
        }
    });
    if !target.is_absolute() || !plain || whole || taken {
        return Err(SandboxError::Invalid(format!(
            "nothing can be mounted at {} inside the sandbox",
            target.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_cannot_replace_what_the_sandbox_puts_in_place() {
        for free in [
            "/opt/env",
            "/etc/R",
            "/home/a/.cache/env",
            "/tmp/env",
            "/run/other",
            "/libfoo",
        ] {
            assert!(target_is_free(Path::new(free)).is_ok(), "{free}");
        }
        for taken in [
            "/",
            "",
            "relative",
            "/etc",
            "/usr",
            "/usr/lib/x",
            "/proc/self",
            "/dev/shm",
            "/tmp",
            "/workspace",
            "/workspace/data",
            "/run/glovebox",
            "/run/glovebox/glovebox",
            "/opt/../usr",
            "/sys/fs",
            "/opt/a\0b",
        ] {
            assert!(target_is_free(Path::new(taken)).is_err(), "{taken}");
        }
    }

    #[test]
    fn what_cannot_run_is_refused_before_anything_starts() {
        type Change = fn(&mut Spec);
        let cases: [(&str, Change); 10] = [
            ("no program", |s| s.program = OsString::new()),
            ("NUL in an argument", |s| s.arguments = vec!["a\0b".into()]),
            ("NUL in a value", |s| {
                drop(s.environment.insert("A".into(), "\0".into()));
            }),
            ("= in a name", |s| {
                drop(s.environment.insert("A=B".into(), "".into()));
            }),
            ("relative workspace", |s| s.workspace = "here".into()),
            ("missing workspace", |s| {
                s.workspace = "/nonexistent-workspace".into();
            }),
            ("workspace is a file", |s| {
                s.workspace = "/etc/passwd".into();
            }),
            ("no memory", |s| s.limits.memory = 1000),
            ("CPUs not a number", |s| s.limits.cpus = f64::NAN),
            ("no time", |s| s.limits.wall = std::time::Duration::ZERO),
        ];
        assert!(Spec::new("true", "/usr").validate().is_ok());
        for (name, change) in cases {
            let mut spec = Spec::new("true", "/usr");
            change(&mut spec);
            assert!(spec.validate().is_err(), "{name}");
        }
    }
}

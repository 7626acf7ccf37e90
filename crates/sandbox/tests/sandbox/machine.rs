//! What the tests share: a workspace, a way to run a shell or Python line in it, and the modes.

use std::path::{Path, PathBuf};

use glovebox_sandbox::{Cancel, Controls, Outcome, Sandbox, SandboxError, Spec};
use tempfile::TempDir;

/// Both means of enforcement. An ordinary user without control groups gets the same from both.
pub(crate) const BOTH: [Controls; 2] = [Controls::Best, Controls::NoCgroups];

/// Where the launcher program is: from the environment when this very binary was copied away.
pub(crate) fn launcher() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sandbox-launcher"))
}

/// A workspace to run commands in.
pub(crate) struct Bench {
    folder: TempDir,
    controls: Controls,
}

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Controls::Best)
    }

    pub(crate) fn with(controls: Controls) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            controls,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn sandbox(&self) -> Sandbox {
        Sandbox::new(launcher()).with_controls(self.controls)
    }

    /// A program and its arguments, to be changed before it is run.
    pub(crate) fn spec(&self, command: &[&str]) -> Spec {
        let mut spec = Spec::new(command[0], self.path());
        spec.arguments = command[1..].iter().map(Into::into).collect();
        spec
    }

    pub(crate) fn shell(&self, script: &str) -> Spec {
        self.spec(&["sh", "-c", script])
    }

    pub(crate) fn python(&self, script: &str) -> Spec {
        self.spec(&["/usr/bin/python3", "-c", script])
    }

    pub(crate) fn try_run(&self, spec: &Spec) -> Result<Ran, SandboxError> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let outcome = self
            .sandbox()
            .run(spec, &mut out, &mut err, &Cancel::new())?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Ran {
            outcome,
            stdout: text(out),
            stderr: text(err),
        })
    }

    pub(crate) fn run(&self, spec: &Spec) -> Ran {
        self.try_run(spec).unwrap()
    }

    /// What a shell script printed; it must succeed.
    pub(crate) fn answer(&self, script: &str) -> String {
        let ran = self.run(&self.shell(script));
        assert!(ran.outcome.ending.is_success(), "{script}: {ran:?}");
        ran.stdout
    }
}

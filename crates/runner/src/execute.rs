//! The command of a job, in its sandbox.

use std::io::{self, Write};
use std::path::Path;

use glovebox_runtimes::Prepared;
use glovebox_sandbox::{Ending, GLOVEBOX_BIN, Mount, Outcome, SandboxError, Spec, WorkspaceAccess};

use crate::failure::{Failure, FailureKind};
use crate::shared::Shared;

/// Where a command's two streams go.
pub(crate) struct Streams<'a> {
    pub(crate) stdout: &'a mut (dyn Write + Send),
    pub(crate) stderr: &'a mut (dyn Write + Send),
}

/// Runs words in a runtime, with `workspace` as the only writable place.
pub(crate) fn command(
    shared: &Shared<'_>,
    runtime: &Prepared,
    argv: &[String],
    workspace: &Path,
    Streams { stdout, stderr }: Streams<'_>,
) -> Result<Outcome, Failure> {
    let [program, arguments @ ..] = argv else {
        return Err(Failure::new(
            FailureKind::CouldNotStart,
            "the command is empty",
        ));
    };
    let mut spec = Spec::new(program, workspace);
    spec.arguments = arguments.iter().map(Into::into).collect();
    spec.access = WorkspaceAccess::ReadWrite;
    spec.limits = shared.limits.clone();
    spec.environment = runtime
        .env
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    spec.environment
        .insert("PATH".into(), runtime.path().into());
    spec.environment
        .insert("GLOVEBOX_BIN".into(), GLOVEBOX_BIN.into());
    // What studies ask to know whether they see dummy data; the reference's value for a local run.
    spec.environment
        .insert("OPENSAFELY_BACKEND".into(), "expectations".into());
    spec.mounts = runtime
        .mounts
        .iter()
        .map(|mount| Mount {
            source: mount.host.clone(),
            target: mount.guest.clone(),
        })
        .collect();
    shared
        .sandbox
        .run(&spec, stdout, stderr, shared.cancel)
        .map_err(|error| unable(&error))
}

/// The failure that an ending is, if it is one.
pub(crate) fn failure(ending: &Ending) -> Option<Failure> {
    let kind = match ending {
        Ending::Exited(0) => return None,
        Ending::Exited(code) => {
            return Some(Failure::new(
                FailureKind::NonzeroExit,
                format!("the command ended with exit code {code}"),
            ));
        }
        Ending::OutOfMemory { .. } => FailureKind::OutOfMemory,
        Ending::TimedOut { .. } => FailureKind::TimedOut,
        Ending::CpuTimeExceeded { .. } => FailureKind::CpuTime,
        Ending::DiskLimit { .. } | Ending::FileSizeLimit { .. } => FailureKind::DiskLimit,
        Ending::TooManyProcesses { .. } => FailureKind::TooManyProcesses,
        Ending::Cancelled => FailureKind::Cancelled,
        Ending::CouldNotStart { program, reason } => {
            // The program's name may be a path of the study, so it is no part of the reason.
            return Some(
                Failure::new(
                    FailureKind::CouldNotStart,
                    "the command could not be started",
                )
                .with([format!("{program}: {reason}")]),
            );
        }
        _ => FailureKind::Signalled,
    };
    let words = ending.in_words();
    let words = words.trim_end_matches('.');
    Some(Failure::new(
        kind,
        words.replacen("It was", "the command was", 1),
    ))
}

fn unable(error: &SandboxError) -> Failure {
    Failure::environment("the sandbox", error)
}

/// Keeps what is written, up to a limit; what comes after is dropped.
pub(crate) struct Bounded {
    pub(crate) bytes: Vec<u8>,
    most: usize,
}

impl Bounded {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            most,
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

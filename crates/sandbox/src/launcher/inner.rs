//! Inside: set the limits, start the command, say how it ended.
//!
//! This stage stays beside the command instead of becoming it, because bubblewrap hands on
//! `exit(137)` and a death by signal 9 as the same number, and because somebody inside has to
//! notice when the supervisor is gone. The command runs as the same user, so this process is made
//! untouchable first: not dumpable, which closes its memory and descriptors to the command. All a
//! hostile command can do to it is kill it, and so itself.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group,
    set_dumpable_behavior, setrlimit, umask,
};
use rustix::stdio;

use super::plan::{self, Report};
use super::{InnerPlan, LaunchError, inherited};

/// A request of the supervisor: ask the command to end itself.
pub(crate) const TERMINATE: u8 = b'T';

pub(super) fn run() -> Result<ExitCode, LaunchError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|errno| {
        LaunchError::system("closing the launcher to the command")(errno.into())
    })?;
    inherited::close_all().map_err(LaunchError::system("closing inherited files"))?;
    let plan: InnerPlan = plan::receive().map_err(LaunchError::Plan)?;
    limit(&plan).map_err(LaunchError::system("setting resource limits"))?;
    umask(Mode::from_raw_mode(0o022));

    // Before the command runs: it could kill us before we say so. Fails if nobody listens.
    plan::send(&Report::Started).map_err(|_| LaunchError::Orphaned)?;
    let spawned = Command::new(&plan.program)
        .args(&plan.arguments)
        .env_clear()
        .envs(plan.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let reason = reason(&error);
            plan::send(&Report::CouldNotStart { reason }).map_err(|_| LaunchError::Orphaned)?;
            return Ok(ExitCode::SUCCESS);
        }
    };

    let group = Pid::from_child(&child);
    thread::Builder::new()
        .stack_size(64 << 10)
        .spawn(move || obey(group))
        .map_err(LaunchError::system("watching the supervisor"))?;

    let status = child
        .wait()
        .map_err(LaunchError::system("waiting for the command"))?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|e| LaunchError::system("asking what the command used")(e.into()))?;
    let micros = |value: i64| Duration::from_micros(value.max(0).unsigned_abs());
    plan::send(&Report::Ended {
        code: status.code(),
        signal: status.signal(),
        cpu_user: micros(usage.user_time().num_microseconds()),
        cpu_system: micros(usage.system_time().num_microseconds()),
        peak_memory: usage.max_rss().max(0).unsigned_abs() * 1024,
    })
    .map_err(|_| LaunchError::Orphaned)?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for the supervisor's requests, or for its death.
#[expect(
    clippy::exit,
    reason = "the end of this process is the end of the sandbox"
)]
fn obey(group: Pid) {
    let mut request = [0];
    loop {
        match rustix::io::read(stdio::stdin(), &mut request) {
            Ok(1) if request == [TERMINATE] => {
                let _ = kill_process_group(group, Signal::TERM);
            }
            Ok(1..) | Err(Errno::INTR) => {}
            Ok(0) | Err(_) => {
                kill_all();
                std::process::exit(i32::from(super::FAILED))
            }
        }
    }
}

/// Kills everything in the namespace but its first process and this one. Usually the first
/// process dies with bubblewrap's monitor and takes all with it; but a monitor that was killed
/// while it set the sandbox up leaves a first process that waits for its last child.
fn kill_all() {
    // `kill(-1)`, spelt as the group of process 1. Each pass is one sweep under the kernel's lock;
    // more than one for what a process forked while it was being killed.
    for _ in 0..3 {
        let _ = kill_process_group(Pid::INIT, Signal::KILL);
    }
}

fn limit(plan: &InnerPlan) -> io::Result<()> {
    // A core dump would be a copy of the data in the workspace.
    set(Resource::Core, 0, 0)?;
    set(Resource::Nofile, plan.open_files, plan.open_files)?;
    set(Resource::Fsize, plan.file_size, plan.file_size)?;
    // For each process; the supervisor watches the sum. The signal comes a second after the
    // supervisor should have acted, and cannot be caught four seconds later.
    let seconds = plan.cpu_time.as_secs().saturating_add(1);
    set(Resource::Cpu, seconds + 1, seconds.saturating_add(5))?;
    if let Some(processes) = plan.processes {
        set(Resource::Nproc, processes, processes)?;
    }
    Ok(())
}

/// Limits can only be lowered: where the host's are lower already, they stay.
fn set(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit {
        current: Some(soft.min(ceiling)),
        maximum: Some(hard.min(ceiling)),
    };
    Ok(setrlimit(resource, limit)?)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such program in the sandbox".into(),
        io::ErrorKind::PermissionDenied => "it is not executable".into(),
        _ => error.to_string(),
    }
}

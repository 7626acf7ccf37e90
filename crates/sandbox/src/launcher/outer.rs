//! On the host: join the control groups, make the filter, become bubblewrap.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::{LaunchError, OuterPlan, SUBCOMMAND, inherited, plan};
use crate::seccomp;
use crate::spec::GLOVEBOX_BIN;

/// When the host itself runs out of memory, its jobs go before its services.
const OOM_SCORE: &str = "500";

pub(super) fn run() -> Result<Infallible, LaunchError> {
    inherited::close_all().map_err(LaunchError::system("closing inherited files"))?;
    let plan: OuterPlan = plan::receive().map_err(LaunchError::Plan)?;

    // From here on the supervisor's death is ours; had it died before, our parent is another.
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|errno| LaunchError::system("asking to die with glovebox")(errno.into()))?;
    if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(plan.parent) {
        return Err(LaunchError::Orphaned);
    }

    let own_id = std::process::id().to_string();
    for procs in &plan.cgroup_procs {
        fs::write(procs, &own_id)
            .map_err(LaunchError::system(format!("joining {}", procs.display())))?;
    }
    // Refused only where it is already higher.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE);
    if let Some(cpus) = &plan.cpus {
        let mut set = CpuSet::new();
        cpus.iter()
            .filter(|cpu| **cpu < CpuSet::MAX_CPU)
            .for_each(|cpu| set.set(*cpu));
        sched_setaffinity(None, &set)
            .map_err(|errno| LaunchError::system("choosing CPUs")(errno.into()))?;
    }

    // Everything by descriptor: no limit on length, and no argument of ours in a host's `ps`.
    let mut list = Vec::new();
    let mut open = Vec::new();
    for filter in seccomp::filters(plan.memory)? {
        list.extend(["--add-seccomp-fd".into(), pass(&filter, &mut open)?]);
    }
    for file in &plan.made_files {
        let descriptor = pass(file.contents.as_bytes(), &mut open)?;
        list.extend(["--perms".into(), "0444".into()]);
        list.extend([
            "--file".into(),
            descriptor,
            file.target.clone().into_os_string(),
        ]);
    }
    list.extend(plan.arguments);
    let mut bytes = Vec::new();
    for word in &list {
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(0);
    }
    let arguments = pass(&bytes, &mut open)?;

    let failure = Command::new(&plan.bwrap)
        .arg("--args")
        .arg(arguments)
        .args(["--", GLOVEBOX_BIN, SUBCOMMAND, "inner"])
        .env_clear()
        .exec();
    Err(LaunchError::system(format!(
        "starting {}",
        plan.bwrap.display()
    ))(failure))
}

/// Puts `contents` in memory under a descriptor that bubblewrap inherits; gives its number.
fn pass(contents: &[u8], open: &mut Vec<OwnedFd>) -> Result<OsString, LaunchError> {
    let made = || -> std::io::Result<OwnedFd> {
        let mut file = File::from(memfd_create("glovebox", MemfdFlags::empty())?);
        file.write_all(contents)?;
        file.rewind()?;
        Ok(file.into())
    };
    let descriptor = made().map_err(LaunchError::system("passing the sandbox's set-up on"))?;
    let number = descriptor.as_raw_fd().to_string().into();
    open.push(descriptor);
    Ok(number)
}

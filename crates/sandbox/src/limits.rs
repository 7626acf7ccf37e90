//! How much one command may use.

use std::time::Duration;

use crate::SandboxError;

const GIB: u64 = 1 << 30;

/// How much one command may use. Every limit holds for the command and all its descendants
/// together, but for `open_files` and `file_size`, which hold for each process and each file.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// CPUs kept busy at once (2, as in OpenSAFELY's job-runner). May be fractional with cgroups;
    /// without them it is rounded up to whole CPUs.
    pub cpus: f64,
    /// Bytes of memory, with what is held in `/tmp` and `/dev/shm` (4 GiB, as in OpenSAFELY's
    /// job-runner). Swap does not extend it.
    pub memory: u64,
    /// Processes and threads at once (512).
    pub processes: u64,
    /// Open files of one process (1024).
    pub open_files: u64,
    /// Bytes on disk that the workspace may grow by (20 GiB), with files that were deleted and are
    /// still open or mapped. Less where the disk has less to give: of the most that was free for
    /// ordinary users while the command ran, 5 % of the file system's size is left, 1 GiB at most,
    /// and never more than half, so that a small command still runs on a disk that is nearly full.
    /// Which sandboxes end when it is not: see [`Ending::DiskLimit`](crate::Ending::DiskLimit).
    pub disk: u64,
    /// Bytes of the longest file, holes counted (8 GiB).
    pub file_size: u64,
    /// Bytes in each of `/tmp` and `/dev/shm`, which live in memory (2 GiB).
    pub scratch: u64,
    /// Time from start to end (24 h).
    pub wall: Duration,
    /// CPU time, user and system, over all processes (48 h: both CPUs busy to the end).
    pub cpu_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_hours(1);
        Self {
            cpus: 2.0,
            memory: 4 * GIB,
            processes: 512,
            open_files: 1024,
            disk: 20 * GIB,
            file_size: 8 * GIB,
            scratch: 2 * GIB,
            wall: 24 * HOUR,
            cpu_time: 48 * HOUR,
        }
    }
}

impl Limits {
    /// Below this a launcher and a shell do not even start.
    const LEAST_MEMORY: u64 = 16 << 20;

    /// Refuses limits under which nothing could run, rather than letting a command die of them
    /// with a message about something else.
    pub(crate) fn validate(&self) -> Result<(), SandboxError> {
        let wrong = if !self.cpus.is_finite() || self.cpus < 0.01 {
            Some("cpus must be 0.01 or more")
        } else if self.memory < Self::LEAST_MEMORY {
            Some("memory must be 16 MiB or more")
        } else if self.processes == 0 {
            Some("processes must be 1 or more")
        } else if self.open_files < 16 {
            Some("open files must be 16 or more")
        } else if self.wall.is_zero() || self.cpu_time.is_zero() {
            Some("times must be longer than zero")
        } else {
            None
        };
        match wrong {
            Some(reason) => Err(SandboxError::Invalid(format!("the limit on {reason}"))),
            None => Ok(()),
        }
    }

    /// `cpus` as a number of whole CPUs, at least one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "validated: finite and positive"
    )]
    pub(crate) fn whole_cpus(&self) -> usize {
        (self.cpus.ceil() as usize).max(1)
    }
}

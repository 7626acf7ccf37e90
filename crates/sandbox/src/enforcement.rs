//! What holds a command to its limits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which means of enforcement a [`Sandbox`](crate::Sandbox) may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Controls {
    /// Control groups where this process may create them, for each kind of limit on its own.
    #[default]
    Best,
    /// Never control groups: resource limits and a watchdog. For tests, and for systems whose
    /// control groups belong to someone else.
    NoCgroups,
}

/// What holds memory to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemoryBy {
    /// The kernel, exactly.
    Cgroup,
    /// A watchdog that measures every 50 ms (10 ms near the limit): a short excess is possible.
    /// It sees what is in processes and in files under `/tmp` and `/dev/shm`; calls that make
    /// memory elsewhere (`memfd_create`, System V shared memory and messages) are refused.
    Watchdog,
}

/// What holds the number of processes to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessesBy {
    /// The kernel, exactly.
    Cgroup,
    /// The kernel, exactly, by `RLIMIT_NPROC` in the sandbox's own user namespace.
    Rlimit,
    /// A watchdog that counts every 20 ms. It catches a program that starts too much; **it is no
    /// wall against a deliberate fork bomb**, which can outgrow it and starve the machine. This is
    /// what is left for the host's root without control groups (`RLIMIT_NPROC` does not bind that
    /// user) and before Linux 5.14 (it counted the user's processes outside too). Do not run
    /// untrusted code so: run as an ordinary user, or where the `pids` controller is writable.
    Watchdog,
}

/// What holds the CPUs in use to their limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuBy {
    /// The kernel, exactly.
    Cgroup,
    /// The command starts on that many CPUs. It could ask for others again: this keeps honest
    /// programs from crowding each other, and is no wall.
    Affinity,
}

/// What holds a command to its limits. Disk use is always measured by a watchdog; wall time by
/// the supervisor; open files and the length of files by resource limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enforcement {
    /// Memory.
    pub memory: MemoryBy,
    /// Processes and threads.
    pub processes: ProcessesBy,
    /// CPUs in use at once.
    pub cpu: CpuBy,
}

impl Enforcement {
    /// Whether the processes have to be measured from outside.
    pub(crate) fn needs_watchdog(self) -> bool {
        self.memory == MemoryBy::Watchdog
            || self.processes != ProcessesBy::Cgroup
            || self.cpu != CpuBy::Cgroup
    }

    /// One line for a person.
    pub fn in_words(self) -> String {
        format!(
            "memory by {}, processes by {}, CPUs by {}, disk by watchdog",
            self.memory, self.processes, self.cpu
        )
    }
}

impl fmt::Display for MemoryBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cgroup => "cgroup",
            Self::Watchdog => "watchdog",
        })
    }
}

impl fmt::Display for ProcessesBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cgroup => "cgroup",
            Self::Rlimit => "rlimit",
            Self::Watchdog => "watchdog only (a fork bomb can outrun it)",
        })
    }
}

impl fmt::Display for CpuBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cgroup => "cgroup",
            Self::Affinity => "affinity",
        })
    }
}

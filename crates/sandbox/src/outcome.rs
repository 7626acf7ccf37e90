//! How a command ended, and what it used.

use std::time::Duration;

use crate::Enforcement;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// By itself, with this code (0 is success).
    Exited(u8),
    /// It, or one of its processes, was killed for using more memory than allowed.
    OutOfMemory {
        /// Bytes allowed.
        limit: u64,
    },
    /// It was still running when its time was up.
    TimedOut {
        /// Time allowed.
        limit: Duration,
    },
    /// It used more CPU time than allowed.
    CpuTimeExceeded {
        /// CPU time allowed.
        limit: Duration,
    },
    /// Its workspace grew by more than allowed, or while it ran the disk got so full that what is
    /// to be left free was touched.
    ///
    /// Then sandboxes end that are seen to have written half or more of what has gone while they
    /// ran; when half of the reserve is gone too, every sandbox with a writable workspace on
    /// that disk, since there are ways to take space that show nowhere. So one that did nothing
    /// can end for another's writing or for the host's, though never because a disk was full before
    /// it started.
    DiskLimit {
        /// Bytes allowed: those of [`Limits::disk`](crate::Limits::disk), or what the disk had to
        /// give to the sandbox.
        limit: u64,
    },
    /// It was killed for writing a file longer than allowed.
    FileSizeLimit {
        /// Bytes allowed.
        limit: u64,
    },
    /// It had more processes than allowed, or was stuck for want of more.
    TooManyProcesses {
        /// Processes and threads allowed.
        limit: u64,
    },
    /// The caller cancelled it.
    Cancelled,
    /// A signal that was none of ours killed it.
    Signalled {
        /// The signal's number.
        signal: i32,
    },
    /// The program is not there, or cannot be executed.
    CouldNotStart {
        /// The program as asked for.
        program: String,
        /// What the system said.
        reason: String,
    },
}

impl Ending {
    /// Whether the command did what it was asked to.
    pub fn is_success(&self) -> bool {
        *self == Self::Exited(0)
    }

    /// One sentence for a person.
    pub fn in_words(&self) -> String {
        match self {
            Self::Exited(0) => "It succeeded.".into(),
            Self::Exited(code) => format!("It exited with code {code}."),
            Self::OutOfMemory { limit } => format!(
                "It was killed because it used more than its {} of memory.",
                bytes_in_words(*limit)
            ),
            Self::TimedOut { limit } => format!(
                "It was killed because it ran for longer than its {}.",
                time_in_words(*limit)
            ),
            Self::CpuTimeExceeded { limit } => format!(
                "It was killed because it used more than its {} of CPU time.",
                time_in_words(*limit)
            ),
            Self::DiskLimit { limit } => format!(
                "It was killed because it wrote more than its {} to disk.",
                bytes_in_words(*limit)
            ),
            Self::FileSizeLimit { limit } => format!(
                "It was killed because it wrote a file longer than {}.",
                bytes_in_words(*limit)
            ),
            Self::TooManyProcesses { limit } => format!(
                "It was killed because it started more than its {limit} processes and threads."
            ),
            Self::Cancelled => "It was cancelled.".into(),
            Self::Signalled { signal } => match signal_name(*signal) {
                Some(name) => format!("It was killed by the signal {name} ({signal})."),
                None => format!("It was killed by the signal {signal}."),
            },
            Self::CouldNotStart { program, reason } => {
                format!("It could not be started: {program}: {reason}.")
            }
        }
    }
}

/// What a command used, over all its processes.
///
/// With cgroups the times are exact. Without, they come from a watchdog's samples and from what
/// the kernel reports of processes that were waited for; both are lower bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// CPU time in user code.
    pub cpu_user: Duration,
    /// CPU time in the kernel.
    pub cpu_system: Duration,
    /// The most memory seen at once, in bytes, without file cache that could be dropped. Taken
    /// from samples and from the largest single process, so a short peak over several processes
    /// can be missed.
    pub peak_memory: u64,
    /// The memory on average, in bytes, out of samples; nothing for a command that ended before there
    /// were any.
    pub mean_memory: Option<u64>,
    /// The most processors kept busy over half a second, out of samples: less than the average for a
    /// command that was too short for one.
    pub peak_cpus: f64,
    /// Bytes on disk that the workspace grew by.
    pub disk: u64,
    /// How often a new process or thread was refused, where the kernel counts that (cgroups).
    pub refused_processes: u64,
}

/// How a command ended, what it used, and what held it to its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
    /// What held it to its limits.
    pub enforcement: Enforcement,
}

fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
    ];
    for (size, unit) in UNITS {
        if bytes >= size {
            let value = bytes as f64 / size as f64;
            let text = format!("{value:.1}");
            return format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text));
        }
    }
    format!("{bytes} bytes")
}

fn time_in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => format!("{} ms", time.as_millis()),
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, 0) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGSYS => "SIGSYS",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_read_as_sentences() {
        let hours = |h: u64, m: u64| Duration::from_secs(h * 3600 + m * 60);
        let cases = [
            (Ending::Exited(0), "It succeeded."),
            (Ending::Exited(3), "It exited with code 3."),
            (
                Ending::OutOfMemory { limit: 4 << 30 },
                "It was killed because it used more than its 4 GiB of memory.",
            ),
            (
                Ending::OutOfMemory {
                    limit: 1_600_000_000,
                },
                "It was killed because it used more than its 1.5 GiB of memory.",
            ),
            (
                Ending::TimedOut {
                    limit: hours(24, 0),
                },
                "It was killed because it ran for longer than its 24 h.",
            ),
            (
                Ending::TimedOut {
                    limit: Duration::from_millis(300),
                },
                "It was killed because it ran for longer than its 300 ms.",
            ),
            (
                Ending::CpuTimeExceeded {
                    limit: Duration::from_secs(90),
                },
                "It was killed because it used more than its 1 min 30 s of CPU time.",
            ),
            (
                Ending::Signalled { signal: 9 },
                "It was killed by the signal SIGKILL (9).",
            ),
            (
                Ending::Signalled { signal: 40 },
                "It was killed by the signal 40.",
            ),
            (
                Ending::CouldNotStart {
                    program: "stata".into(),
                    reason: "not found".into(),
                },
                "It could not be started: stata: not found.",
            ),
        ];
        for (ending, words) in cases {
            assert_eq!(ending.in_words(), words);
        }
    }
}

//! From what was seen of a command to how it ended.

use std::process::ExitStatus;

use crate::launcher::Report;
use crate::{Ending, Limits};

/// What was seen of a command from its start to its end.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Why we killed it, if we did.
    pub(crate) verdict: Option<Ending>,
    /// The stage inside said that all was set up and the command about to run.
    pub(crate) started: bool,
    /// What the stage inside said last: that it could not start, or how it ended.
    pub(crate) last: Option<Report>,
    /// Processes that the kernel killed for memory.
    pub(crate) oom_kills: u64,
    /// The workspace ended up too large.
    pub(crate) over_disk: bool,
    /// How bubblewrap ended.
    pub(crate) status: Option<ExitStatus>,
}

/// How the command ended, or nothing if it was never started.
///
/// Our own reason for killing comes first, then the kernel's, then what the command did. A job
/// that lost a process to its memory limit is out of memory even if it then exited well: whatever
/// that process was to do is missing from the results.
pub(crate) fn ending(seen: &Seen, program: &str, limits: &Limits) -> Option<Ending> {
    if let Some(verdict) = &seen.verdict {
        return Some(verdict.clone());
    }
    if seen.oom_kills > 0 {
        return Some(Ending::OutOfMemory {
            limit: limits.memory,
        });
    }
    let own = match &seen.last {
        Some(Report::CouldNotStart { reason }) => {
            return Some(Ending::CouldNotStart {
                program: program.into(),
                reason: reason.clone(),
            });
        }
        Some(Report::Ended {
            signal: Some(signal),
            ..
        }) => signalled(*signal, limits),
        Some(Report::Ended {
            code: Some(code), ..
        }) => Ending::Exited(u8::try_from(*code).unwrap_or(u8::MAX)),
        _ if seen.started => unreported(seen.status),
        _ => return None,
    };
    if seen.over_disk {
        return Some(Ending::DiskLimit { limit: limits.disk });
    }
    Some(own)
}

fn signalled(signal: i32, limits: &Limits) -> Ending {
    match signal {
        libc::SIGXCPU => Ending::CpuTimeExceeded {
            limit: limits.cpu_time,
        },
        libc::SIGXFSZ => Ending::FileSizeLimit {
            limit: limits.file_size,
        },
        _ => Ending::Signalled { signal },
    }
}

/// The stage inside was killed before it could say anything, by the command or by the host.
fn unreported(status: Option<ExitStatus>) -> Ending {
    // bubblewrap adds 128 to the signal of what it ran; its own death is most likely a SIGKILL.
    let signal = status
        .and_then(|status| status.code())
        .map_or(libc::SIGKILL, |code| code - 128);
    Ending::Signalled {
        signal: if signal > 0 { signal } else { libc::SIGKILL },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::time::Duration;

    use super::*;

    fn ended(code: Option<i32>, signal: Option<i32>) -> Report {
        Report::Ended {
            code,
            signal,
            cpu_user: Duration::ZERO,
            cpu_system: Duration::ZERO,
            peak_memory: 0,
        }
    }

    #[test]
    fn endings_are_told_apart() {
        let limits = Limits::default();
        let oom = Ending::OutOfMemory {
            limit: limits.memory,
        };
        let seen = |started, last| Seen {
            started,
            last,
            ..Seen::default()
        };
        let gone = |code: i32| Seen {
            status: Some(ExitStatus::from_raw(code << 8)),
            ..seen(true, None)
        };
        let cases = [
            (
                "exit 0",
                seen(true, Some(ended(Some(0), None))),
                Some(Ending::Exited(0)),
            ),
            (
                "exit 137",
                seen(true, Some(ended(Some(137), None))),
                Some(Ending::Exited(137)),
            ),
            (
                "signal 9",
                seen(true, Some(ended(None, Some(9)))),
                Some(Ending::Signalled { signal: 9 }),
            ),
            (
                "signal 9 by the kernel for memory",
                Seen {
                    oom_kills: 1,
                    ..seen(true, Some(ended(None, Some(9))))
                },
                Some(oom.clone()),
            ),
            (
                "exit 0 after a worker was killed for memory",
                Seen {
                    oom_kills: 1,
                    ..seen(true, Some(ended(Some(0), None)))
                },
                Some(oom),
            ),
            (
                "exit 0 on our request",
                Seen {
                    verdict: Some(Ending::Cancelled),
                    ..seen(true, Some(ended(Some(0), None)))
                },
                Some(Ending::Cancelled),
            ),
            (
                "a full disk noticed at the end",
                Seen {
                    over_disk: true,
                    ..seen(true, Some(ended(Some(0), None)))
                },
                Some(Ending::DiskLimit { limit: limits.disk }),
            ),
            (
                "file too long",
                seen(true, Some(ended(None, Some(libc::SIGXFSZ)))),
                Some(Ending::FileSizeLimit {
                    limit: limits.file_size,
                }),
            ),
            (
                "too much CPU time in one process",
                seen(true, Some(ended(None, Some(libc::SIGXCPU)))),
                Some(Ending::CpuTimeExceeded {
                    limit: limits.cpu_time,
                }),
            ),
            (
                "inner killed",
                gone(128 + 15),
                Some(Ending::Signalled { signal: 15 }),
            ),
            ("inner gone", gone(1), Some(Ending::Signalled { signal: 9 })),
            (
                "no such program",
                seen(
                    false,
                    Some(Report::CouldNotStart {
                        reason: "no".into(),
                    }),
                ),
                Some(Ending::CouldNotStart {
                    program: "p".into(),
                    reason: "no".into(),
                }),
            ),
            (
                "no such program, after all was set up",
                seen(
                    true,
                    Some(Report::CouldNotStart {
                        reason: "no".into(),
                    }),
                ),
                Some(Ending::CouldNotStart {
                    program: "p".into(),
                    reason: "no".into(),
                }),
            ),
            ("never started", seen(false, None), None),
        ];
        for (name, seen, expected) in cases {
            assert_eq!(ending(&seen, "p", &limits), expected, "{name}");
        }
    }
}

//! Watching one sandbox from its start to its end.

use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::cgroup::{Groups, OWN_TASKS_OUTSIDE, Reading};
use crate::decide::Seen;
use crate::disk;
use crate::enforcement::{Enforcement, MemoryBy, ProcessesBy};
use crate::launcher::{Report, ReportReader, TERMINATE};
use crate::processes::{Tree, children};
use crate::{Cancel, Ending, Limits, Usage};

/// How often the command is measured, and the caller's wish to cancel looked at.
const TICK: Duration = Duration::from_millis(50);
/// How often when it has more than half its memory and no kernel guards the limit.
const NEAR: Duration = Duration::from_millis(10);
/// How often when nothing but us stops a fork bomb.
const COUNTING: Duration = Duration::from_millis(20);
/// Measuring may take this part of the time at most: one in …
const SHARE: u32 = 10;
/// What a command that was asked to end is given to do so.
const GRACE: Duration = Duration::from_millis(500);
/// A command that has had all its processes for this long, and wants more, gets nowhere.
const STUCK: Duration = Duration::from_secs(5);
/// How often the workspace is measured.
const DISK_TICK: Duration = Duration::from_millis(250);

/// The watch over one sandbox.
pub(crate) struct Supervisor<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) enforcement: Enforcement,
    pub(crate) groups: &'a Groups,
    pub(crate) cancel: &'a Cancel,
    pub(crate) disk: &'a DiskWatch<'a>,
}

/// What a watch keeps from one look to the next.
struct Watch {
    seen: Seen,
    usage: Usage,
    start: Instant,
    /// Since when the command has had all its processes.
    full_since: Option<Instant>,
    /// When to kill what was asked to end, or was killed and is still there.
    kill_at: Option<Instant>,
    next: Instant,
}

impl Supervisor<'_> {
    /// Watches until every process of the sandbox is gone. The other end of `socket` is held by
    /// the launcher's stages and by bubblewrap, so its end is theirs.
    pub(crate) fn watch(
        &self,
        child: &mut Child,
        mut socket: &UnixStream,
        start: Instant,
    ) -> io::Result<(Seen, Usage)> {
        let mut reports = ReportReader::default();
        let mut watch = Watch {
            seen: Seen::default(),
            usage: Usage::default(),
            start,
            full_since: None,
            kill_at: None,
            next: start + COUNTING,
        };
        loop {
            let wait = watch.kill_at.map_or(watch.next, |at| at.min(watch.next));
            if is_readable(socket, wait.saturating_duration_since(Instant::now()))? {
                let mut buffer = [0; 4096];
                match socket.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        for report in reports.push(&buffer[..read]) {
                            watch.seen.take(report);
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Closed with something unread in it, which is closed all the same.
                    Err(_) => break,
                }
                continue;
            }
            let now = Instant::now();
            if watch.kill_at.is_some_and(|at| at <= now) {
                kill(child);
                // Again until all are gone: the first may have met bubblewrap half set up.
                watch.kill_at = Some(now + 2 * TICK);
            }
            if watch.next <= now {
                if watch.seen.verdict.is_none()
                    && let Some((verdict, manner)) = self.judge(child, &mut watch)
                {
                    watch.seen.verdict = Some(verdict);
                    watch.kill_at = Some(match manner {
                        Manner::AtOnce => now,
                        Manner::Gently => {
                            // If it cannot be asked, it is not there to be asked.
                            let _ = socket.write_all(&[TERMINATE]);
                            now + GRACE
                        }
                    });
                }
                let now_done = Instant::now();
                let pause = self.pause(&watch).max(now_done.duration_since(now) * SHARE);
                watch.next = now_done + pause;
            }
        }
        watch.seen.status = Some(child.wait()?);
        self.last_look(&mut watch);
        Ok((watch.seen, watch.usage))
    }

    fn pause(&self, watch: &Watch) -> Duration {
        let near = watch.usage.peak_memory > self.limits.memory / 2;
        if near && self.enforcement.memory == MemoryBy::Watchdog {
            NEAR
        } else if self.enforcement.processes == ProcessesBy::Watchdog {
            COUNTING
        } else {
            TICK
        }
    }

    /// Whether the command has to be stopped now.
    fn judge(&self, child: &Child, watch: &mut Watch) -> Option<(Ending, Manner)> {
        let limits = self.limits;
        if self.cancel.is_cancelled() {
            return Some((Ending::Cancelled, Manner::Gently));
        }
        let measured = self.measure(child, watch);
        if watch.seen.oom_kills > 0 || measured.over_memory {
            return Some((
                Ending::OutOfMemory {
                    limit: limits.memory,
                },
                Manner::AtOnce,
            ));
        }
        if measured.over_processes {
            return Some((
                Ending::TooManyProcesses {
                    limit: limits.processes,
                },
                Manner::AtOnce,
            ));
        }
        if self.disk.growth() > limits.disk {
            return Some((Ending::DiskLimit { limit: limits.disk }, Manner::AtOnce));
        }
        if watch.usage.cpu_user + watch.usage.cpu_system > limits.cpu_time {
            return Some((
                Ending::CpuTimeExceeded {
                    limit: limits.cpu_time,
                },
                Manner::Gently,
            ));
        }
        if watch.start.elapsed() > limits.wall {
            return Some((Ending::TimedOut { limit: limits.wall }, Manner::Gently));
        }
        None
    }

    fn measure(&self, child: &Child, watch: &mut Watch) -> Measured {
        let reading = self.take_reading(watch);
        let mut measured = Measured::default();
        let mut tasks = None;
        if self.enforcement.processes == ProcessesBy::Cgroup {
            tasks = reading.tasks.filter(|_| watch.usage.refused_processes > 0);
        }
        if self.enforcement.needs_watchdog() {
            let tree = Tree::measure(
                id_of(child),
                self.limits.processes.saturating_add(OWN_TASKS_OUTSIDE),
            );
            watch.usage.add_cpu(tree.cpu_user, tree.cpu_system);
            if self.enforcement.memory == MemoryBy::Watchdog {
                let scratch = if watch.seen.started {
                    tree.scratch()
                } else {
                    0
                };
                let mut memory = tree.resident + scratch;
                // Shared pages count once for each process in this sum. Only when that matters is
                // it worth asking for the exact one.
                if memory > self.limits.memory {
                    memory = tree.proportional() + scratch;
                }
                watch.usage.peak_memory = watch.usage.peak_memory.max(memory);
                measured.over_memory = memory > self.limits.memory;
            }
            if self.enforcement.processes != ProcessesBy::Cgroup {
                tasks = Some(tree.tasks);
            }
        }
        let own = tasks.unwrap_or(0).saturating_sub(OWN_TASKS_OUTSIDE);
        measured.over_processes = match self.enforcement.processes {
            ProcessesBy::Watchdog => own > self.limits.processes,
            ProcessesBy::Cgroup | ProcessesBy::Rlimit if own >= self.limits.processes => {
                watch.full_since.get_or_insert_with(Instant::now).elapsed() > STUCK
            }
            ProcessesBy::Cgroup | ProcessesBy::Rlimit => {
                watch.full_since = None;
                false
            }
        };
        measured
    }

    fn take_reading(&self, watch: &mut Watch) -> Reading {
        let reading = self.groups.read();
        let usage = &mut watch.usage;
        usage.peak_memory = usage.peak_memory.max(reading.memory.unwrap_or(0));
        usage.refused_processes = reading.refused.unwrap_or(0);
        usage.add_cpu(
            reading.cpu_user.unwrap_or_default(),
            reading.cpu_system.unwrap_or_default(),
        );
        watch.seen.oom_kills = reading.oom_kills.unwrap_or(0);
        reading
    }

    /// What only shows when all is over: counters, and the workspace's last growth.
    fn last_look(&self, watch: &mut Watch) {
        watch.usage.wall = watch.start.elapsed();
        let sampled_peak = watch.usage.peak_memory;
        self.take_reading(watch);
        // By now the group holds nothing but cache.
        watch.usage.peak_memory = sampled_peak;
        if let Some(Report::Ended {
            cpu_user,
            cpu_system,
            peak_memory,
            ..
        }) = watch.seen.last
        {
            watch.usage.peak_memory = watch.usage.peak_memory.max(peak_memory);
            watch.usage.add_cpu(cpu_user, cpu_system);
        }
        watch.usage.disk = self.disk.final_growth();
        watch.seen.over_disk = watch.usage.disk > self.limits.disk;
    }
}

#[derive(Default)]
struct Measured {
    over_memory: bool,
    over_processes: bool,
}

/// How a command is stopped.
enum Manner {
    /// It is killed: it may be doing harm.
    AtOnce,
    /// It is asked to end, and killed a little later.
    Gently,
}

impl Seen {
    fn take(&mut self, report: Report) {
        match report {
            Report::Started => self.started = true,
            last => self.last = Some(last),
        }
    }
}

impl Usage {
    /// Sources see more or less of what has been used; none sees too much.
    fn add_cpu(&mut self, user: Duration, system: Duration) {
        self.cpu_user = self.cpu_user.max(user);
        self.cpu_system = self.cpu_system.max(system);
    }
}

/// Kills bubblewrap's monitor and the first process of the namespace, with which all others go.
pub(crate) fn kill(child: &mut Child) {
    for first in children(id_of(child)).into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process(first, Signal::KILL);
    }
    let _ = child.kill();
}

pub(crate) fn id_of(child: &Child) -> i32 {
    i32::try_from(child.id()).unwrap_or(i32::MAX)
}

fn is_readable(socket: &UnixStream, wait: Duration) -> io::Result<bool> {
    let timeout = Timespec {
        tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: wait.subsec_nanos().into(),
    };
    let mut polled = [PollFd::new(socket, PollFlags::IN)];
    match poll(&mut polled, Some(&timeout)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// The growth of a workspace, measured on a thread of its own because a walk over many files
/// takes long.
pub(crate) struct DiskWatch<'a> {
    workspace: &'a Path,
    device: u64,
    before: u64,
    limit: u64,
    /// How many tasks to look into at most.
    most_tasks: u64,
    growth: AtomicU64,
}

impl<'a> DiskWatch<'a> {
    /// Takes the size that `workspace` has now.
    pub(crate) fn new(workspace: &'a Path, limits: &Limits) -> io::Result<Self> {
        let before = disk::allocated(workspace, u64::MAX)?;
        let device = workspace.metadata()?.dev();
        Ok(Self {
            workspace,
            device,
            before,
            limit: limits.disk,
            most_tasks: limits.processes.saturating_add(OWN_TASKS_OUTSIDE),
            growth: AtomicU64::new(0),
        })
    }

    /// Whether the workspace holds folders that cannot be measured.
    pub(crate) fn is_unmeasurable(&self) -> bool {
        self.before == u64::MAX
    }

    fn growth(&self) -> u64 {
        self.growth.load(Ordering::Relaxed)
    }

    /// Measures until the other end of `stop` is dropped. `root` is bubblewrap's monitor, whose
    /// descendants may hold files without a name.
    pub(crate) fn run(&self, root: i32, stop: &Receiver<()>) {
        let mut pause = DISK_TICK;
        while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let start = Instant::now();
            let nameless = disk::nameless(&Tree::measure(root, self.most_tasks).ids, self.device);
            self.growth
                .store(self.measure().saturating_add(nameless), Ordering::Relaxed);
            pause = DISK_TICK.max(start.elapsed() * SHARE);
        }
    }

    /// The growth that stays when all processes are gone.
    fn final_growth(&self) -> u64 {
        self.measure()
    }

    fn measure(&self) -> u64 {
        let enough = self.before.saturating_add(self.limit);
        // A workspace that is gone has not grown.
        disk::allocated(self.workspace, enough).map_or(0, |now| now.saturating_sub(self.before))
    }
}

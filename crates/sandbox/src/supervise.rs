//! Watching one sandbox from its start to its end.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::cgroup::Groups;
use crate::decide::Seen;
use crate::disk_watch::DiskWatch;
use crate::enforcement::Enforcement;
use crate::launcher::{Report, ReportReader, TERMINATE};
use crate::process_watch::{ProcessWatch, Sample};
use crate::processes::children;
use crate::watch::{Line, Manner, Verdict};
use crate::{Cancel, Ending, Limits, Usage};

/// How often the caller's wish to cancel, the time, and what the watches say are looked at. None
/// of that takes any time, and what a watch has found does harm while it waits.
const TICK: Duration = Duration::from_millis(10);
/// What a command that was asked to end is given to do so.
const GRACE: Duration = Duration::from_millis(500);
/// How long after a kill what is still there is killed again.
const AGAIN: Duration = Duration::from_millis(100);

/// The supervisor of one sandbox.
pub(crate) struct Supervisor<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) enforcement: Enforcement,
    pub(crate) groups: &'a Groups,
    pub(crate) cancel: &'a Cancel,
    pub(crate) disk: &'a DiskWatch<'a>,
}

impl Supervisor<'_> {
    /// Watches until every process of the sandbox is gone. The other end of `socket` is held by
    /// the launcher's stages and by bubblewrap, so its end is theirs. On an error nothing is left
    /// running.
    pub(crate) fn watch(
        &self,
        child: &mut Child,
        socket: &UnixStream,
        start: Instant,
    ) -> io::Result<(Seen, Usage)> {
        let root = id_of(child);
        let started = AtomicBool::new(false);
        let processes = ProcessWatch {
            limits: self.limits,
            enforcement: self.enforcement,
            groups: self.groups,
            root,
            started: &started,
        };
        let (followed, sampled, wall) = thread::scope(|scope| {
            let (report, verdicts) = mpsc::channel();
            let mut stops = Vec::new();
            let mut line = || {
                let (stop, stopped) = mpsc::channel();
                stops.push(stop);
                let verdicts = report.clone();
                Line { stopped, verdicts }
            };
            let (to_processes, to_disk, to_room) = (line(), line(), line());
            let processes = &processes;
            let sampled = scope.spawn(move || processes.run(&to_processes));
            scope.spawn(move || self.disk.run(root, &to_disk));
            scope.spawn(move || self.disk.run_room(root, &to_room));
            let followed = self.follow(child, socket, start, &started, &verdicts);
            if followed.is_err() {
                // Without this a sandbox would run on that nobody watches.
                kill(child);
            }
            let wall = start.elapsed();
            drop(stops);
            (followed, sampled.join(), wall)
        });
        // Only after the watches have ended, lest its number goes to a process that is not ours.
        let status = child.wait()?;
        let mut seen = followed?;
        seen.status = Some(status);
        let mut sample = sampled.map_err(|_| io::Error::other("the watch over it failed"))?;
        processes.last_reading(&mut sample);
        sample.usage.wall = wall;
        Ok(self.last_look(seen, sample))
    }

    fn follow(
        &self,
        child: &mut Child,
        mut socket: &UnixStream,
        start: Instant,
        started: &AtomicBool,
        verdicts: &Receiver<Verdict>,
    ) -> io::Result<Seen> {
        let mut reports = ReportReader::default();
        let mut seen = Seen::default();
        // When to kill what was asked to end, or was killed and is still there.
        let mut kill_at: Option<Instant> = None;
        loop {
            if is_readable(socket, TICK)? {
                let mut buffer = [0; 4096];
                match socket.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        for report in reports.push(&buffer[..read]) {
                            seen.take(report);
                        }
                        started.store(seen.started, Ordering::Release);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Closed with something unread in it, which is closed all the same.
                    Err(_) => break,
                }
            }
            let now = Instant::now();
            if seen.verdict.is_none()
                && let Some(verdict) = self.judge(start, verdicts)
            {
                seen.verdict = Some(verdict.ending);
                kill_at = Some(match verdict.manner {
                    Manner::AtOnce => now,
                    Manner::Gently => {
                        // If it cannot be asked, it is not there to be asked.
                        let _ = socket.write_all(&[TERMINATE]);
                        now + GRACE
                    }
                });
            }
            if kill_at.is_some_and(|at| at <= now) {
                kill(child);
                // Again until all are gone: the first may have met bubblewrap half set up.
                kill_at = Some(now + AGAIN);
            }
        }
        Ok(seen)
    }

    /// Whether the command has to be stopped now.
    fn judge(&self, start: Instant, verdicts: &Receiver<Verdict>) -> Option<Verdict> {
        if self.cancel.is_cancelled() {
            return Some(Verdict::gently(Ending::Cancelled));
        }
        if let Ok(verdict) = verdicts.try_recv() {
            return Some(verdict);
        }
        let limit = self.limits.wall;
        (start.elapsed() > limit).then(|| Verdict::gently(Ending::TimedOut { limit }))
    }

    /// What only shows when all is over: counters, and the workspace's last growth.
    fn last_look(&self, mut seen: Seen, sample: Sample) -> (Seen, Usage) {
        let mut usage = sample.usage;
        seen.oom_kills = sample.oom_kills;
        if let Some(Report::Ended {
            cpu_user,
            cpu_system,
            peak_memory,
            ..
        }) = seen.last
        {
            usage.peak_memory = usage.peak_memory.max(peak_memory);
            usage.add_cpu(cpu_user, cpu_system);
        }
        usage.disk = self.disk.growth();
        seen.over_disk = usage.disk > self.limits.disk;
        (seen, usage)
    }
}

impl Seen {
    fn take(&mut self, report: Report) {
        match report {
            Report::Started => self.started = true,
            last => self.last = Some(last),
        }
    }
}

/// Kills bubblewrap's monitor and the first process of the namespace, with which all others go.
fn kill(child: &mut Child) {
    for first in children(id_of(child)).into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process(first, Signal::KILL);
    }
    let _ = child.kill();
}

fn id_of(child: &Child) -> i32 {
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

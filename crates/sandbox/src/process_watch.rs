//! The watch over a sandbox's processes: their memory, their number and their CPU time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cgroup::{Groups, OWN_TASKS_OUTSIDE, Reading};
use crate::enforcement::{Enforcement, MemoryBy, ProcessesBy};
use crate::load::Load;
use crate::processes::Tree;
use crate::watch::{Line, Verdict, pause_after};
use crate::{Ending, Limits, Usage};

/// How often the command is measured.
const TICK: Duration = Duration::from_millis(50);
/// How often when it has more than half its memory and no kernel guards the limit.
const NEAR: Duration = Duration::from_millis(10);
/// How often when nothing but us stops a fork bomb.
const COUNTING: Duration = Duration::from_millis(20);
/// The longest it goes unmeasured, however long measuring takes.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// A command that has had all its processes for this long, and wants more, gets nowhere.
const STUCK: Duration = Duration::from_secs(5);

/// The watch over the processes of one sandbox.
pub(crate) struct ProcessWatch<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) enforcement: Enforcement,
    pub(crate) groups: &'a Groups,
    /// bubblewrap's monitor, whose descendants are measured.
    pub(crate) root: i32,
    /// Whether the sandbox is set up: before that, a process may still see the host's folders.
    pub(crate) started: &'a AtomicBool,
}

/// What was measured so far.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) usage: Usage,
    /// Processes that the kernel killed for memory.
    pub(crate) oom_kills: u64,
    /// What it used on average and at most.
    load: Load,
    /// Since when the command has had all its processes.
    full_since: Option<Instant>,
}

impl ProcessWatch<'_> {
    /// Measures until a limit is passed or the sandbox has ended.
    pub(crate) fn run(&self, line: &Line) -> Sample {
        let mut sample = Sample::default();
        let mut pause = COUNTING;
        while line.pause(pause) {
            let start = Instant::now();
            if let Some(verdict) = self.judge(&mut sample) {
                line.report(verdict);
                break;
            }
            pause = pause_after(start.elapsed(), self.rhythm(&sample), LONGEST_PAUSE);
        }
        sample
    }

    /// What the control groups counted when all is over.
    pub(crate) fn last_reading(&self, sample: &mut Sample) {
        let sampled_peak = sample.usage.peak_memory;
        self.take_reading(sample);
        // By now the group holds nothing but cache.
        sample.usage.peak_memory = sampled_peak;
        sample.usage.mean_memory = sample.load.mean_memory();
        sample.usage.peak_cpus = sample.load.peak_cpus();
    }

    fn rhythm(&self, sample: &Sample) -> Duration {
        let near = sample.usage.peak_memory > self.limits.memory / 2;
        if near && self.enforcement.memory == MemoryBy::Watchdog {
            NEAR
        } else if self.enforcement.processes == ProcessesBy::Watchdog {
            COUNTING
        } else {
            TICK
        }
    }

    /// Whether the command has to be stopped now.
    fn judge(&self, sample: &mut Sample) -> Option<Verdict> {
        let limits = self.limits;
        let measured = self.measure(sample);
        if sample.oom_kills > 0 || measured.over_memory {
            let limit = limits.memory;
            return Some(Verdict::at_once(Ending::OutOfMemory { limit }));
        }
        if measured.over_processes {
            let limit = limits.processes;
            return Some(Verdict::at_once(Ending::TooManyProcesses { limit }));
        }
        if sample.usage.cpu_user + sample.usage.cpu_system > limits.cpu_time {
            let limit = limits.cpu_time;
            return Some(Verdict::gently(Ending::CpuTimeExceeded { limit }));
        }
        None
    }

    fn measure(&self, sample: &mut Sample) -> Measured {
        let reading = self.take_reading(sample);
        let mut measured = Measured::default();
        let mut tasks = None;
        let mut memory_now = reading.memory;
        if self.enforcement.processes == ProcessesBy::Cgroup {
            tasks = reading.tasks.filter(|_| sample.usage.refused_processes > 0);
        }
        if self.enforcement.needs_watchdog() {
            let enough = self.limits.processes.saturating_add(OWN_TASKS_OUTSIDE);
            let tree = Tree::measure(self.root, enough);
            sample.usage.add_cpu(tree.cpu_user, tree.cpu_system);
            if self.enforcement.memory == MemoryBy::Watchdog {
                let memory = self.memory_of(&tree);
                sample.usage.peak_memory = sample.usage.peak_memory.max(memory);
                measured.over_memory = memory > self.limits.memory;
                memory_now = Some(memory);
            }
            if self.enforcement.processes != ProcessesBy::Cgroup {
                tasks = Some(tree.tasks);
            }
        }
        let cpu = sample.usage.cpu_user + sample.usage.cpu_system;
        sample.load.take(Instant::now(), memory_now, cpu);
        let own = tasks.unwrap_or(0).saturating_sub(OWN_TASKS_OUTSIDE);
        measured.over_processes = match self.enforcement.processes {
            ProcessesBy::Watchdog => own > self.limits.processes,
            ProcessesBy::Cgroup | ProcessesBy::Rlimit if own >= self.limits.processes => {
                sample.full_since.get_or_insert_with(Instant::now).elapsed() > STUCK
            }
            ProcessesBy::Cgroup | ProcessesBy::Rlimit => {
                sample.full_since = None;
                false
            }
        };
        measured
    }

    fn memory_of(&self, tree: &Tree) -> u64 {
        let scratch = if self.started.load(Ordering::Acquire) {
            tree.scratch()
        } else {
            0
        };
        let memory = tree.resident + scratch;
        // Shared pages count once for each process in this sum. Only when that matters is it worth
        // asking for the exact one.
        if memory > self.limits.memory {
            tree.proportional() + scratch
        } else {
            memory
        }
    }

    fn take_reading(&self, sample: &mut Sample) -> Reading {
        let reading = self.groups.read();
        let usage = &mut sample.usage;
        usage.peak_memory = usage.peak_memory.max(reading.memory.unwrap_or(0));
        usage.refused_processes = reading.refused.unwrap_or(0);
        usage.add_cpu(
            reading.cpu_user.unwrap_or_default(),
            reading.cpu_system.unwrap_or_default(),
        );
        sample.oom_kills = reading.oom_kills.unwrap_or(0);
        reading
    }
}

#[derive(Default)]
struct Measured {
    over_memory: bool,
    over_processes: bool,
}

impl Usage {
    /// Sources see more or less of what has been used; none sees too much.
    pub(crate) fn add_cpu(&mut self, user: Duration, system: Duration) {
        self.cpu_user = self.cpu_user.max(user);
        self.cpu_system = self.cpu_system.max(system);
    }
}

//! Running one command: everything made before it, watched while it runs, removed after.

use std::fs;
use std::io::{self, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::geteuid;
use rustix::thread::{CpuSet, sched_getaffinity};

use crate::cgroup::{Groups, Hierarchies};
use crate::decide;
use crate::disk_watch::DiskWatch;
use crate::enforcement::{Controls, CpuBy, Enforcement, ProcessesBy};
use crate::environment::{Bwrap, Description, Unavailable};
use crate::launcher::{InnerPlan, OuterPlan, SUBCOMMAND, frame};
use crate::rootfs;
use crate::streams;
use crate::supervise::Supervisor;
use crate::{Cancel, Limits, Outcome, SandboxError, Spec, bwrap};

/// Tasks of ours that count towards `RLIMIT_NPROC` inside: the reaper and two threads.
const OWN_TASKS_INSIDE: u64 = 3;

/// How long a stage may take to read its plan.
const PLAN_PATIENCE: Duration = Duration::from_secs(30);

/// Makes sandboxes. One is enough for a program; it may be shared between threads.
#[derive(Debug)]
pub struct Sandbox {
    launcher: PathBuf,
    controls: Controls,
    bwrap: OnceLock<Result<Bwrap, Unavailable>>,
    hierarchies: OnceLock<Hierarchies>,
}

impl Sandbox {
    /// Sandboxes that are started by `launcher`, a program that offers
    /// [`launcher::run`](crate::launcher::run) as `confine outer` and `confine inner` (for the
    /// `glovebox` program: its own path). It appears inside as
    /// [`GLOVEBOX_BIN`](crate::GLOVEBOX_BIN).
    pub fn new(launcher: impl Into<PathBuf>) -> Self {
        Self {
            launcher: launcher.into(),
            controls: Controls::default(),
            bwrap: OnceLock::new(),
            hierarchies: OnceLock::new(),
        }
    }

    /// Restricts the means of enforcement.
    #[must_use]
    pub fn with_controls(mut self, controls: Controls) -> Self {
        self.controls = controls;
        self
    }

    /// Whether this machine can make sandboxes, by making one (10 ms or so).
    pub fn available(&self) -> Result<Description, Unavailable> {
        let bwrap = self.bwrap()?;
        bwrap.probe()?;
        Ok(bwrap.description.clone())
    }

    fn bwrap(&self) -> Result<&Bwrap, Unavailable> {
        self.bwrap
            .get_or_init(Bwrap::find)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Runs a command to its end. Blocks; its output goes to `stdout` and `stderr` as it comes,
    /// from two threads. A sink that returns an error gets nothing more, and the command does not
    /// notice.
    ///
    /// The calling thread must outlive the call in the usual way: the kernel kills the sandbox
    /// when the *thread* that started it ends.
    pub fn run(
        &self,
        spec: &Spec,
        stdout: &mut (dyn Write + Send),
        stderr: &mut (dyn Write + Send),
        cancel: &Cancel,
    ) -> Result<Outcome, SandboxError> {
        spec.validate()?;
        let bwrap = self.bwrap()?;
        let launcher =
            fs::canonicalize(&self.launcher).map_err(|source| SandboxError::Launcher {
                path: self.launcher.clone(),
                source,
            })?;
        let measured = |source| SandboxError::Path {
            path: spec.workspace.clone(),
            source,
        };
        let disk = DiskWatch::new(spec).map_err(measured)?;
        if disk.is_unmeasurable() {
            return Err(SandboxError::Invalid(format!(
                "the workspace {} holds folders that are unreadable or too deep to measure",
                spec.workspace.display()
            )));
        }
        let groups = self.groups(&spec.limits);
        let enforcement = groups.enforcement(process_limit_without_cgroups());
        let outer = outer_plan(spec, bwrap, &launcher, &groups, enforcement);
        let inner = inner_plan(spec, enforcement);
        let supervisor = Supervisor {
            limits: &spec.limits,
            enforcement,
            groups: &groups,
            cancel,
            disk: &disk,
        };

        let start = Instant::now();
        let (mut child, socket) = spawn(&launcher).map_err(|source| SandboxError::Launcher {
            path: launcher.clone(),
            source,
        })?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (watched, beginning) = thread::scope(|scope| {
            scope.spawn(move || out.map(|out| streams::drain(out, stdout)));
            let errors = scope.spawn(move || err.map(|err| streams::drain(err, stderr)));
            // A stage that fails does not read its plan; what it said on the way out is the error.
            let _ = send_plans(&socket, &outer, &inner);
            let watched = supervisor.watch(&mut child, &socket, start);
            let beginning = errors.join().ok().flatten().unwrap_or_default();
            (watched, beginning)
        });
        let (seen, usage) = watched.map_err(SandboxError::Supervision)?;
        let program = spec.program.display().to_string();
        if let Some(ending) = decide::ending(&seen, &program, &spec.limits) {
            return Ok(Outcome {
                ending,
                usage,
                enforcement,
            });
        }
        // If sandboxes cannot be made here at all, that is the better answer.
        bwrap.probe()?;
        let said = String::from_utf8_lossy(&beginning);
        Err(SandboxError::Setup(said.trim().to_owned()))
    }

    fn groups(&self, limits: &Limits) -> Groups {
        match self.controls {
            Controls::Best => {
                let found = self.hierarchies.get_or_init(Hierarchies::of_this_process);
                Groups::create(found, limits)
            }
            Controls::NoCgroups => Groups::default(),
        }
    }
}

/// What holds processes where no control group does.
fn process_limit_without_cgroups() -> ProcessesBy {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release
        .split(['.', '-'])
        .map_while(|part| part.trim().parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if geteuid().is_root() || version < (5, 14) {
        ProcessesBy::Watchdog
    } else {
        ProcessesBy::Rlimit
    }
}

fn outer_plan(
    spec: &Spec,
    bwrap: &Bwrap,
    launcher: &Path,
    groups: &Groups,
    enforcement: Enforcement,
) -> OuterPlan {
    OuterPlan {
        parent: std::process::id().try_into().unwrap_or(i32::MAX),
        bwrap: bwrap.description.bwrap.clone(),
        arguments: bwrap::arguments(spec, launcher, bwrap.features),
        made_files: rootfs::made_files(),
        memory: enforcement.memory,
        cgroup_procs: groups.procs_files(),
        cpus: (enforcement.cpu == CpuBy::Affinity)
            .then(|| choose_cpus(&spec.limits))
            .flatten(),
    }
}

fn inner_plan(spec: &Spec, enforcement: Enforcement) -> InnerPlan {
    let processes = spec.limits.processes.saturating_add(OWN_TASKS_INSIDE);
    InnerPlan {
        program: spec.program.clone(),
        arguments: spec.arguments.clone(),
        environment: spec
            .environment
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        open_files: spec.limits.open_files,
        file_size: spec.limits.file_size,
        cpu_time: spec.limits.cpu_time,
        processes: (enforcement.processes == ProcessesBy::Rlimit).then_some(processes),
    }
}

/// As many of our CPUs as the command may use, other ones each time, so that commands run at the
/// same time do not crowd on the first CPUs. Nothing if it may use all.
fn choose_cpus(limits: &Limits) -> Option<Vec<usize>> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let ours = sched_getaffinity(None).ok()?;
    let ours: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|cpu| ours.is_set(*cpu))
        .collect();
    let wanted = limits.whole_cpus();
    if wanted >= ours.len() {
        return None;
    }
    let first = NEXT.fetch_add(wanted, Ordering::Relaxed);
    Some(
        (0..wanted)
            .map(|offset| ours[(first + offset) % ours.len()])
            .collect(),
    )
}

fn spawn(launcher: &Path) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = Command::new(launcher)
        .args([SUBCOMMAND, "outer"])
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C at a terminal is for us; what becomes of the command is our decision.
        .process_group(0)
        .spawn()?;
    Ok((child, ours))
}

fn send_plans(mut socket: &UnixStream, outer: &OuterPlan, inner: &InnerPlan) -> io::Result<()> {
    let mut send = || -> io::Result<()> {
        socket.set_write_timeout(Some(PLAN_PATIENCE))?;
        socket.write_all(&frame(outer)?)?;
        socket.write_all(&frame(inner)?)
    };
    send().inspect_err(|_| {
        // The stage that waits for the rest must see that none will come.
        let _ = socket.shutdown(Shutdown::Write);
    })
}

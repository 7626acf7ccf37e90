//! The thread that keeps a task: it tells the server how the work goes, and gives the task up when it has
//! not been heard for a whole lease.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use glovebox_protocol::{Ended, Happened, Metrics, Reason, Report, Stage, Task, Verdict};
use glovebox_runner::JobName;

use super::held::{Held, Why};
use super::kept::{Over, TaskFolder};
use super::work::work;
use crate::backoff::Backoff;
use crate::core::Core;
use crate::lease::Lease;
use crate::moment::Moment;
use crate::server::CallError;

/// How long the server may take to answer how a task ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a wait looks whether the agent is to end.
const TICK: Duration = Duration::from_millis(50);

/// How often a lease is looked at: a wait stands still while the machine sleeps, and a lease does not.
const LOOK: Duration = Duration::from_secs(1);

/// What a keeper begins with.
pub(crate) enum Begin {
    /// A task that the server handed out, in answer to what was sent at a moment.
    Work(Box<Task>, Moment),
    /// One that is over and was not yet reported.
    Restored(TaskFolder, Over),
    /// One that is not begun: only what is said of it.
    Say(Over),
}

enum Said {
    Stage(Stage),
    Over(Over),
}

/// Keeps a task until nothing more is owed, or until the agent is to end at once.
pub(crate) fn keep(core: &Core, held: &Held, begin: Begin) {
    match begin {
        Begin::Work(task, sent) => keep_working(core, held, &task, sent),
        Begin::Restored(folder, over) => settle(core, held, Some(&folder), over),
        Begin::Say(over) => settle(core, held, None, over),
    }
}

fn keep_working(core: &Core, held: &Held, task: &Task, sent: Moment) {
    let Ok(name) = JobName::new(&task.task) else {
        let over = Over::ended(Ended::Failed(Reason::NotAllowed));
        return settle(core, held, None, over);
    };
    let folder = match TaskFolder::begin(&core.folder.tasks(), &name) {
        Ok(folder) => folder,
        Err(error) => {
            tracing::error!(task = task.task, %error, "a folder for a task cannot be made");
            return settle(core, held, None, Over::ended(Ended::MayPass));
        }
    };
    let span = tracing::info_span!("task", request = task.request, task = task.task);
    let _inside = span.enter();
    tracing::info!(again = task.again, "a task begins");
    let mut lease = Lease::new(Duration::from_secs(task.lease_seconds), sent);
    if lease.is_old(Moment::now()) {
        match confirm(core, held, &mut lease) {
            Ok(Verdict::Noted) => {}
            Ok(Verdict::NotYours | Verdict::Over) => return folder.forget(),
            Err(_) => return settle(core, held, Some(&folder), Over::ended(Ended::MayPass)),
        }
    }
    let (say, said) = mpsc::channel();
    let over = thread::scope(|scope| {
        let working = folder.work();
        let span = &span;
        scope.spawn(move || {
            let _inside = span.enter();
            let tell = |stage| {
                // Who listened may have given up; then nobody wants to know.
                let _ = say.send(Said::Stage(stage));
            };
            let over = work(core, task, &working, held.flag(), &tell);
            let _ = say.send(Said::Over(over));
        });
        follow(core, held, lease, &said)
    });
    let over = match held.stopped() {
        Some(Why::NotOurs) => {
            tracing::info!(task = task.task, "a task is no longer ours");
            return folder.forget();
        }
        Some(Why::Told) => Over {
            happened: Happened::Stopped,
            ..over
        },
        Some(Why::Lapsed | Why::Halted) | None => over,
    };
    settle(core, held, Some(&folder), over);
}

/// Renews a lease under which nothing was begun yet.
fn confirm(core: &Core, held: &Held, lease: &mut Lease) -> Result<Verdict, CallError> {
    let now = Moment::now();
    let preparing = Happened::Stage(Stage::Preparing);
    let verdict = say(core, held, preparing, None, lease.patience())?;
    lease.renew(now);
    Ok(verdict)
}

/// Tells stages, renews the lease, and stops the work when the lease has run out.
fn follow(core: &Core, held: &Held, mut lease: Lease, said: &Receiver<Said>) -> Over {
    let mut backoff = Backoff::new(Duration::from_millis(200), lease.patience());
    // What the server has not heard yet.
    let mut untold = Some(Stage::Preparing);
    let mut next = Moment::now();
    loop {
        let now = Moment::now();
        if lease.is_over(now) && held.stopped().is_none() {
            tracing::warn!(task = held.task, "the lease ran out: the task is stopped");
            held.stop(Why::Lapsed);
        }
        // What was stopped is only waited for; the server knows, or cannot be told.
        let quiet = held.stopped().is_some();
        if !quiet && next <= now {
            let happened = untold.map_or(Happened::GoesOn, Happened::Stage);
            match say(
                core,
                held,
                happened,
                None,
                lease.patience().min(lease.left(now)),
            ) {
                Ok(Verdict::Noted) => {
                    backoff.succeeded();
                    lease.renew(now);
                    next = lease.renew_at();
                    untold = None;
                }
                Ok(Verdict::NotYours | Verdict::Over) => {
                    held.stop(Why::NotOurs);
                }
                Err(_) => next = Moment::now().after(backoff.failed()),
            }
            continue;
        }
        let wait = if quiet {
            LOOK
        } else {
            next.wait_from(now).min(lease.left(now)).min(LOOK)
        };
        match said.recv_timeout(wait) {
            Ok(Said::Stage(stage)) => {
                untold = Some(stage);
                next = Moment::now();
            }
            Ok(Said::Over(over)) => return over,
            Err(RecvTimeoutError::Timeout) => {}
            // The worker always says how it ended, so this is a defect of ours.
            Err(RecvTimeoutError::Disconnected) => {
                return Over::ended(Ended::Failed(Reason::Internal));
            }
        }
    }
}

/// Keeps how a task ended, then says it until the server has answered.
fn settle(core: &Core, held: &Held, folder: Option<&TaskFolder>, over: Over) {
    if let Some(folder) = folder
        && let Err(error) = folder.end(over)
    {
        tracing::error!(task = held.task, %error, "how a task ended cannot be kept");
    }
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
    loop {
        match say(core, held, over.happened, over.metrics, PATIENCE) {
            Ok(verdict) => {
                tracing::info!(task = held.task, ?verdict, "how a task ended was reported");
                break;
            }
            Err(error) => {
                tracing::warn!(task = held.task, %error, "how a task ended cannot be reported yet");
            }
        }
        let until = Moment::now().after(backoff.failed());
        while !until.wait_from(Moment::now()).is_zero() {
            if core.halting.load(Ordering::Acquire) {
                // It is on disk; the next agent in this folder says it.
                return;
            }
            thread::sleep(TICK.min(until.wait_from(Moment::now())));
        }
    }
    if let Some(folder) = folder {
        folder.forget();
    }
}

fn say(
    core: &Core,
    held: &Held,
    happened: Happened,
    metrics: Option<Metrics>,
    within: Duration,
) -> Result<Verdict, CallError> {
    let report = Report {
        agent: core.settings.name.clone(),
        task: held.task.clone(),
        happened,
        metrics,
    };
    core.server.report(&report, within)
}

//! What agents call. The token says for which backend; no message could name another.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use glovebox_jobs::{AgentId, Event, IgnoredBecause, TaskId};
use glovebox_protocol::{Answer, Ask, Metrics, Report, Verdict};

use super::{Refused, body::Body, credential::OfBackend};
use crate::{
    app::App,
    scheduling::{Message, PATIENCE, events_of},
};

/// An ask waits no longer, so that it ends before what stands between lets it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// No agent holds or takes more.
const MOST_TASKS: u32 = 10_000;

/// Nobody who waits longer means it.
const LONGEST_ASKED: u32 = 3_600;

/// The length of a job's name, and how many attempts no job has.
const JOB_NAME: usize = 16;
const ATTEMPTS: u32 = 1_000_000_000;

/// Takes an ask, and answers once there is something to do or it has waited long enough.
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    OfBackend(backend): OfBackend,
    Body(ask): Body<Ask>,
) -> Result<Json<Answer>, Refused> {
    check_agent(&ask.agent)?;
    let most = usize::try_from(MOST_TASKS).unwrap_or(usize::MAX);
    if ask.slots > MOST_TASKS || ask.holds.len() > most {
        return Err(Refused::bad_request("no agent has so many tasks"));
    }
    if ask.wait_seconds > LONGEST_ASKED {
        return Err(Refused::bad_request("an ask waits for an hour at most"));
    }
    let holds = ask.holds.iter().map(|task| parse_task(task));
    let wait = Duration::from_secs(ask.wait_seconds.into()).min(LONGEST_WAIT);
    let ask = glovebox_jobs::Ask {
        agent: AgentId(ask.agent),
        slots: ask.slots,
        holds: holds.collect::<Result<_, _>>()?,
    };
    let patience = wait + PATIENCE;
    let message = |answer| Message::Ask { ask, wait, answer };
    let answer = app.scheduling.ask_within(patience, &backend, message);
    Ok(Json(answer.await?))
}

/// Takes a report. The same one may come again: whatever was lost on the way, sending it again does no
/// harm.
pub(crate) async fn report(
    State(app): State<Arc<App>>,
    OfBackend(backend): OfBackend,
    Body(report): Body<Report>,
) -> Result<Json<Verdict>, Refused> {
    check_agent(&report.agent)?;
    let task = parse_task(&report.task)?;
    if report.metrics.is_some_and(|metrics| !are_measures(metrics)) {
        return Err(Refused::bad_request(
            "metrics are finite and not negative, and no memory is so large",
        ));
    }
    let tell = events_of(&report, task);
    let leaves = tell.events.iter().any(is_end);
    let ignored = app
        .scheduling
        .ask(&backend, |answer| Message::Tell { tell, answer })
        .await?;
    Ok(Json(match ignored.first().copied().flatten() {
        None => Verdict::Noted,
        // Whoever says that a task ended has nothing left to stop.
        Some(_) if leaves => Verdict::Over,
        Some(IgnoredBecause::NotHeld) => Verdict::NotYours,
        Some(IgnoredBecause::NotActive | IgnoredBecause::StoppedBefore) => Verdict::Over,
    }))
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Finished { .. } | Event::Stopped { .. })
}

fn check_agent(name: &str) -> Result<(), Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=100).contains(&name.len()) && name.chars().all(plain) {
        Ok(())
    } else {
        Err(Refused::bad_request(
            "an agent's name has 1 to 100 letters, digits, -, _ and .",
        ))
    }
}

/// The name of a task that some server may have handed out.
fn parse_task(text: &str) -> Result<TaskId, Refused> {
    let of_a_job = |task: &TaskId| {
        let name = task.job.0.as_bytes();
        let is_plain = |byte: &u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(byte);
        name.len() == JOB_NAME && name.iter().all(is_plain) && task.number < ATTEMPTS
    };
    let task = text.parse().ok().filter(of_a_job);
    task.ok_or_else(|| Refused::bad_request(glovebox_jobs::NotATask.to_string()))
}

fn are_measures(metrics: Metrics) -> bool {
    let processors = [metrics.cpu_mean, metrics.cpu_peak];
    let bytes = [metrics.memory_mean, metrics.memory_peak];
    processors
        .iter()
        .all(|value| value.is_finite() && *value >= 0.0)
        && bytes.iter().all(|value| i64::try_from(*value).is_ok())
}

//! From what is kept to what pages show.

use glovebox_jobs::{JobId, State, Timestamp};
use glovebox_pages::{
    BackendFacts, CodeChanges, Earlier, JobFacts, JobMetrics, LastState, RequestFacts, RequestRow,
};
use glovebox_protocol::Metrics;
use glovebox_ui::Instant;

use crate::{
    clock,
    read::{self, BackendView, EarlierView, JobRequestView, JobView, LastJob},
};

pub(super) fn now() -> Instant {
    moment(clock::now())
}

pub(super) fn moment(at: Timestamp) -> Instant {
    Instant::from_millis(at.0)
}

pub(super) fn row(row: read::RequestRow) -> RequestRow {
    let [.., succeeded, _] = row.summary.jobs;
    debug_assert_eq!(State::ALL[2], State::Succeeded);
    RequestRow {
        number: row.number,
        project: row.project.slug,
        workspace: row.workspace,
        backend: row.backend.name,
        backend_slug: row.backend.slug,
        requested_by: row.created_by.full_name,
        username: row.created_by.username,
        status: row.summary.status,
        succeeded,
        jobs: row.summary.total(),
        created_at: moment(row.created_at),
    }
}

/// A request for a reader who may see its code or not.
pub(super) fn request(view: &JobRequestView, sees_code: bool) -> RequestFacts {
    // What no page has, none shows by mistake.
    let of_code = |text: &str| {
        if sees_code {
            text.to_owned()
        } else {
            String::new()
        }
    };
    RequestFacts {
        number: view.number,
        id: view.id.clone(),
        organisation: view.organisation.name.clone(),
        organisation_slug: view.organisation.slug.clone(),
        project: view.project.slug.clone(),
        project_name: view.project.name.clone(),
        workspace: view.workspace.clone(),
        backend: view.backend.name.clone(),
        backend_slug: view.backend.slug.clone(),
        repo: of_code(&view.repo_url),
        branch: view.branch.clone(),
        commit: view.commit.clone(),
        requested_by: view.created_by.full_name.clone(),
        username: view.created_by.username.clone(),
        code_is_public: sees_code,
        created_at: moment(view.created_at),
        force_run_dependencies: view.force_run_dependencies,
        requested_actions: view.requested_actions.clone(),
        status: view.summary.status,
        status_message: view.message.clone().unwrap_or_default(),
        project_yaml: of_code(&view.project_yaml),
    }
}

/// A job for a reader who may see its code or not, with its place in the queue of its backend if it is there.
pub(super) fn job(view: &JobView, queue: &[JobId], sees_code: bool) -> JobFacts {
    let place = queue.iter().position(|id| *id == view.job.id);
    let mut job = view.job.clone();
    if !sees_code {
        job.run_command.clear();
        job.needs.clear();
    }
    JobFacts {
        reason: view.reason.map(|_| view.sentence()),
        job,
        queue_position: place.map(|place| place + 1),
    }
}

pub(super) fn earlier(view: EarlierView, code: Option<CodeChanges>) -> Earlier {
    Earlier {
        number: view.number,
        commit: view.commit,
        project_yaml: view.project_yaml,
        code,
    }
}

pub(super) fn metrics(metrics: Metrics) -> JobMetrics {
    JobMetrics {
        cpu_mean: metrics.cpu_mean,
        cpu_peak: metrics.cpu_peak,
        memory_mean: metrics.memory_mean,
        memory_peak: metrics.memory_peak,
    }
}

pub(super) fn backend(view: BackendView) -> BackendFacts {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    BackendFacts {
        name: view.name,
        slug: view.slug,
        is_active: view.is_active,
        last_seen: view.last_seen_at.map(moment),
        running: count(view.running),
        waiting: count(view.pending),
        paused: view.paused,
        maintenance: view.maintenance,
    }
}

pub(super) fn last(last: &LastJob) -> LastState {
    LastState {
        action: last.action.clone(),
        backend: last.backend.clone(),
        state: last.state,
        request: last.request,
        completed_at: last.completed_at.map(moment),
    }
}

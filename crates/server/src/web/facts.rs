//! From what is kept to what pages show.

use glovebox_jobs::{State, Timestamp};
use glovebox_pages::{BackendFacts, Earlier, JobFacts, LastState, RequestFacts, RequestRow};
use glovebox_ui::Instant;

use crate::{
    clock,
    read::{self, BackendView, JobRequestView, JobView, LastJob},
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
        requested_by: row.created_by.full_name,
        status: row.summary.status,
        succeeded,
        jobs: row.summary.total(),
        created_at: moment(row.created_at),
    }
}

pub(super) fn request(view: &JobRequestView) -> RequestFacts {
    RequestFacts {
        number: view.number,
        id: view.id.clone(),
        organisation: view.organisation.name.clone(),
        project: view.project.slug.clone(),
        workspace: view.workspace.clone(),
        backend: view.backend.name.clone(),
        repo: view.repo_url.clone(),
        branch: view.branch.clone(),
        commit: view.commit.clone(),
        requested_by: view.created_by.full_name.clone(),
        created_at: moment(view.created_at),
        force_run_dependencies: view.force_run_dependencies,
        requested_actions: view.requested_actions.clone(),
        status: view.summary.status,
        status_message: view.message.clone().unwrap_or_default(),
        project_yaml: view.project_yaml.clone(),
    }
}

pub(super) fn job(view: &JobView) -> JobFacts {
    JobFacts {
        reason: view.reason.map(|_| view.sentence()),
        job: view.job.clone(),
        queue_position: None,
    }
}

pub(super) fn earlier(view: JobRequestView) -> Earlier {
    Earlier {
        number: view.number,
        commit: view.commit,
        project_yaml: view.project_yaml,
    }
}

pub(super) fn backend(view: BackendView) -> BackendFacts {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    BackendFacts {
        name: view.name,
        slug: view.slug,
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

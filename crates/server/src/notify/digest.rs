//! What is told when a request has ended: each job with its state and a reason that is safe to say.

use std::fmt::Write as _;

use glovebox_jobs::{RequestStatus, State};
use glovebox_pages::{job_path, job_request_path};
use serde::Serialize;

use crate::{clock, read::JobRequestView};

/// More jobs are counted and not listed.
const MOST_JOBS: usize = 200;

/// What is told, as a webhook gets it. It holds what the public page shows, and no more.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Digest {
    /// The same each time this is told: whoever has seen it may pass it over.
    pub(super) id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    pub(super) number: i64,
    url: String,
    organisation: String,
    project: String,
    pub(super) workspace: String,
    backend: String,
    requested_by: String,
    branch: String,
    commit: String,
    status: &'static str,
    jobs_succeeded: usize,
    jobs_total: usize,
    runtime_seconds: f64,
    /// When it ended, in milliseconds since 1970.
    completed_at: Option<i64>,
    sent_at: i64,
    /// Those that failed first; at most 200.
    jobs: Vec<DigestJob>,
}

#[derive(Debug, Clone, Serialize)]
struct DigestJob {
    action: String,
    state: &'static str,
    status_code: &'static str,
    reason: String,
    url: String,
}

impl Digest {
    pub(super) fn of(view: &JobRequestView, origin: &str) -> Self {
        let (project, workspace) = (&view.project.slug, &view.workspace);
        let mut jobs: Vec<_> = view.jobs.iter().collect();
        jobs.sort_by_key(|job| job.job.state() != State::Failed);
        let job = |view_job: &&crate::read::JobView| {
            let job = &view_job.job;
            let path = job_path(project, workspace, view.number, &job.id.0);
            DigestJob {
                action: glovebox_ui::plain(&job.action),
                state: job.state().as_str(),
                status_code: job.code.as_str(),
                reason: view_job.sentence(),
                url: format!("{origin}{path}"),
            }
        };
        let path = job_request_path(project, workspace, view.number);
        Self {
            id: view.id.clone(),
            kind: "job_request.ended",
            number: view.number,
            url: format!("{origin}{path}"),
            organisation: view.organisation.name.clone(),
            project: project.clone(),
            workspace: workspace.clone(),
            backend: view.backend.name.clone(),
            requested_by: view.created_by.username.clone(),
            branch: glovebox_ui::plain(&view.branch),
            commit: view.commit.clone(),
            status: view.summary.status.as_str(),
            jobs_succeeded: view.summary.succeeded(),
            jobs_total: view.summary.total(),
            runtime_seconds: view.summary.runtime.as_secs_f64(),
            completed_at: view.summary.completed_at.map(|at| at.0),
            sent_at: clock::now().0,
            jobs: jobs.iter().take(MOST_JOBS).map(job).collect(),
        }
    }

    /// One line. Names of workspaces are letters, digits, `-` and `_`.
    pub(super) fn subject(&self) -> String {
        format!(
            "{}: job request {} {}",
            self.workspace,
            self.number,
            self.word()
        )
    }

    fn word(&self) -> &'static str {
        if self.status == RequestStatus::Succeeded.as_str() {
            "succeeded"
        } else {
            "failed"
        }
    }

    /// The text of an e-mail.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "Job request {} {}: {} of {} jobs succeeded.\n\n{}\n\n",
            self.number,
            self.word(),
            self.jobs_succeeded,
            self.jobs_total,
            self.url
        );
        // Writing into a text does not fail.
        let _ = writeln!(text, "Workspace  {}", self.workspace);
        let _ = writeln!(text, "Backend    {}", self.backend);
        let short = self.commit.get(..7).unwrap_or(&self.commit);
        let _ = writeln!(text, "Code       {} @ {short}\n", self.branch);
        for job in &self.jobs {
            // A name must not look like further lines.
            let action = job.action.replace(['\n', '\t'], " ");
            let _ = write!(text, "{action}: {}", job.state);
            if job.state == State::Succeeded.as_str() {
                text.push('\n');
            } else {
                let _ = writeln!(text, "\n    {}", job.reason);
            }
        }
        if self.jobs_total > self.jobs.len() {
            let _ = writeln!(text, "and {} more", self.jobs_total - self.jobs.len());
        }
        text.push_str(
            "\nYou get this because you ask for it with each request. What jobs printed and wrote \
             stays inside the secure environment.\n",
        );
        text
    }
}

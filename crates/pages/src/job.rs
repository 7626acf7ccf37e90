//! One job.

use std::fmt;

use askama::Template;
use glovebox_jobs::{State, StatusCode, Timestamp};
use glovebox_pipeline::Project;
use glovebox_ui::{Element, Instant, SCRIPT, STYLE, Tone};

use crate::frame::Frame;
use crate::job_request::{JobFacts, OutputInWords, RequestFacts, job_times, outputs_of};
use crate::look;
use crate::paths::{changes_path, job_path, job_request_path};

/// A job that was not heard of for this long may not be as it is shown.
const STALE_AFTER: std::time::Duration = std::time::Duration::from_mins(30);

/// One job.
#[derive(Debug, Clone, Template)]
#[template(path = "job.html")]
pub struct JobPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The request that made it.
    pub request: &'a RequestFacts,
    /// The request's `project.yaml` as it was read; nothing where it cannot be.
    pub project: Option<&'a Project>,
    /// The job.
    pub facts: &'a JobFacts,
    /// The job of the same action before it, in the same workspace on the same backend.
    pub previous: Option<EarlierJob>,
    /// The last before it that succeeded.
    pub previous_success: Option<EarlierJob>,
    /// What it used; only for readers who have a role.
    pub metrics: Option<JobMetrics>,
    /// The present.
    pub now: Instant,
}

/// An earlier job of the same action.
#[derive(Debug, Clone)]
pub struct EarlierJob {
    /// Its name between systems.
    pub id: String,
    /// The number of its request.
    pub request: i64,
    /// Where it stands.
    pub state: State,
    /// When it ended.
    pub completed_at: Option<Instant>,
    /// Its commit.
    pub commit: String,
}

/// What a job used.
#[derive(Debug, Clone, Copy)]
pub struct JobMetrics {
    /// Processors kept busy, on average.
    pub cpu_mean: f64,
    /// Most processors kept busy at once.
    pub cpu_peak: f64,
    /// Memory on average, in bytes.
    pub memory_mean: u64,
    /// Most memory at once, in bytes.
    pub memory_peak: u64,
}

/// A state that the job was in.
struct Stage {
    tone: Tone,
    word: &'static str,
    since: Element,
    /// How long, unless it is where it ended.
    lasted: Option<String>,
}

impl JobPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    fn tone(&self) -> Tone {
        look::tone_of_job(&self.facts.job)
    }

    fn word(&self) -> &'static str {
        look::word_of_job(&self.facts.job)
    }

    fn is_stale(&self) -> bool {
        let job = &self.facts.job;
        let heard = Instant::from_millis(job.updated_at.0);
        !job.state().is_final() && self.now.since(heard) > STALE_AFTER
    }

    fn stages(&self) -> Vec<Stage> {
        let job = &self.facts.job;
        let (waited, ran) = job_times(job, self.now);
        let stage = |tone, word, since: Timestamp, lasted: Option<std::time::Duration>| Stage {
            tone,
            word,
            since: Instant::from_millis(since.0).element(self.now),
            lasted: lasted.map(look::duration),
        };
        let mut stages = vec![stage(
            Tone::Waiting,
            "waiting",
            job.created_at,
            Some(waited),
        )];
        if let Some(started) = job.started_at {
            stages.push(stage(Tone::Running, "running", started, ran));
        }
        if let Some(completed) = job.completed_at {
            stages.push(stage(self.tone(), self.word(), completed, None));
        }
        stages
    }

    fn updated(&self) -> Element {
        Instant::from_millis(self.facts.job.updated_at.0).element(self.now)
    }

    /// Whether its log says more than this page can.
    fn log_tells(&self) -> bool {
        let code = self.facts.job.code;
        matches!(
            code,
            StatusCode::NonzeroExit | StatusCode::UnmatchedPatterns
        ) || self.facts.job.withheld
    }

    fn request_path(&self) -> String {
        let request = self.request;
        job_request_path(&request.project, &request.workspace, request.number)
    }

    fn earlier(&self) -> Vec<(&'static str, &EarlierJob)> {
        let previous = self.previous.as_ref().map(|job| ("The run before", job));
        let success = self
            .previous_success
            .as_ref()
            .filter(|success| {
                self.previous
                    .as_ref()
                    .is_none_or(|previous| previous.id != success.id)
            })
            .map(|job| ("The last success before", job));
        previous.into_iter().chain(success).collect()
    }

    fn command(&self) -> String {
        glovebox_ui::revealed(&self.facts.job.run_command)
    }

    fn outputs(&self) -> Vec<OutputInWords> {
        outputs_of(self.project, &self.facts.job.action)
    }
}

impl EarlierJob {
    fn path(&self, request: &RequestFacts) -> String {
        job_path(&request.project, &request.workspace, self.request, &self.id)
    }

    fn changes(&self, request: &RequestFacts) -> Option<String> {
        let differs = self.commit != request.commit && request.code_is_public;
        differs.then(|| {
            changes_path(
                &request.project,
                &request.workspace,
                request.number,
                self.request,
            )
        })
    }

    fn same_commit(&self, request: &RequestFacts) -> bool {
        self.commit == request.commit
    }

    fn tone(&self) -> Tone {
        look::of_state(self.state).0
    }

    fn completed(&self, now: &Instant) -> Option<Element> {
        self.completed_at.map(|at| at.element(*now))
    }
}

impl JobMetrics {
    fn memory(bytes: u64) -> String {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }

    fn processors(number: f64) -> String {
        format!("{number:.2}")
    }
}

//! One job.

use std::fmt;

use askama::Template;
use glovebox_ui::{Element, Instant, SCRIPT, STYLE, Tone};

use crate::frame::Frame;
use crate::job_request::{JobFacts, OutputInWords, RequestFacts, outputs_of};
use crate::look;
use crate::offer::Offer;
use crate::paths::{job_request_path, workspace_path};

/// One job.
#[derive(Debug, Clone, Template)]
#[template(path = "job.html")]
pub struct JobPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The request that made it.
    pub request: &'a RequestFacts,
    /// The job.
    pub facts: &'a JobFacts,
    /// Whether its reader may cancel it.
    pub cancel: Offer,
    /// The present.
    pub now: Instant,
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

    fn request_path(&self) -> String {
        let request = self.request;
        job_request_path(&request.project, &request.workspace, request.number)
    }

    fn workspace_path(&self) -> String {
        workspace_path(&self.request.project, &self.request.workspace)
    }

    fn command(&self) -> String {
        glovebox_ui::plain(&self.facts.job.run_command)
    }

    fn outputs(&self) -> Vec<OutputInWords> {
        let project = glovebox_pipeline::check(&self.request.project_yaml)
            .outcome
            .ok();
        outputs_of(project.as_ref(), &self.facts.job.action)
    }

    fn time(&self, at: Option<&glovebox_jobs::Timestamp>) -> Option<Element> {
        at.map(|at| Instant::from_millis(at.0).element(self.now))
    }
}

//! The page of a job request: what was asked for, what became of it, and what its reader may see of it.

mod changes;
mod drawings;
mod links;
mod rows;

use std::fmt;
use std::time::Duration;

use askama::Template;
use glovebox_jobs::{Job, RequestStatus, Summary, Timestamp};
use glovebox_pipeline::Project;
use glovebox_ui::{Element, Instant, SCRIPT, STYLE, Tone};

use crate::frame::Frame;
use crate::look;
use crate::offer::Offer;
use crate::paths::workspace_path;
use changes::Changes;
use drawings::{graph, waterfall};
use rows::JobRow;

pub(crate) use links::commit as commit_link;
pub(crate) use rows::{OutputInWords, outputs_of};

/// The longest `project.yaml` that is shown on the page, in bytes.
const LONGEST_SHOWN: usize = 200_000;

/// A request whose jobs were not heard of for this long may not be as it is shown.
const STALE_AFTER: Duration = Duration::from_mins(30);

/// A job request as it is kept.
#[derive(Debug, Clone)]
pub struct RequestFacts {
    /// Its public number.
    pub number: i64,
    /// Its name between systems.
    pub id: String,
    /// The organisation's name.
    pub organisation: String,
    /// The project's name in addresses.
    pub project: String,
    /// The workspace.
    pub workspace: String,
    /// The backend's name.
    pub backend: String,
    /// Where the code is.
    pub repo: String,
    /// The branch that the workspace had.
    pub branch: String,
    /// The commit, 40 hexadecimal digits.
    pub commit: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub created_at: Instant,
    /// Whether all that the actions need was to run anew too.
    pub force_run_dependencies: bool,
    /// What was asked for.
    pub requested_actions: Vec<String>,
    /// Where it stands.
    pub status: RequestStatus,
    /// A sentence about that, where there is one.
    pub status_message: String,
    /// `project.yaml` as it was at the commit.
    pub project_yaml: String,
}

/// A job as it is kept.
#[derive(Debug, Clone)]
pub struct JobFacts {
    /// The job.
    pub job: Job,
    /// Why it failed, as a sentence, where more is known than its code says.
    pub reason: Option<String>,
    /// Its place among those that wait, counted from 1.
    pub queue_position: Option<usize>,
}

/// An earlier request of the same workspace on the same backend.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its public number.
    pub number: i64,
    /// Its commit.
    pub commit: String,
    /// Its `project.yaml`.
    pub project_yaml: String,
}

/// What a reader of the page may do with the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOffers {
    /// Ask for the same again.
    pub again: Offer,
    /// Ask for what failed again.
    pub failed_again: Offer,
    /// Cancel what has not ended.
    pub cancel: Offer,
}

/// The page of a job request.
#[derive(Debug, Clone)]
pub struct JobRequestPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The request.
    pub request: &'a RequestFacts,
    /// Its jobs, in the order of the file.
    pub jobs: &'a [JobFacts],
    /// The request before it.
    pub previous: Option<&'a Earlier>,
    /// The last request before it all of whose jobs succeeded.
    pub previous_success: Option<&'a Earlier>,
    /// What its reader may do.
    pub offers: RequestOffers,
    /// The commit that its branch had moved on to when it was made, for who made it.
    pub newer: Option<&'a str>,
    /// The present, from which times are counted.
    pub now: Instant,
}

impl JobRequestPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        let drawn = Drawn {
            frame: &self.frame,
            request: self.request,
            jobs: self.jobs,
            previous: self.previous,
            previous_success: self.previous_success,
            offers: &self.offers,
            newer: self.newer,
            now: self.now,
            project: glovebox_pipeline::check(&self.request.project_yaml)
                .outcome
                .ok(),
        };
        drawn.render().map_err(|_| fmt::Error)
    }
}

/// The page with what is read from `project.yaml`, once.
#[derive(Template)]
#[template(path = "job_request.html")]
struct Drawn<'a> {
    frame: &'a Frame,
    request: &'a RequestFacts,
    jobs: &'a [JobFacts],
    previous: Option<&'a Earlier>,
    previous_success: Option<&'a Earlier>,
    offers: &'a RequestOffers,
    newer: Option<&'a str>,
    now: Instant,
    /// Nothing where the file cannot be read.
    project: Option<Project>,
}

impl Drawn<'_> {
    fn summary(&self) -> Summary {
        Summary::of(
            self.request.status,
            self.jobs.iter().map(|facts| &facts.job),
        )
    }

    fn tone(&self) -> Tone {
        look::of_request(self.summary().status).0
    }

    fn word(&self) -> &'static str {
        look::of_request(self.summary().status).1
    }

    fn is_live(&self) -> bool {
        self.summary().status.is_active()
    }

    fn is_stale(&self) -> bool {
        let newest = self.jobs.iter().map(|facts| facts.job.updated_at).max();
        let newest = newest.map_or(self.request.created_at, |at| Instant::from_millis(at.0));
        self.is_live() && self.now.since(newest) > STALE_AFTER
    }

    fn rows(&self) -> Vec<JobRow> {
        let request = self.request;
        let project = self.project.as_ref();
        let row = |facts| JobRow::new(request, project, facts, self.now);
        self.jobs.iter().map(row).collect()
    }

    fn graph(&self) -> String {
        graph(self.request, self.project.as_ref(), self.jobs)
    }

    fn waterfall(&self) -> String {
        waterfall(self.request, self.jobs, self.now)
    }

    fn changes(&self) -> Vec<Changes> {
        let previous = self
            .previous
            .map(|earlier| Changes::since("the previous request", self.request, earlier));
        let success = self
            .previous_success
            .filter(|success| {
                self.previous
                    .is_none_or(|previous| previous.number != success.number)
            })
            .map(|earlier| Changes::since("the last success", self.request, earlier));
        previous.into_iter().chain(success).collect()
    }

    /// `project.yaml` as it is shown; nothing where there is none, or too much of it.
    fn pipeline(&self) -> Option<String> {
        let text = &self.request.project_yaml;
        (1..=LONGEST_SHOWN).contains(&text.len()).then(|| {
            let link = |word: &str| links::script(self.request, word);
            glovebox_ui::highlighted(text, &link)
        })
    }

    fn commit_link(&self) -> Option<String> {
        links::commit(&self.request.repo, &self.request.commit)
    }

    fn short_commit(&self) -> &str {
        self.request.commit.get(..7).unwrap_or(&self.request.commit)
    }

    fn workspace_path(&self) -> String {
        workspace_path(&self.request.project, &self.request.workspace)
    }

    fn time(&self, at: Option<&Timestamp>) -> Option<Element> {
        at.map(|at| Instant::from_millis(at.0).element(self.now))
    }

    fn created(&self) -> Element {
        self.request.created_at.element(self.now)
    }

    /// The runtime as the reference shows it: the sum over jobs, in hours, minutes and seconds.
    fn runtime(&self) -> String {
        self.summary().runtime_in_words()
    }

    fn job_time(&self) -> String {
        look::duration(self.summary().runtime)
    }
}

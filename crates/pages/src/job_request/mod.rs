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

use crate::code::CodeChanges;
use crate::frame::Frame;
use crate::look;
use crate::offer::Offer;
use crate::table::Head;
use changes::Changes;
use drawings::{graph, waterfall};
use rows::JobRow;

pub(crate) use links::{commit as commit_link, comparison as comparison_link};
pub use rows::JOB_COLUMNS;
pub(crate) use rows::{OutputInWords, outputs_of, times as job_times};

/// The longest `project.yaml` that is shown on the page, in characters.
const LONGEST_SHOWN: usize = 10_000;

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
    /// Its name in addresses.
    pub organisation_slug: String,
    /// The project's name in addresses.
    pub project: String,
    /// The project's name.
    pub project_name: String,
    /// The workspace.
    pub workspace: String,
    /// The backend's name.
    pub backend: String,
    /// Its name in addresses.
    pub backend_slug: String,
    /// Where the code is.
    pub repo: String,
    /// The branch that the workspace had.
    pub branch: String,
    /// The commit, 40 hexadecimal digits.
    pub commit: String,
    /// Who asked.
    pub requested_by: String,
    /// Their user name.
    pub username: String,
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
    /// Whether the reader may see the code, and what changed in it.
    pub code_is_public: bool,
}

#[cfg(test)]
impl RequestFacts {
    /// A request of which nothing is said.
    pub(crate) fn nothing() -> Self {
        let none = String::new;
        Self {
            number: 1,
            id: none(),
            organisation: none(),
            organisation_slug: none(),
            project: none(),
            project_name: none(),
            workspace: none(),
            backend: none(),
            backend_slug: none(),
            repo: none(),
            branch: none(),
            commit: none(),
            requested_by: none(),
            username: none(),
            created_at: Instant::from_millis(0),
            force_run_dependencies: false,
            requested_actions: Vec::new(),
            status: RequestStatus::Pending,
            status_message: none(),
            project_yaml: none(),
            code_is_public: true,
        }
    }
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
    /// What changed in the code since, where that is known.
    pub code: Option<CodeChanges>,
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
    /// Its `project.yaml` as it was read; nothing where it cannot be.
    pub project: Option<&'a Project>,
    /// Its jobs, in the order of the file.
    pub jobs: &'a [JobFacts],
    /// The heads of the table of jobs, in the order of [`JOB_COLUMNS`].
    pub heads: Vec<Head>,
    /// What that table is sorted by: the place of a column, and whether upwards. Nothing for the order of
    /// the file.
    pub sort: Option<(usize, bool)>,
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
            heads: &self.heads,
            sort: self.sort,
            summary: Summary::of(
                self.request.status,
                self.jobs.iter().map(|facts| &facts.job),
            ),
            previous: self.previous,
            previous_success: self.previous_success,
            offers: &self.offers,
            newer: self.newer,
            now: self.now,
            project: self.project,
        };
        drawn.render().map_err(|_| fmt::Error)
    }
}

/// How many jobs are in a state.
struct Count {
    tone: Tone,
    word: &'static str,
    jobs: usize,
    /// Of all of them, rounded.
    percent: usize,
}

/// The page with what is counted once.
#[derive(Template)]
#[template(path = "job_request.html")]
struct Drawn<'a> {
    frame: &'a Frame,
    request: &'a RequestFacts,
    jobs: &'a [JobFacts],
    heads: &'a [Head],
    sort: Option<(usize, bool)>,
    summary: Summary,
    previous: Option<&'a Earlier>,
    previous_success: Option<&'a Earlier>,
    offers: &'a RequestOffers,
    newer: Option<&'a str>,
    now: Instant,
    project: Option<&'a Project>,
}

impl Drawn<'_> {
    fn tone(&self) -> Tone {
        look::of_request(self.summary.status).0
    }

    fn word(&self) -> &'static str {
        look::of_request(self.summary.status).1
    }

    fn is_live(&self) -> bool {
        self.summary.status.is_active()
    }

    fn is_stale(&self) -> bool {
        let newest = self.jobs.iter().map(|facts| facts.job.updated_at).max();
        let newest = newest.map_or(self.request.created_at, |at| Instant::from_millis(at.0));
        self.is_live() && self.now.since(newest) > STALE_AFTER
    }

    /// How most jobs look.
    fn usual(&self) -> Tone {
        Tone::most_frequent(self.jobs.iter().map(|facts| look::tone_of_job(&facts.job)))
    }

    fn rows(&self) -> Vec<JobRow> {
        let may_cancel = matches!(self.offers.cancel, Offer::At(_));
        let row = |facts| JobRow::new(self.project, facts, may_cancel, self.now);
        let mut rows: Vec<JobRow> = self.jobs.iter().map(row).collect();
        if let Some((column, ascending)) = self.sort {
            // What is alike stays in the order of the file.
            rows.sort_by_key(|row| row.key(column));
            if !ascending {
                rows.reverse();
            }
        }
        rows
    }

    fn counts(&self) -> Vec<Count> {
        let total = self.summary.total().max(1);
        let [waiting, running, succeeded, failed] = self.summary.jobs;
        // A job that somebody ended is kept as one that failed.
        let is_cancelled = |facts: &&JobFacts| look::tone_of_job(&facts.job) == Tone::Cancelled;
        let cancelled = self.jobs.iter().filter(is_cancelled).count();
        let looks = [
            (Tone::Waiting, "waiting", waiting),
            (Tone::Running, "running", running),
            (Tone::Succeeded, "succeeded", succeeded),
            (Tone::Failed, "failed", failed.saturating_sub(cancelled)),
            (Tone::Cancelled, "cancelled", cancelled),
        ];
        let shown = looks
            .into_iter()
            .filter(|(tone, _, jobs)| *tone != Tone::Cancelled || *jobs > 0);
        let count = |(tone, word, jobs): (Tone, &'static str, usize)| Count {
            tone,
            word,
            jobs,
            percent: (jobs * 200 + total) / (2 * total),
        };
        shown.map(count).collect()
    }

    fn graph(&self) -> String {
        graph(self.project, self.jobs)
    }

    fn waterfall(&self) -> String {
        waterfall(self.jobs, self.now)
    }

    fn changes(&self) -> Vec<Changes<'_>> {
        let is_success = |number| {
            self.previous_success
                .is_some_and(|success| success.number == number)
        };
        let previous = self.previous.map(|earlier| {
            let since = if is_success(earlier.number) {
                "the previous request and last success"
            } else {
                "the previous request"
            };
            Changes::since(since, self.request, earlier)
        });
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
        let is_shown = !text.is_empty() && text.chars().nth(LONGEST_SHOWN).is_none();
        is_shown.then(|| {
            let link = |word: &str| links::script(self.request, word);
            glovebox_ui::highlighted(text, &link)
        })
    }

    fn commit_link(&self) -> Option<String> {
        let request = self.request;
        links::commit(&request.repo, &request.commit).filter(|_| request.code_is_public)
    }

    fn definition_link(&self) -> Option<String> {
        let request = self.request;
        links::definition(&request.repo, &request.commit).filter(|_| request.code_is_public)
    }

    fn time(&self, at: Option<&Timestamp>) -> Option<Element> {
        at.map(|at| Instant::from_millis(at.0).element(self.now))
    }

    fn created(&self) -> Element {
        self.request.created_at.element(self.now)
    }

    /// The runtime as the reference shows it: the sum over jobs, in hours, minutes and seconds.
    fn runtime(&self) -> String {
        self.summary.runtime_in_words()
    }

    fn job_time(&self) -> String {
        look::duration(self.summary.runtime)
    }
}

//! The page on which people ask for jobs.

mod excerpt;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use askama::Template;
use glovebox_jobs::State;
use glovebox_pipeline::{Action, Problem, Project};
use glovebox_ui::{Element, Instant, SCRIPT, STYLE, Tone, plain};

use crate::frame::Frame;
use crate::job_request::{OutputInWords, commit_link, outputs_of};
use crate::paths::{job_request_path, run_jobs_path, workspace_path};
use crate::status::BackendFacts;
use excerpt::Excerpt;

/// The name that stands for every action.
const RUN_ALL: &str = "run_all";

/// How many actions are offered one by one: nobody reads a page with more.
const MOST_OFFERED: usize = 1_000;

/// How many errors are shown with their lines; mending the first often mends more than one.
const MOST_SHOWN: usize = 50;

/// The page on which people ask for jobs.
#[derive(Debug, Clone)]
pub struct RunJobsPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The organisation's name.
    pub organisation: &'a str,
    /// The project's name in addresses.
    pub project: &'a str,
    /// The workspace.
    pub workspace: &'a str,
    /// Where its code is.
    pub repo: &'a str,
    /// The branch that it has.
    pub branch: &'a str,
    /// The branch or commit that was asked for, as it was typed.
    pub git_ref: &'a str,
    /// What is there.
    pub code: Code<'a>,
    /// The backends there are.
    pub backends: &'a [RunBackend],
    /// The newest job of each action on each backend.
    pub last: &'a [LastState],
    /// What is chosen.
    pub chosen: &'a Chosen,
    /// Why whoever asks cannot be told how it ended, if so.
    pub no_notice: Option<&'static str>,
    /// What is wrong with what was chosen.
    pub mistakes: &'a [Mistake],
    /// The actions that what is chosen would run, if that was asked for.
    pub would_run: Option<Result<&'a [String], &'a str>>,
    /// The request that is asked for again.
    pub again: Option<Again<'a>>,
    /// The present, from which times are counted.
    pub now: Instant,
}

/// A request that is asked for again.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a> {
    /// Its public number.
    pub number: i64,
    /// The commit it was at.
    pub commit: &'a str,
}

/// What was found in the repository.
#[derive(Debug, Clone, Copy)]
pub enum Code<'a> {
    /// A `project.yaml` that keeps to the rules.
    Accepted {
        /// The commit, 40 hexadecimal digits.
        commit: &'a str,
        /// What it declares.
        project: &'a Project,
    },
    /// One that does not.
    Rejected {
        /// The commit, 40 hexadecimal digits.
        commit: &'a str,
        /// Its text.
        text: &'a str,
        /// All that is wrong.
        problems: &'a [Problem],
    },
    /// None that could be read: why, in a sentence.
    Unreadable(&'a str),
}

/// A backend that may be chosen, or not.
#[derive(Debug, Clone)]
pub struct RunBackend {
    /// The backend.
    pub facts: BackendFacts,
    /// Why it cannot be chosen, if so.
    pub refused: Option<&'static str>,
}

/// Where the newest job of an action stands on a backend.
#[derive(Debug, Clone)]
pub struct LastState {
    /// The action.
    pub action: String,
    /// The slug of the backend.
    pub backend: String,
    /// Where it stands.
    pub state: State,
    /// The public number of its request.
    pub request: i64,
    /// When it ended.
    pub completed_at: Option<Instant>,
}

/// What is chosen on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// All that has not succeeded.
    pub all: bool,
    /// The actions, by name.
    pub actions: Vec<String>,
    /// The slug of the backend; empty for none.
    pub backend: String,
    /// Whether all that the actions need runs again too.
    pub force: bool,
    /// Whether whoever asks is told how it ended.
    pub notify: bool,
}

/// Something wrong with what was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The part of the form: `ref`, `actions` or `backend`.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
}

impl RunJobsPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        let drawn = Drawn {
            frame: &self.frame,
            page: self,
        };
        drawn.render().map_err(|_| fmt::Error)
    }
}

#[derive(Template)]
#[template(path = "run_jobs.html")]
struct Drawn<'a> {
    frame: &'a Frame,
    page: &'a RunJobsPage<'a>,
}

/// One action of the form.
struct Row<'a> {
    action: &'a Action,
    name: String,
    is_chosen: bool,
    needs: Vec<String>,
    outputs: Vec<OutputInWords>,
    last: Vec<Last<'a>>,
}

/// Where its newest job stands on one backend.
struct Last<'a> {
    backend: &'a str,
    tone: Tone,
    word: &'static str,
    request: i64,
    path: String,
    ended: Option<Element>,
}

/// One error of `project.yaml`.
struct Wrong<'a> {
    line: usize,
    message: String,
    help: Option<String>,
    excerpt: Option<Excerpt<'a>>,
}

impl<'a> Drawn<'a> {
    fn path(&self) -> String {
        run_jobs_path(self.page.project, self.page.workspace)
    }

    fn workspace_path(&self) -> String {
        workspace_path(self.page.project, self.page.workspace)
    }

    /// The address at which the same is asked for again, at the newest commit of the branch.
    fn newest_path(&self) -> String {
        let number = self.page.again.map_or(0, |again| again.number);
        let mut path = format!("{}?again={number}&ref=", self.path());
        for byte in self.page.branch.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
                path.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path
    }

    /// Where the request is that is asked for again.
    fn again_path(&self) -> String {
        let again = self.page.again;
        again.map_or_else(String::new, |again| self.request_path(again.number))
    }

    fn request_path(&self, number: i64) -> String {
        job_request_path(self.page.project, self.page.workspace, number)
    }

    fn commit(&self) -> Option<&'a str> {
        match self.page.code {
            Code::Accepted { commit, .. } | Code::Rejected { commit, .. } => Some(commit),
            Code::Unreadable(_) => None,
        }
    }

    /// Whether something else was asked for than the commit in full.
    fn is_by_name(&self) -> bool {
        self.commit() != Some(self.page.git_ref)
    }

    fn commit_link(&self, commit: &str) -> Option<String> {
        commit_link(self.page.repo, commit)
    }

    /// Whether `run_all` is offered. An older file may have an action of that name.
    fn has_run_all(&self) -> bool {
        match self.page.code {
            Code::Accepted { project, .. } => {
                project.action(RUN_ALL).is_none() && !project.actions().is_empty()
            }
            _ => false,
        }
    }

    fn rows(&self, project: &'a Project) -> Vec<Row<'a>> {
        let row = |action: &'a Action| {
            let last = self.page.last.iter();
            let last = last.filter(|last| last.action == action.name);
            Row {
                action,
                name: plain(&action.name),
                is_chosen: self.page.chosen.actions.contains(&action.name),
                needs: needs_of(action),
                outputs: outputs_of(Some(project), &action.name),
                last: last.map(|last| self.last(last)).collect(),
            }
        };
        let actions = project.actions().iter().take(MOST_OFFERED);
        actions.map(row).collect()
    }

    fn last(&self, last: &'a LastState) -> Last<'a> {
        let (tone, word) = match last.state {
            State::Pending => (Tone::Waiting, "waiting"),
            State::Running => (Tone::Running, "running"),
            State::Succeeded => (Tone::Succeeded, "succeeded"),
            State::Failed => (Tone::Failed, "failed"),
        };
        let backend = self.page.backends.iter();
        let mut backend = backend.filter(|backend| backend.facts.slug == last.backend);
        Last {
            backend: backend
                .next()
                .map_or(&last.backend, |found| &found.facts.name),
            tone,
            word,
            request: last.request,
            path: self.request_path(last.request),
            ended: last.completed_at.map(|at| at.element(self.page.now)),
        }
    }

    /// What is wrong in the file, as far as it is shown.
    fn wrongs(&self) -> Vec<Wrong<'a>> {
        let Code::Rejected { text, problems, .. } = self.page.code else {
            return Vec::new();
        };
        let wrong = |problem: &Problem| Wrong {
            line: problem.location.line,
            message: plain(&problem.message),
            help: problem.help.as_deref().map(plain),
            excerpt: Excerpt::around(&problem.location, text),
        };
        let mut wrongs: Vec<_> = problems.iter().take(MOST_SHOWN).map(wrong).collect();
        // As the file is read.
        wrongs.sort_by_key(|wrong| wrong.line);
        wrongs
    }

    fn mistake(&self, field: &str) -> Option<&'a str> {
        let mut mistakes = self.page.mistakes.iter();
        mistakes
            .find(|mistake| mistake.field == field)
            .map(|mistake| mistake.text.as_str())
    }

    fn may_send(&self) -> bool {
        self.page
            .backends
            .iter()
            .any(|backend| backend.refused.is_none())
    }

    fn is_backend_chosen(&self, backend: &RunBackend) -> bool {
        let only = || {
            let open = self.page.backends.iter();
            open.filter(|backend| backend.refused.is_none()).count() == 1
        };
        backend.refused.is_none()
            && (backend.facts.slug == self.page.chosen.backend
                || (self.page.chosen.backend.is_empty() && only()))
    }
}

/// What an action needs, each once and in order.
fn needs_of(action: &Action) -> Vec<String> {
    let needs: BTreeSet<&str> = action.needs.iter().map(String::as_str).collect();
    needs.into_iter().map(plain).collect()
}

//! From a request for actions to the jobs it makes.

use std::collections::{HashMap, HashSet};

use glovebox_pipeline::{Action, Project};

use crate::{
    command::one_line,
    id::JobId,
    job::Job,
    state::{State, StatusCode},
    time::Timestamp,
};

/// The name that stands for every action of a project.
const RUN_ALL: &str = "run_all";

/// The one database that jobs may ask for; the reference has had others.
const DATABASE: &str = "default";

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRequest {
    /// Its name: 16 characters of `a` to `z` and `0` to `9`, from which the jobs take theirs.
    pub id: String,
    /// The backend to run on.
    pub backend: String,
    /// The workspace: letters, digits, `-` and `_`.
    pub workspace: String,
    /// The database, which is named `default`.
    pub database: String,
    /// The names of actions, or `run_all`.
    pub requested_actions: Vec<String>,
    /// Whether everything that the requested actions need runs anew too.
    pub force_run_dependencies: bool,
    /// Whether the study's codelists are those that their publisher has now.
    pub codelists_ok: bool,
}

/// A job that was made earlier, as far as a new request has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierJob {
    /// Its name.
    pub id: JobId,
    /// Its backend; jobs of another one are left aside.
    pub backend: String,
    /// Its workspace; jobs of another one are left aside.
    pub workspace: String,
    /// Its action.
    pub action: String,
    /// Its state.
    pub state: State,
    /// Whether somebody cancelled it; such a job is left aside, whatever its state.
    pub cancelled: bool,
    /// When it was made; of several for one action the newest counts, of those the last.
    pub created_at: Timestamp,
}

impl From<&Job> for EarlierJob {
    fn from(job: &Job) -> Self {
        Self {
            id: job.id.clone(),
            backend: job.backend.clone(),
            workspace: job.workspace.clone(),
            action: job.action.clone(),
            state: job.state(),
            cancelled: job.cancelled.is_some(),
            created_at: job.created_at,
        }
    }
}

/// What a request leads to: all of its jobs, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// These jobs, never none, each after those of them that it needs.
    Jobs(Vec<Job>),
    /// Nothing, and that is a success.
    NothingToDo(NothingToDo),
}

/// Why there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingToDo {
    /// `run_all` was asked for.
    #[error("every action has succeeded already, or is about to run")]
    AllDone,
    /// Actions were asked for.
    #[error("every requested action is about to run already")]
    AlreadyScheduled,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The name of the request cannot be one.
    #[error("{0:?} names no request: use 16 characters of a to z and 0 to 9")]
    BadId(String),
    /// There is no such backend.
    #[error("there is no backend {0:?}: choose one of those that are offered")]
    UnknownBackend(String),
    /// The workspace cannot be one.
    #[error("{0:?} names no workspace: use letters, digits, - and _")]
    BadWorkspace(String),
    /// There is no such database.
    #[error("there is no database {0:?}: leave the name out, or use \"default\"")]
    UnknownDatabase(String),
    /// No action was asked for.
    #[error("no action was requested: choose at least one")]
    NoActions,
    /// The project has no such action.
    #[error(
        "the project has no action named {0:?}: choose one of those in its `actions`, or run_all"
    )]
    UnknownAction(String),
    /// An action would read the database with codelists that are out of date.
    #[error(
        "the codelists are out of date, and {0:?} reads the database with them: update them with `opensafely codelists update`"
    )]
    StaleCodelists(String),
}

/// Makes the jobs of a request, or says why there are none.
///
/// The rules are those of OpenSAFELY's job-runner. A requested action runs anew even if it
/// succeeded, unless it is about to run or running. What it needs, directly or not, runs if it is
/// not there: never run, failed or, when the request says so, in any case. Nothing further is
/// looked at beyond a need that stands. `run_all` treats every action as something needed, and
/// names beside it that the project does not have are passed over. A new job waits for those that
/// it needs and that have not ended.
///
/// `backends` are those there are. `earlier` may hold every job ever made, or only those of the
/// workspace. The project is free of cycles, so this ends, and takes time in proportion to the
/// project and to `earlier`.
pub fn plan(
    request: &JobRequest,
    project: &Project,
    backends: &[&str],
    earlier: &[EarlierJob],
    now: Timestamp,
) -> Result<Planned, Refused> {
    check(request, backends)?;
    let mut plan = Plan {
        request,
        project,
        requested: request
            .requested_actions
            .iter()
            .map(String::as_str)
            .collect(),
        standing: newest(request, project, earlier),
        jobs: Vec::new(),
        now,
    };
    let run_all = plan.requested.contains(RUN_ALL);
    if run_all {
        project.run_all().for_each(|action| plan.add(action));
    } else {
        for name in &request.requested_actions {
            let action = project
                .action(name)
                .ok_or_else(|| Refused::UnknownAction(name.clone()))?;
            plan.add(action);
        }
    }
    let jobs = plan.jobs;
    if jobs.is_empty() {
        return Ok(Planned::NothingToDo(if run_all {
            NothingToDo::AllDone
        } else {
            NothingToDo::AlreadyScheduled
        }));
    }
    match jobs.iter().find(|job| job.requires_db) {
        Some(job) if !request.codelists_ok => Err(Refused::StaleCodelists(job.action.clone())),
        _ => Ok(Planned::Jobs(jobs)),
    }
}

fn check(request: &JobRequest, backends: &[&str]) -> Result<(), Refused> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if request.id.len() != 16 || !request.id.chars().all(plain) {
        return Err(Refused::BadId(request.id.clone()));
    }
    if request.requested_actions.is_empty() {
        return Err(Refused::NoActions);
    }
    let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if request.workspace.is_empty() || !request.workspace.chars().all(named) {
        return Err(Refused::BadWorkspace(request.workspace.clone()));
    }
    if !backends.contains(&request.backend.as_str()) {
        return Err(Refused::UnknownBackend(request.backend.clone()));
    }
    if request.database != DATABASE {
        return Err(Refused::UnknownDatabase(request.database.clone()));
    }
    Ok(())
}

/// The job that stands for an action: its newest that nobody cancelled.
struct Standing {
    id: JobId,
    state: State,
}

fn newest<'p>(
    request: &JobRequest,
    project: &'p Project,
    earlier: &[EarlierJob],
) -> HashMap<&'p str, Standing> {
    let mut newest: HashMap<&str, &EarlierJob> = HashMap::new();
    for job in earlier {
        let of_workspace = job.backend == request.backend && job.workspace == request.workspace;
        if !of_workspace || job.cancelled {
            continue;
        }
        let Some(action) = project.action(&job.action) else {
            continue;
        };
        let known = newest.entry(&action.name).or_insert(job);
        if known.created_at <= job.created_at {
            *known = job;
        }
    }
    newest
        .into_iter()
        .map(|(action, job)| {
            let standing = Standing {
                id: job.id.clone(),
                state: job.state,
            };
            (action, standing)
        })
        .collect()
}

struct Plan<'p> {
    request: &'p JobRequest,
    project: &'p Project,
    requested: HashSet<&'p str>,
    standing: HashMap<&'p str, Standing>,
    jobs: Vec<Job>,
    now: Timestamp,
}

impl<'p> Plan<'p> {
    /// Adds the job of an action after those for what it needs. No recursion: a study may chain
    /// as many actions as its file has room for.
    fn add(&mut self, action: &'p Action) {
        let mut open: Vec<(&'p Action, usize)> = Vec::new();
        if self.must_run(action) {
            open.push((action, 0));
        }
        while let Some((action, next)) = open.pop() {
            let Some(need) = action.needs.get(next) else {
                let job = self.job(action);
                let standing = Standing {
                    id: job.id.clone(),
                    state: job.state(),
                };
                self.standing.insert(&action.name, standing);
                self.jobs.push(job);
                continue;
            };
            open.push((action, next + 1));
            if let Some(need) = self.project.action(need)
                && self.must_run(need)
            {
                open.push((need, 0));
            }
        }
    }

    fn must_run(&self, action: &Action) -> bool {
        self.standing.get(action.name.as_str()).is_none_or(|job| {
            job.state.is_final()
                && (self.requested.contains(action.name.as_str())
                    || self.request.force_run_dependencies
                    || job.state == State::Failed)
        })
    }

    fn job(&self, action: &Action) -> Job {
        let mut seen = HashSet::new();
        let wait_for = action
            .needs
            .iter()
            .filter(|need| seen.insert(need.as_str()))
            .filter_map(|need| self.standing.get(need.as_str()))
            .filter(|job| !job.state.is_final())
            .map(|job| job.id.clone())
            .collect();
        Job {
            id: JobId::of(&self.request.id, &action.name),
            request: self.request.id.clone(),
            backend: self.request.backend.clone(),
            workspace: self.request.workspace.clone(),
            action: action.name.clone(),
            run_command: one_line(action),
            requires_db: action.is_database_action,
            needs: action.needs.clone(),
            wait_for,
            time_limit: None,
            code: StatusCode::Created,
            created_at: self.now,
            updated_at: self.now,
            started_at: None,
            completed_at: None,
            tasks: 0,
            faults: 0,
            holder: None,
            cancelled: None,
            exit_code: None,
            withheld: false,
        }
    }
}

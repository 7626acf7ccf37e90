//! The work on a task: is it allowed, its code, its pipeline, its job.

use std::fs::File;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use glovebox_beneath as beneath;
use glovebox_pipeline::{Action, Project};
use glovebox_protocol::{Ended, Reason, Stage, Task};
use glovebox_runner::{
    Event, JobName, JobOptions, Observer, Origin, Workspace, WorkspaceJob, run_job,
};

use super::kept::Over;
use super::reason;
use crate::allowed::{self, NotAllowed};
use crate::code::CodeError;
use crate::core::Core;
use crate::folder::make_private;

/// What says which actions there are.
const PROJECT_FILE: &str = "project.yaml";

/// No more of it is read, in bytes; the pipeline refuses less.
const MOST_PROJECT: u64 = 64 << 20;

/// Works on a task to its end, in the empty folder `work`; a panic is a failure of this task alone.
pub(super) fn work(
    core: &Core,
    task: &Task,
    work: &Path,
    stop: &Arc<AtomicBool>,
    tell: &(dyn Fn(Stage) + Send + Sync),
) -> Over {
    let attempt = AssertUnwindSafe(|| attempt(core, task, work, stop, tell));
    match catch_unwind(attempt) {
        Ok(Ok(over)) => over,
        Ok(Err(trouble)) => {
            if !stop.load(Ordering::Acquire) {
                tracing::warn!(task = task.task, %trouble, "a task did not start");
            }
            Over::ended(trouble.ended())
        }
        Err(_) => {
            tracing::error!(task = task.task, "a defect stopped a task");
            Over::ended(Ended::Failed(Reason::Internal))
        }
    }
}

/// Why a task did not come to its job. Shown beside the data only.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("this agent does not allow it: {0}")]
    NotAllowed(#[from] NotAllowed),
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error("project.yaml at the commit cannot be read: {0}")]
    ProjectFile(io::Error),
    #[error("project.yaml at the commit is rejected")]
    Rejected,
    #[error("project.yaml at the commit has no such action")]
    NoAction,
    #[error("the job could not start: {0}")]
    Run(#[from] glovebox_runner::RunError),
    #[error("a folder for the job cannot be made: {0}")]
    Io(#[from] io::Error),
}

impl Trouble {
    fn ended(&self) -> Ended {
        match self {
            Self::NotAllowed(_) => Ended::Failed(Reason::NotAllowed),
            Self::Code(
                CodeError::NoCommit | CodeError::TooMuch | CodeError::RepositoryTooLarge(_),
            )
            | Self::ProjectFile(_)
            | Self::Rejected
            | Self::NoAction => Ended::Failed(Reason::Code),
            Self::Run(error) => reason::of_error(error),
            Self::Code(CodeError::Git(_) | CodeError::Io(_)) | Self::Io(_) => Ended::MayPass,
        }
    }
}

fn attempt(
    core: &Core,
    task: &Task,
    work: &Path,
    stop: &Arc<AtomicBool>,
    tell: &(dyn Fn(Stage) + Send + Sync),
) -> Result<Over, Trouble> {
    let settings = &core.settings;
    settings.allowed.repository(&task.repo)?;
    allowed::commit(&task.commit)?;
    let name = |text| JobName::new(text).map_err(|_| NotAllowed::Name);
    let (id, workspace) = (name(&task.task)?, name(&task.workspace)?);
    let checkout = work.join("code");
    make_private(&checkout)?;
    tracing::info_span!("code").in_scope(|| {
        let mirrors = &core.mirrors;
        mirrors.check_out(&task.repo, &task.commit, &checkout, work, stop)
    })?;
    let project = read_project(&checkout)?;
    let action = project.action(&task.action).ok_or(Trouble::NoAction)?;
    settings.allowed.action(action, task.requires_db)?;

    let workspace = Workspace::open(&settings.workspaces.join(workspace.as_str()))?;
    let job_work = work.join("job");
    make_private(&job_work)?;
    let origin = Origin {
        job_id: Some(id),
        commit: Some(task.commit.clone()),
        user: task.requested_by.clone(),
        repo: task.repo.clone(),
    };
    let job = WorkspaceJob {
        workspace: &workspace,
        project: &project,
        code: &checkout,
        work: &job_work,
        action,
        origin: &origin,
        options: &options(core, task),
        sandbox: &core.sandbox,
        stop: Arc::clone(stop),
    };
    let telling = Telling { action, tell };
    let report = tracing::info_span!("job").in_scope(|| run_job(&job, &telling))?;
    Ok(reason::of_report(&report))
}

/// Reads the pipeline at the commit. The repository may hold anything under that name.
fn read_project(checkout: &Path) -> Result<Project, Trouble> {
    let folder = File::open(checkout)?;
    let (file, _) = beneath::open_file(&folder, PROJECT_FILE)
        .map_err(|error| Trouble::ProjectFile(error.into()))?;
    let mut bytes = Vec::new();
    file.take(MOST_PROJECT)
        .read_to_end(&mut bytes)
        .map_err(Trouble::ProjectFile)?;
    glovebox_pipeline::check_bytes(&bytes)
        .outcome
        .map_err(|_| Trouble::Rejected)
}

/// The agent's own limits; the server may ask for less time.
fn options(core: &Core, task: &Task) -> JobOptions {
    let mut limits = core.settings.limits.clone();
    if let Some(seconds) = task.time_limit_seconds {
        limits.wall = limits.wall.min(Duration::from_secs(seconds));
    }
    JobOptions {
        limits,
        population: core.settings.population,
        ..JobOptions::default()
    }
}

/// Hears what a job does, and tells its stages.
struct Telling<'a> {
    action: &'a Action,
    tell: &'a (dyn Fn(Stage) + Send + Sync),
}

impl Observer for Telling<'_> {
    fn event(&self, _: &Event<'_>) {}

    fn stage(&self, action: &str, stage: glovebox_runner::Stage) {
        if action == self.action.name {
            (self.tell)(match stage {
                glovebox_runner::Stage::Executing => Stage::Executing,
                glovebox_runner::Stage::Finalizing => Stage::Finalizing,
            });
        }
    }
}

//! A workspace's own folder on a backend, and one job in it.
//!
//! What a server asks for is one action at a commit. Nothing is reused (the server decides what runs),
//! and nothing is copied out of the stores: nobody works in this folder.
//!
//! ```text
//! <root>/                private (0700)
//!   jobs/<job id>/       log.txt and job.json of every job
//!   outputs/             the two stores, one folder a level
//! ```

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glovebox_levels::Store;
use glovebox_pipeline::{Action, Project};
use glovebox_sandbox::{Cancel, Sandbox};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::code::{CodeSnapshot, is_output};
use crate::error::RunError;
use crate::folder::make_private;
use crate::origin::Origin;
use crate::perform::{panicked, perform};
use crate::ready::ready;
use crate::report::{ActionReport, Observer};
use crate::seed;
use crate::shared::Shared;

/// A workspace's own folder on a backend. Several processes may use one: the stores have a lock.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Opens the folder, making it where it is not there; only its owner may enter.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(root: &Path) -> io::Result<Self> {
        let workspace = Self {
            root: root.to_owned(),
        };
        make_private(root)?;
        make_private(&workspace.jobs())?;
        Ok(workspace)
    }

    /// Logs and records, one folder a job.
    pub fn jobs(&self) -> PathBuf {
        self.root.join("jobs")
    }

    /// Where the two stores are.
    pub fn stores(&self) -> PathBuf {
        self.root.join("outputs")
    }
}

/// How a job goes that a server asked for.
#[derive(Debug, Clone, Default)]
pub struct JobOptions {
    /// Limits on the command.
    pub limits: glovebox_sandbox::Limits,
    /// Limits on moderately sensitive files.
    pub file_limits: glovebox_levels::Limits,
    /// Dummy patients of an extraction; else what `project.yaml` says.
    pub population: Option<u64>,
}

/// One job that a server asked for.
pub struct WorkspaceJob<'a> {
    /// Where its inputs come from and its outputs go.
    pub workspace: &'a Workspace,
    /// The valid pipeline at the commit.
    pub project: &'a Project,
    /// The folder that the commit was checked out to; nobody may change it meanwhile.
    pub code: &'a Path,
    /// An empty folder of the job's own to work in. Whoever made it removes it (see [`crate::remove`]).
    pub work: &'a Path,
    /// The action, one of the project's.
    pub action: &'a Action,
    /// Who asked, and for which code.
    pub origin: &'a Origin,
    /// How it goes.
    pub options: &'a JobOptions,
    /// What runs its command.
    pub sandbox: &'a Sandbox,
    /// Raised to stop it.
    pub stop: Arc<AtomicBool>,
}

/// Runs the job to its end.
///
/// # Errors
/// Whatever makes it pointless to start: nothing ran then. What goes wrong in the action is in the
/// report.
pub fn run_job(job: &WorkspaceJob<'_>, observer: &dyn Observer) -> Result<ActionReport, RunError> {
    let mut images = ready(&[job.action], observer, &job.stop)?;
    if let Some((_, error)) = images.missing.pop_first() {
        return Err(error);
    }
    let store = Store::open(job.workspace.stores())?;
    let actions = job.project.actions().iter();
    store.mark_actions(&actions.map(|action| action.name.as_str()).collect())?;
    let code = CodeSnapshot::take(job.code, &job.work.join("frozen"), &|path| {
        is_output(job.project, path)
    })?;
    let seed = seed::fresh().map_err(|source| RunError::Io {
        what: "choosing a seed",
        source,
    })?;
    let shared = Shared {
        jobs: &job.workspace.jobs(),
        work: job.work,
        project: job.project,
        code: &code,
        code_files: &code.paths(),
        store: &store,
        sandbox: job.sandbox,
        images: &images,
        limits: &job.options.limits,
        file_limits: &job.options.file_limits,
        population: job.options.population,
        seed,
        today: TimeZone::UTC.to_datetime(Timestamp::now()).date(),
        origin: job.origin,
        local: None,
        observer,
        cancel: &Cancel::from(Arc::clone(&job.stop)),
    };
    let performed = catch_unwind(AssertUnwindSafe(|| perform(&shared, job.action)));
    Ok(performed.unwrap_or_else(|_| panicked(&job.action.name)))
}

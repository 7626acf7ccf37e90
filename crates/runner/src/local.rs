//! A run of many actions on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glovebox_levels::{Store, StoreError};
use glovebox_pipeline::{Action, Project, UnknownAction};
use glovebox_runtimes::{
    Cache, Machine, PrepareError, Prepared, Progress, ResolveError, Runtime, Runtimes,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use glovebox_sandbox::{Cancel, Sandbox, Unavailable};

use crate::code::{CodeError, CodeSnapshot};
use crate::failure::{Failure, FailureKind};
use crate::folder::ProjectFolder;
use crate::lock::{LockError, RunLock};
use crate::perform::{image, perform};
use crate::report::{ActionReport, Event, Observer, State};
use crate::schedule::{self, NotRun, Outcome, Policy};
use crate::seed;
use crate::shared::Shared;
use crate::work::{WorkFolder, sweep};

/// Which actions run even if an earlier success would stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Force {
    /// None.
    #[default]
    Nothing,
    /// Those asked for, and all that they need.
    Everything,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which actions run again.
    pub force: Force,
    /// Whether actions that do not need a failed one still start.
    pub continue_on_error: bool,
    /// Most actions at once.
    pub jobs: usize,
    /// Dummy patients of an extraction; else what `project.yaml` says.
    pub population: Option<u64>,
    /// Repeats the dummy data of an earlier run.
    pub seed: Option<u64>,
    /// What `today` means in study definitions; else the day of the run, UTC.
    pub today: Option<Date>,
    /// Limits on each job.
    pub limits: glovebox_sandbox::Limits,
    /// Limits on moderately sensitive files.
    pub file_limits: glovebox_levels::Limits,
}

/// Why no action ran.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An action that the project does not have.
    #[error(transparent)]
    UnknownAction(#[from] UnknownAction),
    /// Another run is under way in the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The sandbox cannot be used.
    #[error(transparent)]
    Sandbox(#[from] Unavailable),
    /// An image that means nothing here.
    #[error("the action {action} asks for an image that is not here: {source}")]
    Image {
        /// The action.
        action: String,
        /// What is known.
        source: ResolveError,
    },
    /// A runtime cannot be made ready.
    #[error("{image} cannot be made ready: {source}")]
    Runtime {
        /// The image.
        image: String,
        /// Why not.
        source: PrepareError,
    },
    /// The code cannot be copied.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The stores cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A local run: a project folder, its pipeline, and what is asked of it.
pub struct LocalRun<'a> {
    /// The project folder.
    pub folder: &'a ProjectFolder,
    /// Its valid pipeline.
    pub project: &'a Project,
    /// Actions asked for; `run_all` for all.
    pub requested: &'a [String],
    /// How it goes.
    pub options: &'a Options,
    /// The program that launches sandboxes: `glovebox` itself.
    pub launcher: PathBuf,
    /// Raised to stop the run.
    pub stop: Arc<AtomicBool>,
}

impl LocalRun<'_> {
    /// The names of the actions that the run is about, in the order in which they could run.
    ///
    /// # Errors
    /// An action that the project does not have.
    pub fn actions(&self) -> Result<Vec<String>, UnknownAction> {
        let closure = self
            .project
            .closure(self.requested.iter().map(String::as_str))?;
        Ok(closure
            .into_iter()
            .map(|action| action.name.clone())
            .collect())
    }

    /// Runs all that is asked for and all that it needs.
    ///
    /// # Errors
    /// Whatever makes it pointless to start: nothing ran then. What goes wrong in an action is in
    /// its report.
    pub fn run(&self, observer: &dyn Observer) -> Result<Vec<ActionReport>, RunError> {
        let actions = self
            .project
            .closure(self.requested.iter().map(String::as_str))?;
        let _lock = RunLock::take(self.folder)?;
        sweep(self.folder);
        let sandbox = Sandbox::new(&self.launcher);
        sandbox.available()?;
        let runtimes = self.runtimes(&actions, observer)?;
        let store = Store::open(self.folder.stores())?;
        store.mark_actions(
            &self
                .project
                .actions()
                .iter()
                .map(|action| action.name.as_str())
                .collect(),
        )?;
        let work = WorkFolder::create(self.folder, "code").map_err(|source| RunError::Io {
            what: "making a folder for the code",
            source,
        })?;
        let code = CodeSnapshot::take(self.folder.root(), &work.join("frozen"), &|path| {
            self.is_output(path)
        })?;
        let code_files = code.paths();
        let seed = match self.options.seed {
            Some(seed) => seed,
            None => seed::fresh().map_err(|source| RunError::Io {
                what: "choosing a seed",
                source,
            })?,
        };
        let cancel = Cancel::from(Arc::clone(&self.stop));
        let shared = Shared {
            folder: self.folder,
            project: self.project,
            code: &code,
            code_files: &code_files,
            store: &store,
            sandbox: &sandbox,
            runtimes: &runtimes,
            options: self.options,
            forced: self.forced(&actions),
            seed,
            today: self
                .options
                .today
                .unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date()),
            observer,
            cancel: &cancel,
        };
        Ok(run_all(&shared, &actions))
    }

    fn forced<'n>(&self, actions: &[&'n Action]) -> BTreeSet<&'n str> {
        match self.options.force {
            Force::Nothing => BTreeSet::new(),
            Force::Everything => actions.iter().map(|action| action.name.as_str()).collect(),
        }
    }

    fn is_output(&self, path: &str) -> bool {
        let mut outputs = self
            .project
            .actions()
            .iter()
            .flat_map(|action| &action.outputs);
        outputs.any(|output| output.pattern.matches(path))
    }

    /// Makes every image of the run ready before anything starts.
    fn runtimes(
        &self,
        actions: &[&Action],
        observer: &dyn Observer,
    ) -> Result<BTreeMap<String, (Runtime, Prepared)>, RunError> {
        let table = Runtimes::embedded().map_err(|error| RunError::Io {
            what: "reading the table of runtimes",
            source: std::io::Error::other(error),
        })?;
        let mut resolved = BTreeMap::new();
        for action in actions {
            let runtime = table
                .resolve(&action.run.image.name, &action.run.image.version)
                .map_err(|source| RunError::Image {
                    action: action.name.clone(),
                    source,
                })?;
            resolved.insert(image(action), runtime);
        }
        let machine = Machine::current();
        let cache = Cache::of_user(&machine).map_err(|error| RunError::Io {
            what: "finding the cache",
            source: std::io::Error::other(error),
        })?;
        let tell = |progress: Progress| {
            observer.event(&Event::Preparing {
                what: &progress.to_string(),
            });
        };
        resolved
            .into_iter()
            .map(
                |(image, runtime)| match runtime.prepare(&machine, &cache, &tell, &self.stop) {
                    Ok(prepared) => Ok((image, (runtime, prepared))),
                    Err(source) => Err(RunError::Runtime { image, source }),
                },
            )
            .collect()
    }
}

fn run_all(shared: &Shared<'_>, actions: &[&Action]) -> Vec<ActionReport> {
    let index: BTreeMap<&str, usize> = actions
        .iter()
        .enumerate()
        .map(|(index, action)| (action.name.as_str(), index))
        .collect();
    let needs: Vec<Vec<usize>> = actions
        .iter()
        .map(|action| {
            let needs: BTreeSet<usize> = action
                .needs
                .iter()
                .filter_map(|need| index.get(need.as_str()).copied())
                .collect();
            needs.into_iter().collect()
        })
        .collect();
    let policy = Policy {
        jobs: shared.options.jobs,
        continue_on_error: shared.options.continue_on_error,
    };
    let outcomes = schedule::run(
        &needs,
        policy,
        &|| shared.cancel.is_cancelled(),
        &|index| perform(shared, actions[index]),
        &|index| panicked(&actions[index].name),
        &|report| report.state.is_success(),
        &mut |index, outcome| match outcome {
            Outcome::Ran(report) => shared.observer.event(&Event::Finished { report }),
            Outcome::NotRun(why) => {
                let report = not_run(actions, index, *why);
                shared.observer.event(&Event::Finished { report: &report });
            }
        },
    );
    outcomes
        .into_iter()
        .enumerate()
        .map(|(index, outcome)| match outcome {
            Outcome::Ran(report) => report,
            Outcome::NotRun(why) => not_run(actions, index, why),
        })
        .collect()
}

fn not_run(actions: &[&Action], index: usize, why: NotRun) -> ActionReport {
    let mut report = ActionReport::new(&actions[index].name, State::NotRun);
    report.failure = Some(match why {
        NotRun::Needs(need) => Failure::new(
            FailureKind::MissingInputs,
            format!("{}, which it needs, did not succeed", actions[need].name),
        ),
        NotRun::Stopped => Failure::new(
            FailureKind::Cancelled,
            "another action failed first (--continue-on-error goes on)",
        ),
        NotRun::Cancelled => Failure::new(FailureKind::Cancelled, "the run was stopped"),
    });
    report
}

fn panicked(action: &str) -> ActionReport {
    let mut report = ActionReport::new(action, State::Failed);
    report.failure = Some(Failure::new(
        FailureKind::Internal,
        "a defect in Glovebox stopped this job: please report it",
    ));
    report
}

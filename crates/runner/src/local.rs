//! A run of many actions on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glovebox_levels::Store;
use glovebox_pipeline::{Action, Project, UnknownAction};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use glovebox_sandbox::{Cancel, Sandbox};

use crate::code::{CodeSnapshot, is_output};
use crate::error::RunError;
use crate::failure::{Failure, FailureKind};
use crate::folder::ProjectFolder;
use crate::lock::RunLock;
use crate::origin::Origin;
use crate::perform::{panicked, perform};
use crate::ready::ready;
use crate::report::{ActionReport, Event, Observer, State};
use crate::schedule::{self, NotRun, Outcome, Policy};
use crate::seed;
use crate::shared::{Local, Shared};
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
        sweep(&self.folder.work());
        let sandbox = Sandbox::new(&self.launcher);
        sandbox.available()?;
        let images = ready(&actions, observer, &self.stop)?;
        if !images.missing.is_empty() && !self.options.continue_on_error {
            return Err(RunError::Images(images.missing.into_values().collect()));
        }
        let store = Store::open(self.folder.stores())?;
        store.mark_actions(
            &self
                .project
                .actions()
                .iter()
                .map(|action| action.name.as_str())
                .collect(),
        )?;
        let work =
            WorkFolder::create(&self.folder.work(), "code").map_err(|source| RunError::Io {
                what: "making a folder for the code",
                source,
            })?;
        // What was ever filed was put into the folder by a run. It stays an output, whatever
        // project.yaml declares now: as code it would reach every action, at no level at all.
        let filed = store.high_manifest()?.outputs;
        let code = CodeSnapshot::take(self.folder.root(), &work.join("frozen"), &|path| {
            is_output(self.project, path) || filed.contains_key(path)
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
        let (jobs, working) = (self.folder.jobs(), self.folder.work());
        let shared = Shared {
            jobs: &jobs,
            work: &working,
            project: self.project,
            code: &code,
            code_files: &code_files,
            store: &store,
            sandbox: &sandbox,
            images: &images,
            limits: &self.options.limits,
            file_limits: &self.options.file_limits,
            population: self.options.population,
            seed,
            today: self
                .options
                .today
                .unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date()),
            origin: &Origin::default(),
            local: Some(Local {
                folder: self.folder,
                options: self.options,
                forced: self.forced(&actions),
            }),
            observer,
            cancel: &cancel,
        };
        Ok(run_all(&shared, self.options, &actions))
    }

    fn forced<'n>(&self, actions: &[&'n Action]) -> BTreeSet<&'n str> {
        match self.options.force {
            Force::Nothing => BTreeSet::new(),
            Force::Everything => actions.iter().map(|action| action.name.as_str()).collect(),
        }
    }
}

fn run_all(shared: &Shared<'_>, options: &Options, actions: &[&Action]) -> Vec<ActionReport> {
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
        jobs: options.jobs,
        continue_on_error: options.continue_on_error,
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

//! One job from start to end: stage, run, collect, file, record.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use glovebox_cohortextractor::DummyOptions;
use glovebox_levels::StoredOutput;
use glovebox_pipeline::Action;
use glovebox_runtimes::{Builtin, Prepared, Runtime};
use glovebox_sandbox::Outcome;
use jiff::Timestamp;

use crate::execute::{self, Streams};
use crate::extraction::{self, Files};
use crate::failure::{Failure, FailureKind};
use crate::filing;
use crate::fingerprint::Fingerprint;
use crate::folder::make_private;
use crate::log::{JobLog, LogLimits, last_lines};
use crate::package::missing_package;
use crate::perform::population;
use crate::record::{JobRecord, RecordedOutput};
use crate::removal::remove;
use crate::report::{ActionReport, OutputReport, Stage, State};
use crate::reuse::latest;
use crate::script::missing_script;
use crate::seed;
use crate::shared::Shared;
use crate::work::WorkFolder;

/// How many of the last lines of a failed job's log are shown.
const LAST_LINES: usize = 32;

/// A job under way.
pub(crate) struct Job<'a> {
    shared: &'a Shared<'a>,
    action: &'a Action,
    id: String,
    folder: PathBuf,
    work: WorkFolder,
    log: JobLog,
    started: Timestamp,
    /// When it began by the clock that file times come from.
    begun: SystemTime,
    fingerprint: Fingerprint,
    inputs: Vec<StoredOutput>,
}

/// What a job that succeeded leaves.
pub(crate) struct Done {
    outputs: Vec<RecordedOutput>,
    seed: Option<u64>,
}

impl<'a> Job<'a> {
    pub(crate) fn begin(
        shared: &'a Shared<'a>,
        action: &'a Action,
        fingerprint: Fingerprint,
        inputs: Vec<StoredOutput>,
    ) -> io::Result<Self> {
        let id = match &shared.origin.job_id {
            Some(name) => name.as_str().to_owned(),
            None => seed::job_id()?,
        };
        let folder = shared.jobs.join(&id);
        // Of an attempt at the same job that was cut short.
        remove(&folder);
        make_private(&folder)?;
        let log = JobLog::create(&log_path(&folder), LogLimits::default())?;
        let work = WorkFolder::create(shared.work, &id)?;
        let (started, begun) = (Timestamp::now(), SystemTime::now());
        Ok(Self {
            shared,
            action,
            id,
            folder,
            work,
            log,
            started,
            begun,
            fingerprint,
            inputs,
        })
    }

    pub(crate) fn run(
        &self,
        runtime: &Runtime,
        prepared: &Prepared,
        report: &mut ActionReport,
    ) -> Result<Done, Failure> {
        report.job_id = Some(self.id.clone());
        report.log = Some(log_path(&self.folder));
        self.log.note(&format!("action   {}", self.action.name));
        self.log.note(&format!("job      {}", self.id));
        if let Some(commit) = &self.shared.origin.commit {
            self.log.note(&format!("commit   {commit}"));
        }
        self.log
            .note(&format!("command  {}", self.action.run.raw.trim()));
        self.log.note(&format!(
            "runtime  {} ({})",
            prepared.description, prepared.digest
        ));
        let (made_in, seed) = match runtime.builtin() {
            Some(Builtin::CohortExtractor) => self.extract(prepared, report)?,
            None => (self.command(prepared, report)?, None),
        };
        if self.shared.cancel.is_cancelled() {
            return Err(Failure::new(FailureKind::Cancelled, "the run was stopped"));
        }
        self.come_to(Stage::Finalizing);
        let outputs = filing::file(
            self.shared,
            self.action,
            &filing::Made {
                job_id: &self.id,
                since: self.begun,
                folder: &made_in,
                inputs: &self.inputs,
            },
            &self.log,
        )?;
        Ok(Done { outputs, seed })
    }

    fn come_to(&self, stage: Stage) {
        self.shared.observer.stage(&self.action.name, stage);
    }

    /// A workspace with the frozen code in it.
    fn workspace(&self) -> Result<PathBuf, Failure> {
        let made = || {
            let workspace = self.work.subfolder("workspace")?;
            self.shared.code.stage(&workspace)?;
            Ok(workspace)
        };
        made().map_err(|error: io::Error| Failure::environment("staging the code", &error))
    }

    /// Puts the outputs of needed actions into a folder, and answers that folder.
    fn stage_inputs(&self, folder: &Path) -> Result<File, Failure> {
        let failed =
            |error: &dyn std::error::Error| Failure::environment("staging the inputs", error);
        let directory = File::open(folder).map_err(|error| failed(&error))?;
        for input in &self.inputs {
            self.shared
                .store
                .stage(input, &directory)
                .map_err(|error| failed(&error))?;
        }
        Ok(directory)
    }

    fn command(&self, prepared: &Prepared, report: &mut ActionReport) -> Result<PathBuf, Failure> {
        let workspace = self.workspace()?;
        self.stage_inputs(&workspace)?;
        let words = self.action.command_line().split_off(1);
        let mut files = self.shared.code_files.to_vec();
        files.extend(self.inputs.iter().map(|input| input.path.clone()));
        if let Some(missing) = missing_script(&words, &files) {
            let nearest = missing
                .nearest
                .iter()
                .map(|path| format!("did you mean {path}?"));
            return Err(Failure::new(
                FailureKind::MissingScript,
                "the script that the command names does not exist",
            )
            .with([format!("{} does not exist", missing.path)])
            .with(nearest));
        }
        self.come_to(Stage::Executing);
        let (mut stdout, mut stderr) = (self.log.stream(), self.log.stream());
        let streams = Streams {
            stdout: &mut stdout,
            stderr: &mut stderr,
        };
        let outcome = execute::command(
            self.shared,
            prepared,
            &prepared.argv(&words),
            &workspace,
            streams,
        )?;
        drop((stdout, stderr));
        self.ended(&outcome, report);
        match execute::failure(&outcome.ending) {
            None => Ok(workspace),
            Some(failure) => Err(failure),
        }
    }

    /// Evaluates the study definition in a sandbox, then generates the cohort from what it said.
    ///
    /// No data is in that sandbox, not even another action's output: what of those the cohort is made
    /// from is given to the second, trusted step alone.
    fn extract(
        &self,
        prepared: &Prepared,
        report: &mut ActionReport,
    ) -> Result<(PathBuf, Option<u64>), Failure> {
        let words = self.action.command_line().split_off(1);
        let workspace = self.workspace()?;
        self.come_to(Stage::Executing);
        let (document, outcome) =
            extraction::evaluate(self.shared, prepared, &words, &workspace, &self.log)?;
        self.ended(&outcome, report);
        let (seed, today) = (self.shared.seed, self.shared.today);
        let options = DummyOptions {
            population: population(self.shared),
            seed,
            today,
        };
        let subfolder = |name: &str| {
            let made = self.work.subfolder(name);
            made.map_err(|error| Failure::environment("making a folder for the cohort", &error))
        };
        let files = Files {
            inputs: self.stage_inputs(&subfolder("inputs")?)?,
            code: self
                .shared
                .code
                .open()
                .map_err(|error| Failure::environment("opening the code", &error))?,
        };
        let cohorts = extraction::plan(&document, &outcome, options, &files)
            .map_err(|failure| self.without_inputs(failure))?;
        self.log.note(&format!(
            "seed     {seed} (repeat with --seed {seed} --today {today})"
        ));
        report.seed = Some(seed);
        report.today = Some(today.to_string());
        let into = subfolder("extracted")?;
        extraction::generate(self.shared, self.action, &cohorts, &into)?;
        Ok((into, Some(seed)))
    }

    /// Says of a definition that could not be evaluated what it may have looked for in vain.
    fn without_inputs(&self, failure: Failure) -> Failure {
        if failure.kind != FailureKind::StudyDefinition || self.inputs.is_empty() {
            return failure;
        }
        failure.with([format!(
            "no data is there while a definition is evaluated, so it cannot open the outputs of {}",
            self.action.needs.join(", ")
        )])
    }

    fn ended(&self, outcome: &Outcome, report: &mut ActionReport) {
        let usage = &outcome.usage;
        let cpu = (usage.cpu_user + usage.cpu_system).as_secs_f64();
        report.peak_memory = Some(usage.peak_memory);
        report.mean_memory = usage.mean_memory;
        report.peak_cpus = Some(usage.peak_cpus).filter(|peak| *peak > 0.0);
        report.cpu_seconds = Some(cpu);
        report.command_time = Some(usage.wall);
        report.enforcement = Some(outcome.enforcement.in_words());
        self.log.note(&outcome.ending.in_words());
        self.log.note(&format!(
            "{:.2} s, {cpu:.2} s of processor time, {:.0} MB of memory at most; limits: {}",
            usage.wall.as_secs_f64(),
            usage.peak_memory as f64 / 1e6,
            outcome.enforcement.in_words()
        ));
    }

    /// Keeps what a later run in the same project folder may reuse.
    fn remember(&self, record: &JobRecord) -> io::Result<()> {
        let Some(local) = &self.shared.local else {
            return Ok(());
        };
        let code = self.shared.code;
        code.keep_digests(&local.folder.code_manifests())?;
        record.write(&latest(local.folder, self.action))
    }

    /// Writes down how it ended.
    pub(crate) fn end(
        self,
        result: Result<Done, Failure>,
        report: &mut ActionReport,
    ) -> Result<(), Failure> {
        if let Err(failure) = &result {
            self.log.note(&format!(
                "failed   {} ({})",
                failure.reason,
                failure.kind.code()
            ));
            for line in &failure.details {
                self.log.note(&format!("         {line}"));
            }
        }
        let written = self.log.finish();
        let (done, failure) = match result {
            Ok(done) => (Some(done), None),
            Err(failure) => (None, Some(failure)),
        };
        let record = JobRecord {
            version: 1,
            glovebox: env!("CARGO_PKG_VERSION").to_owned(),
            job_id: self.id.clone(),
            action: self.action.name.clone(),
            succeeded: done.is_some(),
            failure: failure
                .as_ref()
                .map(|failure| failure.kind.code().to_owned()),
            started: self.started.to_string(),
            finished: Timestamp::now().to_string(),
            runtime: self.fingerprint.runtime.clone(),
            fingerprint: self.fingerprint.clone(),
            seed: done.as_ref().and_then(|done| done.seed),
            today: done
                .as_ref()
                .and_then(|done| done.seed)
                .map(|_| self.shared.today.to_string()),
            enforcement: report.enforcement.clone(),
            peak_memory: report.peak_memory,
            mean_memory: report.mean_memory,
            peak_cpus: report.peak_cpus,
            cpu_seconds: report.cpu_seconds,
            outputs: done.map(|done| done.outputs).unwrap_or_default(),
        };
        let kept = record.write(&self.folder.join("job.json"));
        if let Some(failure) = failure {
            report.last_lines = last_lines(&log_path(&self.folder), LAST_LINES);
            let is_r = self.action.run.image.name == "r";
            return Err(match failure.kind {
                FailureKind::NonzeroExit | FailureKind::StudyDefinition => {
                    failure.with(missing_package(&report.last_lines, is_r))
                }
                _ => failure,
            });
        }
        report.outputs = record.outputs.iter().map(reported).collect();
        // Without these an earlier success cannot be trusted, so neither can this one.
        written
            .and(kept)
            .and_then(|()| self.remember(&record))
            .map_err(|error| Failure::environment("writing the job's record", &error))?;
        report.state = State::Succeeded;
        report.not_copied = filing::export(self.shared, self.action).err();
        Ok(())
    }
}

pub(crate) fn reported(output: &RecordedOutput) -> OutputReport {
    OutputReport {
        path: output.path.clone(),
        level: output.level,
        size: output.size,
        withheld: output.withheld.clone(),
    }
}

pub(crate) fn log_path(job: &Path) -> PathBuf {
    job.join("log.txt")
}

//! One job from start to end: stage, run, collect, file, record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use glovebox_cohortextractor::DummyOptions;
use glovebox_levels::{Store, StoredOutput};
use glovebox_pipeline::{Action, Project};
use glovebox_runtimes::{Builtin, Prepared, Runtime};
use glovebox_sandbox::{Cancel, Outcome, Sandbox};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::CodeSnapshot;
use crate::execute::{self, Streams};
use crate::extraction::{self, Files};
use crate::failure::{Failure, FailureKind};
use crate::filing;
use crate::fingerprint::Fingerprint;
use crate::folder::{ProjectFolder, make_private};
use crate::local::Options;
use crate::log::{JobLog, LogLimits, last_lines};
use crate::record::{JobRecord, RecordedOutput};
use crate::report::{ActionReport, Event, Observer, OutputReport, State};
use crate::reuse::{self, Decision, latest, outputs_of};
use crate::script::missing_script;
use crate::seed;
use crate::work::WorkFolder;

/// How many of the last lines of a failed job's log are shown.
const LAST_LINES: usize = 32;

/// What all jobs of a run share.
pub(crate) struct Shared<'a> {
    pub(crate) folder: &'a ProjectFolder,
    pub(crate) project: &'a Project,
    pub(crate) code: &'a CodeSnapshot,
    /// Paths of all code files, for hints.
    pub(crate) code_files: &'a [String],
    pub(crate) store: &'a Store,
    pub(crate) sandbox: &'a Sandbox,
    /// What each image of the run's actions means.
    pub(crate) runtimes: &'a BTreeMap<String, (Runtime, Prepared)>,
    pub(crate) options: &'a Options,
    /// Actions that run even if an earlier success would stand.
    pub(crate) forced: BTreeSet<&'a str>,
    /// Seed of the run.
    pub(crate) seed: u64,
    /// What `today` means in study definitions.
    pub(crate) today: Date,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a Cancel,
}

/// Runs an action, or finds that an earlier success stands.
pub(crate) fn perform(shared: &Shared<'_>, action: &Action) -> ActionReport {
    let started = Instant::now();
    let mut report = ActionReport::new(&action.name, State::Failed);
    if let Err(failure) = attempt(shared, action, &mut report) {
        report.state = match failure.kind {
            FailureKind::Cancelled => State::Cancelled,
            _ => State::Failed,
        };
        report.outputs.clear();
        report.failure = Some(failure);
    }
    report.duration = started.elapsed();
    report
}

fn attempt(shared: &Shared<'_>, action: &Action, report: &mut ActionReport) -> Result<(), Failure> {
    let (runtime, prepared) = &shared.runtimes[&image(action)];
    let inputs = inputs(shared, action)?;
    let fingerprint = fingerprint(shared, action, runtime, prepared, &inputs);
    report.runtime = Some(prepared.digest.clone());
    match reuse::decide(shared, action, &fingerprint)? {
        Decision::Reuse(earlier) => {
            filing::export(shared, action)?;
            report.state = State::Reused;
            report.outputs = earlier.outputs.iter().map(reported).collect();
            report.log = Some(log_path(&shared.folder.jobs().join(&earlier.job_id)));
            report.job_id = Some(earlier.job_id);
            report.seed = earlier.seed;
            Ok(())
        }
        Decision::Run(because) => {
            report.because = because;
            shared.observer.event(&Event::Started {
                action: &action.name,
                because: &report.because,
            });
            let job = Job::begin(shared, action, fingerprint, inputs)
                .map_err(|error| Failure::environment("making the job's folder", &error))?;
            let result = job.run(runtime, prepared, report);
            job.end(result, report)
        }
    }
}

/// The image of an action as its command names it.
pub(crate) fn image(action: &Action) -> String {
    format!("{}:{}", action.run.image.name, action.run.image.version)
}

/// The filed outputs of everything that an action needs.
fn inputs(shared: &Shared<'_>, action: &Action) -> Result<Vec<StoredOutput>, Failure> {
    let mut inputs = Vec::new();
    for need in &action.needs {
        let outputs = outputs_of(shared, need)?;
        if outputs.is_empty() {
            return Err(Failure::new(
                FailureKind::MissingInputs,
                "the outputs of an action that it needs are not there: run that action again",
            )
            .with([format!("needs {need}")]));
        }
        inputs.extend(outputs);
    }
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs.dedup_by(|a, b| a.path == b.path);
    Ok(inputs)
}

fn fingerprint(
    shared: &Shared<'_>,
    action: &Action,
    runtime: &Runtime,
    prepared: &Prepared,
    inputs: &[StoredOutput],
) -> Fingerprint {
    let outputs = action.outputs.iter();
    Fingerprint {
        code: shared.code.digest().to_owned(),
        command: action.command_line(),
        outputs: outputs
            .map(|output| (output.pattern.as_str().to_owned(), output.level.to_string()))
            .collect(),
        runtime: prepared.digest.clone(),
        inputs: inputs
            .iter()
            .map(|input| (input.path.clone(), input.content_hash.clone()))
            .collect(),
        population: runtime.builtin().map(|_| population(shared)),
    }
}

/// How many dummy patients an extraction makes.
fn population(shared: &Shared<'_>) -> u64 {
    /// The reference's number where `project.yaml` has none.
    const DEFAULT: u64 = 1000;
    let declared = shared
        .project
        .population_size()
        .and_then(|size| u64::try_from(size).ok());
    shared.options.population.or(declared).unwrap_or(DEFAULT)
}

/// A job under way.
struct Job<'a> {
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
struct Done {
    outputs: Vec<RecordedOutput>,
    seed: Option<u64>,
}

impl<'a> Job<'a> {
    fn begin(
        shared: &'a Shared<'a>,
        action: &'a Action,
        fingerprint: Fingerprint,
        inputs: Vec<StoredOutput>,
    ) -> io::Result<Self> {
        let id = seed::job_id()?;
        let folder = shared.folder.jobs().join(&id);
        make_private(&folder)?;
        let log = JobLog::create(&log_path(&folder), LogLimits::default())?;
        let work = WorkFolder::create(shared.folder, &id)?;
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

    fn run(
        &self,
        runtime: &Runtime,
        prepared: &Prepared,
        report: &mut ActionReport,
    ) -> Result<Done, Failure> {
        report.job_id = Some(self.id.clone());
        report.log = Some(log_path(&self.folder));
        self.log.note(&format!("action   {}", self.action.name));
        self.log.note(&format!("job      {}", self.id));
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
        filing::export(self.shared, self.action)?;
        Ok(Done { outputs, seed })
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
        report.cpu_seconds = Some(cpu);
        report.enforcement = Some(outcome.enforcement.in_words());
        self.log.note(&outcome.ending.in_words());
        self.log.note(&format!(
            "{:.2} s, {cpu:.2} s of processor time, {:.0} MB of memory at most; limits: {}",
            usage.wall.as_secs_f64(),
            usage.peak_memory as f64 / 1e6,
            outcome.enforcement.in_words()
        ));
    }

    /// Writes down how it ended.
    fn end(self, result: Result<Done, Failure>, report: &mut ActionReport) -> Result<(), Failure> {
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
            cpu_seconds: report.cpu_seconds,
            outputs: done.map(|done| done.outputs).unwrap_or_default(),
        };
        let kept = record.write(&self.folder.join("job.json"));
        if let Some(failure) = failure {
            report.last_lines = last_lines(&log_path(&self.folder), LAST_LINES);
            return Err(failure);
        }
        report.outputs = record.outputs.iter().map(reported).collect();
        // Without these an earlier success cannot be trusted, so neither can this one.
        written
            .and(kept)
            .and_then(|()| {
                self.shared
                    .code
                    .keep_digests(&self.shared.folder.code_manifests())
            })
            .and_then(|()| record.write(&latest(self.shared.folder, self.action)))
            .map_err(|error| Failure::environment("writing the job's record", &error))?;
        report.state = State::Succeeded;
        Ok(())
    }
}

fn reported(output: &RecordedOutput) -> OutputReport {
    OutputReport {
        path: output.path.clone(),
        level: output.level,
        size: output.size,
        withheld: output.withheld.clone(),
    }
}

fn log_path(job: &Path) -> PathBuf {
    job.join("log.txt")
}

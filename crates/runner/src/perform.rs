//! One action of a run: reused if an earlier success stands, else done as a job.

use std::time::Instant;

use glovebox_levels::StoredOutput;
use glovebox_pipeline::Action;
use glovebox_runtimes::{Prepared, Runtime};

use crate::error::RunError;
use crate::failure::{Failure, FailureKind};
use crate::filing;
use crate::fingerprint::Fingerprint;
use crate::job::{Job, log_path, reported};
use crate::report::{ActionReport, Event, State};
use crate::reuse::{self, Decision, outputs_of};
use crate::shared::Shared;

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
    let (runtime, prepared) = runtime(shared, action)?;
    let inputs = inputs(shared, action)?;
    let fingerprint = fingerprint(shared, action, runtime, prepared, &inputs);
    report.runtime = Some(prepared.digest.clone());
    let decision = match &shared.local {
        Some(local) => reuse::decide(shared, local, action, &fingerprint)?,
        None => Decision::Run(Vec::new()),
    };
    match decision {
        Decision::Reuse(earlier) => {
            report.not_copied = filing::export(shared, action).err();
            report.state = State::Reused;
            report.outputs = earlier.outputs.iter().map(reported).collect();
            report.log = Some(log_path(&shared.jobs.join(&earlier.job_id)));
            report.job_id = Some(earlier.job_id);
            report.seed = earlier.seed;
            report.today = earlier.today;
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

fn runtime<'s>(
    shared: &'s Shared<'_>,
    action: &Action,
) -> Result<&'s (Runtime, Prepared), Failure> {
    let image = image(action);
    shared.images.ready.get(&image).ok_or_else(|| {
        let why = shared.images.missing.get(&image).map(RunError::in_full);
        Failure::new(
            FailureKind::RuntimeMissing,
            "the image that the command names cannot be used here",
        )
        .with(why)
    })
}

/// The report of a job in which something of ours panicked.
pub(crate) fn panicked(action: &str) -> ActionReport {
    let mut report = ActionReport::new(action, State::Failed);
    report.failure = Some(Failure::new(
        FailureKind::Internal,
        "a defect in Glovebox stopped this job: please report it",
    ));
    report
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
pub(crate) fn population(shared: &Shared<'_>) -> u64 {
    /// The reference's number where `project.yaml` has none.
    const DEFAULT: u64 = 1000;
    let declared = shared
        .project
        .population_size()
        .and_then(|size| u64::try_from(size).ok());
    shared.population.or(declared).unwrap_or(DEFAULT)
}

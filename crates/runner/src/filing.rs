//! What a job made: collected as the action declares it, filed at its levels, and copied back for the
//! person who ran it.

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use glovebox_levels::{
    Collected, FilingReport, Provenance, Refusal, Refused, StoredOutput, candidates,
    collect_beside, did_you_mean,
};
use glovebox_pipeline::Action;
use jiff::Timestamp;

use crate::failure::{Failure, FailureKind};
use crate::log::JobLog;
use crate::record::RecordedOutput;
use crate::reuse::outputs_of;
use crate::shared::Shared;

/// What a job leaves to be collected.
pub(crate) struct Made<'a> {
    /// Identifies the job.
    pub(crate) job_id: &'a str,
    /// When it began, by the clock that file times come from.
    pub(crate) since: SystemTime,
    /// Where its files are: hostile until collected.
    pub(crate) folder: &'a Path,
    /// What other actions made and was staged there.
    pub(crate) inputs: &'a [StoredOutput],
}

/// Collects what the action declared and files it at its levels, all of it or nothing.
pub(crate) fn file(
    shared: &Shared<'_>,
    action: &Action,
    made: &Made<'_>,
    log: &JobLog,
) -> Result<Vec<RecordedOutput>, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::environment("filing the outputs", error);
    let directory = File::open(made.folder).map_err(|error| failed(&error))?;
    let patterns: Vec<(&str, _)> = action
        .outputs
        .iter()
        .map(|output| (output.pattern.as_str(), output.level))
        .collect();
    let paths = made.inputs.iter().map(|input| input.path.clone()).collect();
    let most = shared.limits.disk;
    let collected = collect_beside(&directory, &patterns, &paths, most);
    if !collected.unmatched.is_empty() {
        return Err(unmatched(shared, &directory, made.since, &collected, log));
    }
    refused(&directory, made.inputs, &collected, log)?;
    let provenance = Provenance {
        action: action.name.clone(),
        job_id: made.job_id.to_owned(),
        commit: shared.origin.commit.clone(),
        user: shared.origin.user.clone(),
        repo: shared.origin.repo.clone(),
        timestamp: Timestamp::now(),
    };
    let report = shared
        .store
        .file_outputs(&directory, &collected, &provenance, shared.file_limits)
        .map_err(|error| failed(&error))?;
    let outputs = recorded(&report);
    for output in &outputs {
        log.note(&format!(
            "output   {} ({}, {} bytes)",
            output.path, output.level, output.size
        ));
        if let Some(why) = &output.withheld {
            log.note(&format!("         withheld: {why}"));
        }
    }
    Ok(outputs)
}

/// The failure that says which patterns matched nothing, and what they may have meant.
fn unmatched(
    shared: &Shared<'_>,
    directory: &File,
    since: SystemTime,
    collected: &Collected,
    log: &JobLog,
) -> Failure {
    let made = candidates(directory, Some(since), |path| {
        shared.code_files.iter().any(|file| file == path)
    });
    let mut details = Vec::new();
    for unmatched in &collected.unmatched {
        details.push(format!("no output matches {}", unmatched.pattern));
        details.extend(unmatched.reasons.iter().map(ToString::to_string));
        let nearest = did_you_mean(&unmatched.pattern, &made)
            .into_iter()
            // What was refused under this very name is no suggestion.
            .filter(|path| *path != unmatched.pattern);
        details.extend(nearest.map(|path| format!("did you mean {path}?")));
    }
    if !made.is_empty() {
        log.note("files that the action made and no pattern declares:");
        for path in &made {
            log.note(&format!("  {path}"));
        }
    }
    Failure::new(
        FailureKind::MissingOutputs,
        "the command ended well, but did not make all outputs that it declares",
    )
    .with(details)
}

/// Fails if something that a pattern reached is left out, as nobody would miss it among its like.
///
/// What was staged for the job and is as it was staged is left out rightly: a pattern such as
/// `output/*.csv` reaches the inputs too.
fn refused(
    directory: &File,
    inputs: &[StoredOutput],
    collected: &Collected,
    log: &JobLog,
) -> Result<(), Failure> {
    let (reached, lost): (Vec<&Refused>, Vec<&Refused>) = collected
        .refused
        .iter()
        .partition(|refused| matches!(refused.refusal, Refusal::Input));
    if !lost.is_empty() {
        return Err(Failure::new(
            FailureKind::MissingOutputs,
            "the command ended well, but some of what its declared outputs reach is no file that may be kept",
        )
        .with(lost.iter().map(ToString::to_string)));
    }
    let input = |path: &str| inputs.iter().find(|input| input.path == path);
    let changed: Vec<String> = reached
        .iter()
        .filter(|refused| input(&refused.path).is_some_and(|input| !input.is_same_in(directory)))
        .map(ToString::to_string)
        .collect();
    if !changed.is_empty() {
        return Err(Failure::new(
            FailureKind::ChangedInputs,
            "the command changed an output of an action that it needs",
        )
        .with(changed));
    }
    for refused in reached {
        log.note(&format!("input    {} (left out)", refused.path));
    }
    Ok(())
}

fn recorded(report: &FilingReport) -> Vec<RecordedOutput> {
    let why = |path: &str| {
        let withheld = report
            .withheld
            .iter()
            .find(|withheld| withheld.path == path)?;
        let reasons: Vec<String> = withheld.reasons.iter().map(ToString::to_string).collect();
        Some(reasons.join(" "))
    };
    report
        .filed
        .iter()
        .map(|output| RecordedOutput {
            path: output.path.clone(),
            level: output.level,
            size: output.size,
            content_hash: output.content_hash.clone(),
            withheld: why(&output.path),
        })
        .collect()
}

/// Copies an action's filed outputs to where the study declares them, for the person who ran it.
///
/// Only in a local run, whose data is dummy data; elsewhere nobody looks into a folder of code.
pub(crate) fn export(shared: &Shared<'_>, action: &Action) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::environment("copying the outputs into the project folder", error)
    };
    let Some(local) = &shared.local else {
        return Ok(());
    };
    let root = File::open(local.folder.root()).map_err(|error| failed(&error))?;
    for output in outputs_of(shared, &action.name)? {
        if output.is_same_in(&root) {
            continue;
        }
        shared
            .store
            .stage(&output, &root)
            .map_err(|error| failed(&error))?;
    }
    Ok(())
}

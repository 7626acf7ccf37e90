//! The two steps of an extraction: untrusted evaluation without data, trusted generation without study code.

use std::fs::File;
use std::io;
use std::path::Path;

use glovebox_beneath as beneath;
use glovebox_cohortextractor::{
    DocumentError, DummyCohort, DummyOptions, MAX_DOCUMENT_BYTES, OutputFormat, parse_document,
    plan_dummy,
};
use glovebox_dummy::{Compression, DummyError, Watch, write_csv};
use glovebox_pipeline::Action;
use glovebox_runtimes::Prepared;
use glovebox_sandbox::Outcome;
use rustix::io::Errno;

use crate::execute::{self, Bounded, Streams};
use crate::failure::{Failure, FailureKind};
use crate::log::JobLog;
use crate::report::Event;
use crate::shared::Shared;

/// Where the trusted step finds the files that a definition names: the outputs of needed actions, then
/// the study's code. Neither was ever within the definition's reach.
pub(crate) struct Files {
    pub(crate) inputs: File,
    pub(crate) code: File,
}

impl Files {
    fn open(&self, path: &str) -> io::Result<File> {
        match beneath::open_file(&self.inputs, path) {
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(beneath::open_file(&self.code, path)?.0),
            found => Ok(found?.0),
        }
    }
}

/// Evaluates the study definition in a sandbox that holds no data; what it printed.
pub(crate) fn evaluate(
    shared: &Shared<'_>,
    runtime: &Prepared,
    words: &[String],
    workspace: &Path,
    log: &JobLog,
) -> Result<(Vec<u8>, Outcome), Failure> {
    let mut argv = vec![
        "python".to_owned(),
        "-m".to_owned(),
        "cohortextractor".to_owned(),
    ];
    argv.extend_from_slice(words);
    let mut document = Bounded::new(MAX_DOCUMENT_BYTES + 1);
    let mut stderr = log.stream();
    let streams = Streams {
        stdout: &mut document,
        stderr: &mut stderr,
    };
    let outcome = execute::command(shared, runtime, &argv, workspace, streams)?;
    drop(stderr);
    Ok((document.bytes, outcome))
}

/// Checks the document and plans the files that it asks for.
pub(crate) fn plan(
    document: &[u8],
    outcome: &Outcome,
    options: DummyOptions,
    files: &Files,
) -> Result<Vec<DummyCohort>, Failure> {
    let parsed = parse_document(document);
    let document = match (parsed, execute::failure(&outcome.ending)) {
        // An evaluation that says in its own words what is wrong is the better witness.
        (Err(DocumentError::Study(problems)), _) => return Err(unusable(&problems)),
        (_, Some(failure)) if failure.kind == FailureKind::NonzeroExit => {
            return Err(definition(
                "the study definition could not be evaluated",
                failure.details,
            ));
        }
        (_, Some(failure)) => return Err(failure),
        (Err(error), None) => return Err(unusable(&[error])),
        (Ok(document), None) => document,
    };
    plan_dummy(&document, options, &|path| Ok(Box::new(files.open(path)?)))
        .map_err(|problems| unusable(&problems))
}

/// Writes the cohorts below `into`, a folder that no study code ever saw.
pub(crate) fn generate(
    shared: &Shared<'_>,
    action: &Action,
    cohorts: &[DummyCohort],
    into: &Path,
) -> Result<(), Failure> {
    let root = File::open(into)
        .map_err(|error| Failure::environment("opening the cohort's folder", &error))?;
    for cohort in cohorts {
        let compression = match cohort.format {
            OutputFormat::Csv => Compression::None,
            OutputFormat::CsvGz => Compression::Gzip,
        };
        let watch = Watch {
            progress: &|done, total| {
                shared.observer.event(&Event::Progress {
                    action: &action.name,
                    done,
                    total,
                });
            },
            cancelled: &|| shared.cancel.is_cancelled(),
        };
        let failed = |error: Errno| DummyError::Write(error.into());
        let write = || -> Result<(), DummyError> {
            // Its path comes from a document that study code printed; it was checked when it was
            // planned, and here the kernel refuses what leads out of the folder.
            let (parent, name) = beneath::create_parent(&root, &cohort.path).map_err(failed)?;
            let mut file =
                beneath::create_file(parent, name, beneath::FILE_MODE).map_err(failed)?;
            write_csv(&cohort.spec, compression, &mut file, watch)
        };
        write().map_err(|error| match error {
            DummyError::Cancelled => Failure::new(FailureKind::Cancelled, "the run was stopped"),
            DummyError::Invalid(problems) => unusable(&problems),
            DummyError::Write(error) => Failure::environment("writing the cohort", &error),
        })?;
    }
    Ok(())
}

fn unusable<P: ToString>(problems: &[P]) -> Failure {
    definition(
        "the extraction cannot be made as it is asked for",
        problems.iter().map(ToString::to_string).collect(),
    )
}

fn definition(reason: &str, details: Vec<String>) -> Failure {
    Failure::new(FailureKind::StudyDefinition, reason).with(details)
}

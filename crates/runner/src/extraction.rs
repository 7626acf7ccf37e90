//! The two steps of an extraction: untrusted evaluation without data, trusted generation without study code.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use glovebox_cohortextractor::{
    DocumentError, DummyCohort, DummyOptions, MAX_DOCUMENT_BYTES, OutputFormat, parse_document,
    plan_dummy,
};
use glovebox_dummy::{Compression, DummyError, Watch, write_csv};
use glovebox_pipeline::Action;
use glovebox_runtimes::Prepared;
use glovebox_sandbox::Outcome;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::execute::{self, Bounded, Streams};
use crate::failure::{Failure, FailureKind};
use crate::job::Shared;
use crate::log::JobLog;
use crate::report::Event;

/// What the evaluation of a study definition left.
pub(crate) struct Evaluation {
    /// What it printed.
    document: Vec<u8>,
    /// Its workspace, which holds the outputs of needed actions, and whatever else it made there.
    workspace: OwnedFd,
}

/// Evaluates the study definition in a sandbox that holds no data.
pub(crate) fn evaluate(
    shared: &Shared<'_>,
    runtime: &Prepared,
    words: &[String],
    workspace: &Path,
    log: &JobLog,
) -> Result<(Evaluation, Outcome), Failure> {
    let folder = rustix::fs::openat(CWD, workspace, DIRECTORY, Mode::empty())
        .map_err(|error| Failure::environment("opening the workspace", &io::Error::from(error)))?;
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
    let evaluation = Evaluation {
        document: document.bytes,
        workspace: folder,
    };
    Ok((evaluation, outcome))
}

/// Checks the document and plans the files that it asks for.
pub(crate) fn plan(
    evaluation: &Evaluation,
    outcome: &Outcome,
    population: u64,
    seed: u64,
) -> Result<Vec<DummyCohort>, Failure> {
    let parsed = parse_document(&evaluation.document);
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
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    plan_dummy(
        &document,
        DummyOptions {
            population,
            seed,
            today,
        },
        &|path| Ok(Box::new(open_beneath(&evaluation.workspace, path)?)),
    )
    .map_err(|problems| unusable(&problems))
}

/// Writes the cohorts below `into`, a folder that no study code ever saw.
pub(crate) fn generate(
    shared: &Shared<'_>,
    action: &Action,
    cohorts: &[DummyCohort],
    into: &Path,
) -> Result<(), Failure> {
    let root = rustix::fs::openat(CWD, into, DIRECTORY, Mode::empty()).map_err(|error| {
        Failure::environment("opening the cohort's folder", &io::Error::from(error))
    })?;
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
        let write = || -> Result<(), DummyError> {
            let mut file = create_beneath(&root, &cohort.path)?;
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

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// Makes a file that is not there yet, and the folders that it lies in.
///
/// The path comes from a document that study code printed. It was checked when it was planned; here
/// the kernel is asked to refuse what leads out of the folder as well, by `..`, from the root, or
/// through a link.
fn create_beneath(root: impl AsFd, path: &str) -> io::Result<File> {
    let mut parent: OwnedFd = beneath(&root, ".", DIRECTORY, Mode::empty())?;
    let mut parts = path.split('/');
    let name = parts.next_back().unwrap_or_default();
    for folder in parts {
        match rustix::fs::mkdirat(&parent, folder, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        parent = beneath(&parent, folder, DIRECTORY, Mode::empty())?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = beneath(&parent, name, flags, Mode::RUSR | Mode::WUSR)?;
    Ok(File::from(file))
}

/// Opens a regular file for reading, in a folder that study code wrote in.
///
/// Never waits: a pipe without a writer opens at once, and is then refused.
fn open_beneath(root: impl AsFd, path: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(beneath(root, path, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

fn beneath(
    directory: impl AsFd,
    path: &str,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    loop {
        // EAGAIN: something was renamed meanwhile, and the kernel could not be sure.
        match rustix::fs::openat2(&directory, path, flags, mode, resolve) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            result => return result,
        }
    }
}

fn unusable<P: ToString>(problems: &[P]) -> Failure {
    definition(
        "the study definition asks for something that cannot be done",
        problems.iter().map(ToString::to_string).collect(),
    )
}

fn definition(reason: &str, details: Vec<String>) -> Failure {
    Failure::new(FailureKind::StudyDefinition, reason).with(details)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn cohorts_are_written_beneath_their_folder_only() {
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("extracted");
        fs::create_dir(&inside).unwrap();
        symlink(outside.path(), inside.join("link")).unwrap();
        symlink(outside.path().join("dangling"), inside.join("name.csv")).unwrap();
        let root = File::open(&inside).unwrap();
        let absolute = outside.path().join("absolute.csv").display().to_string();
        for (path, fits) in [
            ("output/cohorts/input.csv", true),
            ("output/cohorts/input_2.csv", true),
            ("input.csv", true),
            // A file is never written over.
            ("input.csv", false),
            ("../x.csv", false),
            ("output/../../x.csv", false),
            ("..", false),
            ("link/x.csv", false),
            ("name.csv", false),
            ("", false),
            (&absolute, false),
        ] {
            assert_eq!(create_beneath(&root, path).is_ok(), fits, "{path:?}");
        }
        let left: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn only_regular_files_of_the_workspace_are_read() {
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("workspace");
        fs::create_dir_all(inside.join("output")).unwrap();
        fs::write(outside.path().join("secret.csv"), "").unwrap();
        fs::write(inside.join("output/a.csv"), "").unwrap();
        symlink("../secret.csv", inside.join("link.csv")).unwrap();
        symlink("output/a.csv", inside.join("near.csv")).unwrap();
        symlink(outside.path(), inside.join("folder")).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(CWD, inside.join("pipe.csv"), fifo, Mode::RWXU, 0).unwrap();
        let root = File::open(&inside).unwrap();
        let absolute = outside.path().join("secret.csv").display().to_string();
        for (path, fits) in [
            ("output/a.csv", true),
            ("output/b.csv", false),
            ("../secret.csv", false),
            ("link.csv", false),
            ("near.csv", false),
            ("folder/secret.csv", false),
            ("pipe.csv", false),
            ("output", false),
            (&absolute, false),
        ] {
            assert_eq!(open_beneath(&root, path).is_ok(), fits, "{path:?}");
        }
    }
}

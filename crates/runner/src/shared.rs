//! What all jobs of a run share.

use std::collections::BTreeSet;
use std::path::Path;

use glovebox_levels::Store;
use glovebox_pipeline::Project;
use glovebox_sandbox::{Cancel, Sandbox};
use jiff::civil::Date;

use crate::code::CodeSnapshot;
use crate::folder::ProjectFolder;
use crate::local::Options;
use crate::origin::Origin;
use crate::ready::Images;
use crate::report::Observer;

/// What all jobs of a run share.
pub(crate) struct Shared<'a> {
    /// Where logs and records are kept, one folder a job.
    pub(crate) jobs: &'a Path,
    /// Where running jobs have their folders.
    pub(crate) work: &'a Path,
    pub(crate) project: &'a Project,
    pub(crate) code: &'a CodeSnapshot,
    /// Paths of all code files, for hints.
    pub(crate) code_files: &'a [String],
    pub(crate) store: &'a Store,
    pub(crate) sandbox: &'a Sandbox,
    /// What the images of the run's actions mean.
    pub(crate) images: &'a Images,
    /// Limits on each job.
    pub(crate) limits: &'a glovebox_sandbox::Limits,
    /// Limits on moderately sensitive files.
    pub(crate) file_limits: &'a glovebox_levels::Limits,
    /// Dummy patients of an extraction; else what `project.yaml` says.
    pub(crate) population: Option<u64>,
    /// Seed of the run.
    pub(crate) seed: u64,
    /// What `today` means in study definitions.
    pub(crate) today: Date,
    /// Who asked, and for which code.
    pub(crate) origin: &'a Origin,
    /// What only a person's own run has; a job that a server asked for has none of it.
    pub(crate) local: Option<Local<'a>>,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cancel: &'a Cancel,
}

/// What only a run in a project folder has: earlier successes that may stand, and a person who finds
/// the outputs where the study declares them.
pub(crate) struct Local<'a> {
    pub(crate) folder: &'a ProjectFolder,
    pub(crate) options: &'a Options,
    /// Actions that run even if an earlier success would stand.
    pub(crate) forced: BTreeSet<&'a str>,
}

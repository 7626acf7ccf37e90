//! What all jobs of a run share.

use std::collections::{BTreeMap, BTreeSet};

use glovebox_levels::Store;
use glovebox_pipeline::Project;
use glovebox_runtimes::{Prepared, Runtime};
use glovebox_sandbox::{Cancel, Sandbox};
use jiff::civil::Date;

use crate::code::CodeSnapshot;
use crate::folder::ProjectFolder;
use crate::local::Options;
use crate::report::Observer;

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

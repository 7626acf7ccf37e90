//! The grammar of `project.yaml`, one file per subject.
//!
//! Reading goes through [`Draft`]s: what an action says as far as it can be read, with the places
//! it says it at. Rules that look at several actions work on drafts, so that one broken action
//! does not hide what is wrong with the others.

mod action;
mod config;
mod dummy_data_file;
mod expectations;
mod fields;
mod image;
mod needs;
mod output_path;
mod outputs;
mod path_fault;
mod python_number;
mod run;
mod sketch;
mod version;
mod words;

pub(crate) use action::{Draft, RUN_ALL, check_names};
pub(crate) use expectations::population_size;
pub use image::Image;
pub use output_path::OutputPattern;
pub(crate) use output_path::matches_name;
pub(crate) use outputs::{DraftOutput, DraftOutputs};
pub(crate) use path_fault::MAX_PATH_BYTES;
pub use path_fault::PathFault;
pub(crate) use run::DraftRun;
pub use run::Run;
pub(crate) use sketch::{Sketch, read};
pub(crate) use version::Version;
pub use words::split_words;

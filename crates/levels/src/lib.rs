//! Security levels: what may stand at a level, collecting outputs safely, and the manifest.
//!
//! An action's outputs pass through here in three steps, and its code is trusted in none:
//!
//! 1. [`collect`] finds the files that match the declared patterns, without following links;
//! 2. [`Store::file_outputs`] takes them out of the job's reach, checks those that people will
//!    view ([`check_file`]), and files all of them or none;
//! 3. [`Store::stage`] gives them to later jobs, after comparing them with what was filed.
//!
//! [`candidates`] and [`did_you_mean`] help a person whose pattern matched nothing.

use glovebox_beneath as beneath;

mod collect;
mod digest;
mod file_check;
mod hints;
mod level;
mod manifest;
mod pattern;
mod refusal;
mod reserved;
mod store;

pub use collect::{Collected, FoundFile, Unmatched, collect, collect_beside};
pub use file_check::{CsvFault, FileCheck, Limits, Reason, check_bytes, check_file};
pub use hints::{candidates, did_you_mean};
pub use level::{Level, MODERATE_EXTENSIONS, UnknownLevel, is_allowed_at_moderate};
pub use manifest::{MANIFEST_VERSION, Manifest, ManifestFault, OutputRecord};
pub use pattern::{Pattern, PatternError};
pub use refusal::{Refusal, Refused};
pub use store::{
    Fault, Filed, FilingReport, Mismatch, Provenance, Store, StoreError, StoredOutput, Withheld,
};

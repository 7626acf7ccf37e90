//! CSV files of the study that variables are read from: cohorts that an earlier action made.
//!
//! Where the files are is the caller's business: it hands in a function that opens one, relative to
//! the study's folder. What is in them was written by a study's code, and is bounded here.

mod path;
mod table;

pub(crate) use path::inside;
pub use table::OpenFile;
pub(crate) use table::{FileTables, Table, Wanted};

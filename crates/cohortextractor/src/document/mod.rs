//! The JSON document that the Python package prints.

mod model;
mod names;
mod parse;

pub use model::{Code, Codelist, Document, Measure, Place, Request, StudyEntry, VariableEntry};
pub(crate) use names::STUDY_DEFINITION;
pub use parse::{DocumentError, FORMAT, MAX_DOCUMENT_BYTES, parse_document};

//! From untrusted bytes to a document.

use serde::Deserialize;

use super::model::{Codelist, Document, Place, Request, StudyEntry};
use super::names::check_names;
use crate::problem::Problem;

/// The version of the document that this crate reads.
pub const FORMAT: &str = "cohortextractor-study/1";

/// The largest document read. Codelists are most of a document; the largest public ones have tens of
/// thousands of codes, a few megabytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The output is larger than [`MAX_DOCUMENT_BYTES`].
    #[error("the study definition printed more than {} MiB", MAX_DOCUMENT_BYTES >> 20)]
    TooLarge,
    /// The output is not the document: not JSON, too deeply nested, or of another shape.
    #[error("what the study definition printed is not a study document")]
    Malformed(#[from] serde_json::Error),
    /// The document is of another version.
    #[error("the study document is of format {0:?}, not {FORMAT:?}")]
    Format(String),
    /// The studies are not named as study definitions are, or are not those asked for.
    #[error("{0}")]
    Names(String),
    /// The study definition has errors, found while it was evaluated.
    #[error("the study definition has errors")]
    Study(Vec<Problem>),
}

/// The document as printed: either errors, or all the rest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed {
    format: String,
    #[serde(default)]
    errors: Vec<Fault>,
    request: Option<Request>,
    #[serde(default)]
    codelists: Vec<Codelist>,
    #[serde(default)]
    studies: Vec<StudyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    kind: String,
    message: String,
    file: Option<String>,
    line: Option<u32>,
    variable: Option<String>,
}

/// Reads a document. Its size is bounded here, its depth by the JSON parser.
///
/// # Errors
/// See [`DocumentError`]; [`DocumentError::Study`] is what a study with mistakes gives.
pub fn parse_document(bytes: &[u8]) -> Result<Document, DocumentError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let printed: Printed = serde_json::from_slice(bytes)?;
    if printed.format != FORMAT {
        return Err(DocumentError::Format(printed.format));
    }
    if !printed.errors.is_empty() {
        return Err(DocumentError::Study(
            printed.errors.into_iter().map(problem).collect(),
        ));
    }
    let Some(request) = printed.request else {
        return Err(<serde_json::Error as serde::de::Error>::missing_field("request").into());
    };
    check_names(&request, &printed.studies).map_err(DocumentError::Names)?;
    Ok(Document {
        request,
        codelists: printed.codelists,
        studies: printed.studies,
    })
}

fn problem(fault: Fault) -> Problem {
    Problem {
        kind: fault.kind,
        study: None,
        variable: fault.variable,
        place: Place {
            file: fault.file,
            line: fault.line,
        },
        message: fault.message,
    }
}

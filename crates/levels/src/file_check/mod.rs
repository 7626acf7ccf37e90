//! May this file stand at a level?
//!
//! The moderately sensitive level is what people look at, so a file is let in only when it is
//! small, of a type that a person can read, and, for CSV, plainly not one row per patient. These
//! checks stop accidents. They do not prove a file safe: output checkers do that.
//!
//! The rules are those of the reference agent, with its known gaps closed: a patient id column is
//! found whatever its case, quoting, separator or byte order mark and in whichever row it appears,
//! and a CSV file that cannot be read is refused rather than let through.

mod csv_scan;
mod patient_id;
mod reason;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::level::{Level, is_allowed_at_moderate};

pub use csv_scan::CsvFault;
pub use reason::Reason;

/// What a file at the moderately sensitive level may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest size in bytes, itself still allowed.
    pub max_size: u64,
    /// The largest number of CSV records after the header, itself still allowed.
    pub max_rows: u64,
}

impl Default for Limits {
    /// 16 MiB and 5000 rows, as on the reference's backends.
    fn default() -> Self {
        Self {
            max_size: 16 * 1024 * 1024,
            max_rows: 5000,
        }
    }
}

/// What was found out about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCheck {
    /// Whether the file may stand at the level asked about.
    pub ok: bool,
    /// Why not; empty exactly when `ok`.
    pub reasons: Vec<Reason>,
    /// CSV records after the header, blank lines not counted. `None` for other types, and for a
    /// file that was not read, or not to its end.
    pub row_count: Option<u64>,
    /// Columns: the distinct names in the header, and one more if the first row is longer than
    /// the header; 0 when there are no rows. (This is how the reference counts.)
    pub col_count: Option<u64>,
    /// Size in bytes.
    pub size: u64,
}

/// Checks an open file against a level; `name` is its path or name, of which the extension counts.
///
/// * highly sensitive: anything may stand, and the content is not read;
/// * moderately sensitive: size, then type, then (for CSV) content;
/// * minimally sensitive: size and CSV content. The type is free, since the file is not put before
///   people at this level.
///
/// At most `limits.max_size` bytes are read, in pieces.
pub fn check_file(name: &str, file: &File, level: Level, limits: &Limits) -> io::Result<FileCheck> {
    check_bytes(name, file, file.metadata()?.len(), level, limits)
}

/// As [`check_file`], for bytes that come from anywhere; `size` is how many there should be.
///
/// A reader that yields more than it should is held to `limits.max_size` all the same.
pub fn check_bytes(
    name: &str,
    reader: impl Read,
    size: u64,
    level: Level,
    limits: &Limits,
) -> io::Result<FileCheck> {
    let mut check = FileCheck {
        ok: true,
        reasons: Vec::new(),
        row_count: None,
        col_count: None,
        size,
    };
    if level == Level::HighlySensitive {
        return Ok(check);
    }

    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    if size > limits.max_size {
        check.reasons.push(Reason::TooBig {
            size,
            limit: limits.max_size,
        });
    } else if level == Level::ModeratelySensitive && !extension.is_some_and(is_allowed_at_moderate)
    {
        check.reasons.push(Reason::TypeNotAllowed {
            extension: extension.map(cut_extension),
        });
    } else if extension == Some("csv") {
        check_csv(&mut check, reader, limits)?;
    }
    check.ok = check.reasons.is_empty();
    Ok(check)
}

fn check_csv(check: &mut FileCheck, reader: impl Read, limits: &Limits) -> io::Result<()> {
    let mut bounded = reader.take(limits.max_size.saturating_add(1));
    let found = csv_scan::scan(&mut bounded)?;
    let read = limits.max_size.saturating_add(1) - bounded.limit();
    if read > limits.max_size {
        check.size = check.size.max(read);
        check.reasons.push(Reason::TooBig {
            size: check.size,
            limit: limits.max_size,
        });
        return Ok(());
    }

    check.row_count = found.row_count;
    check.col_count = found.col_count;
    if let Some(place) = found.patient_id {
        check.reasons.push(Reason::PatientIdColumn {
            row: place.row,
            column: place.column,
        });
    }
    if let Some(rows) = found.row_count.filter(|rows| *rows > limits.max_rows) {
        check.reasons.push(Reason::TooManyRows {
            rows,
            limit: limits.max_rows,
        });
    }
    if let Some(fault) = found.fault {
        check.reasons.push(Reason::CsvUnreadable { fault });
    }
    Ok(())
}

/// An extension is shown to people: a name made to flood a page is cut.
fn cut_extension(extension: &str) -> String {
    extension.chars().take(32).collect()
}

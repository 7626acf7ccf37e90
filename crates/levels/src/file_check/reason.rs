//! Why a file may not stand, for machines (a code) and for people (a sentence).

use std::fmt;

use super::csv_scan::CsvFault;

/// One reason why a file may not stand at a level.
///
/// Its words name columns, rows and counts, never a value: they are shown to people who may not
/// see the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// More bytes than the limit. `too-big`
    TooBig {
        /// Bytes in the file.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Not one of the types that people can view. `type-not-allowed`
    TypeNotAllowed {
        /// What follows the last dot of the name, if anything does.
        extension: Option<String>,
    },
    /// A column is named `patient_id`. `patient-id-column`
    PatientIdColumn {
        /// The row that names it, counted from 1; 1 is the header.
        row: u64,
        /// The column, counted from 1.
        column: u64,
    },
    /// More CSV records than the limit. `too-many-rows`
    TooManyRows {
        /// Records after the header.
        rows: u64,
        /// Records allowed.
        limit: u64,
    },
    /// The CSV could not be read, so nothing can be said about it. `csv-unreadable`
    CsvUnreadable {
        /// What is wrong with it.
        fault: CsvFault,
    },
}

impl Reason {
    /// A stable code that programs can rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooBig { .. } => "too-big",
            Self::TypeNotAllowed { .. } => "type-not-allowed",
            Self::PatientIdColumn { .. } => "patient-id-column",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::CsvUnreadable { .. } => "csv-unreadable",
        }
    }
}

impl fmt::Display for Reason {
    /// What is wrong and what to do about it, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooBig { size, limit } => write!(
                f,
                "the file has {size} bytes and at most {limit} are allowed: summarise the data \
                 further, or split the file"
            ),
            Self::TypeNotAllowed {
                extension: Some(extension),
            } if !extension.is_empty() => write!(
                f,
                "files of type .{} are not viewable at this level: write {}",
                extension.escape_debug(),
                allowed_types(),
            ),
            Self::TypeNotAllowed { .. } => write!(
                f,
                "the name has no extension that tells the file's type: write {}",
                allowed_types(),
            ),
            Self::PatientIdColumn { row: 1, column } => write!(
                f,
                "column {column} is named patient_id, so the rows are about single patients: \
                 aggregate them, or declare the output highly_sensitive"
            ),
            Self::PatientIdColumn { row, column } => write!(
                f,
                "row {row} names a column patient_id (in column {column}), so the rows that \
                 follow may be about single patients: aggregate them, or declare the output \
                 highly_sensitive"
            ),
            Self::TooManyRows { rows, limit } => write!(
                f,
                "the file has {rows} rows and at most {limit} are allowed, because nobody can \
                 check more: aggregate further, or declare the output highly_sensitive"
            ),
            Self::CsvUnreadable { fault } => write!(f, "the CSV cannot be read: {fault}"),
        }
    }
}

fn allowed_types() -> String {
    match crate::level::MODERATE_EXTENSIONS {
        [first @ .., last] => format!("one of {} or {last}", first.join(", ")),
        [] => String::new(),
    }
}

//! What to match on, and where the results go.

mod json;
mod parse;
mod suggest;

use std::path::PathBuf;

use crate::{DateOffset, MatchError};

/// How one variable of a control must agree with its case's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MatchRule {
    /// The same text. A whole number and the same with `.0` (`1`, `1.0`) are the same.
    Category,
    /// A number that differs by at most this much; 0 is the same number.
    Within(f64),
    /// A date in the same month of any year.
    MonthOnly,
}

/// Which dates exclude a person, seen from the index date. Equal dates never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExclusionRule {
    /// Excluded if the date lies before the index date.
    Before,
    /// Excluded if the date lies after the index date.
    After,
}

/// The format of the three data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// Comma-separated text.
    #[default]
    Csv,
    /// The same, compressed.
    CsvGz,
}

impl OutputFormat {
    /// Every format and the word that names it.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Csv, "csv"), (Self::CsvGz, "csv.gz")];

    /// The format's word, which is also the file extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGz => "csv.gz",
        }
    }
}

/// Every setting of a matching, checked. The names are those of the reference's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The most controls a case is given.
    pub matches_per_case: u32,
    /// The columns that must agree, and how, in the order given.
    pub match_variables: Vec<(String, MatchRule)>,
    /// The column with the index date.
    pub index_date_variable: String,
    /// Number columns whose difference should be smallest, the most important first.
    pub closest_match_variables: Vec<String>,
    /// Date columns that exclude a person.
    pub date_exclusion_variables: Vec<(String, ExclusionRule)>,
    /// Cases with fewer controls than this are left out and their controls stay available.
    pub min_matches_per_case: u32,
    /// How a control's index date is made from its case's; `None` leaves controls their own.
    pub generate_match_index_date: Option<DateOffset>,
    /// The name of the column that is 1 for a case and 0 for a control.
    pub indicator_variable_name: String,
    /// Whether nobody who is a case may be a control. (Nobody is ever their own control.)
    pub drop_cases_from_matches: bool,
    /// The folder of the output files; it is made if it is not there.
    pub output_path: PathBuf,
    /// Added to the output files' names, before the extension.
    pub output_suffix: String,
    /// The format of the data files.
    pub output_format: OutputFormat,
    /// Chooses another set of random draws; the same seed and data give the same result.
    pub seed: u64,
}

impl Settings {
    /// Reads settings from a JSON object with the reference's setting names, and `seed`.
    ///
    /// # Errors
    /// [`MatchError::Settings`] with *every* problem: text that is not a JSON object, unknown,
    /// missing or ill-typed settings, and settings that contradict each other.
    pub fn from_json(text: &str) -> Result<Self, MatchError> {
        parse::from_json(text).map_err(MatchError::Settings)
    }
}

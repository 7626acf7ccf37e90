//! The document's parts, as printed: nothing here has been checked beyond its JSON type.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A document without errors.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What was asked for.
    pub request: Request,
    /// Codelists, referred to by position as `{"$codelist": 0}`.
    pub codelists: Vec<Codelist>,
    /// One entry a study definition.
    pub studies: Vec<StudyEntry>,
}

/// The options of the command line, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// `generate_cohort`.
    pub command: String,
    /// A study's name, or `all`.
    pub study_definition: String,
    /// `--output-dir`.
    pub output_dir: Option<String>,
    /// `--output-format`.
    pub output_format: Option<String>,
    /// `--output-file`.
    pub output_file: Option<String>,
    /// `--index-date-range`.
    pub index_date_range: Option<String>,
    /// `--skip-existing`.
    pub skip_existing: bool,
    /// `--param`.
    pub params: std::collections::BTreeMap<String, String>,
    /// `--expectations-population`.
    pub expectations_population: Option<i64>,
    /// `--dummy-data-file`.
    pub dummy_data_file: Option<String>,
}

/// A list of clinical codes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codelist {
    /// The coding system: `ctv3`, `snomed`, `icd10`, `opcs4` …
    pub system: String,
    /// The CSV file it was read from.
    pub source: Option<String>,
    /// Codes, with their category if the list has categories.
    pub codes: Vec<Code>,
}

/// One code of a codelist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Code {
    /// Without a category.
    Plain(String),
    /// With its category.
    Categorised(String, String),
}

/// Where the study's code declared something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, relative to the study's folder.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
}

/// One study definition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyEntry {
    /// The file's name without `.py`.
    pub name: String,
    file: Option<String>,
    line: Option<u32>,
    /// The study's own index date.
    pub index_date: Value,
    /// What a variable's expectations are merged into.
    pub default_expectations: Value,
    /// Variables in order; hidden ones stand before the variable they belong to, population last.
    pub variables: Vec<VariableEntry>,
    /// Measures declared in the same file.
    pub measures: Vec<Measure>,
}

/// One declared variable.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableEntry {
    /// The column's name.
    pub name: String,
    /// The `patients` function.
    pub function: String,
    /// The arguments given, by name.
    pub arguments: Map<String, Value>,
    /// The variable that this one was declared inside of.
    pub hidden_in: Option<String>,
    file: Option<String>,
    line: Option<u32>,
}

/// A ratio of two columns, by groups.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Names the output file.
    pub id: Value,
    /// A column, or `population`.
    pub denominator: Value,
    /// A column.
    pub numerator: Value,
    /// Columns.
    pub group_by: Value,
    /// Whether small numbers are blanked.
    pub small_number_suppression: bool,
    file: Option<String>,
    line: Option<u32>,
}

impl StudyEntry {
    /// Where the study is declared.
    pub fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            line: self.line,
        }
    }
}

impl VariableEntry {
    /// Where the variable is declared.
    pub fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            line: self.line,
        }
    }
}

impl Measure {
    /// Where the measure is declared.
    pub fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            line: self.line,
        }
    }
}

impl Codelist {
    /// The categories of the list's codes; none if it has no categories.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().filter_map(|code| match code {
            Code::Plain(_) => None,
            Code::Categorised(_, category) => Some(category.as_str()),
        })
    }
}

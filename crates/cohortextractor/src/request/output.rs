//! Where a cohort's file goes.
//!
//! The path comes from a command line that a study's author wrote, and is used outside the sandbox:
//! it must name a place inside the workspace by its words alone.

use jiff::civil::Date;

use crate::document::{Request, STUDY_DEFINITION};
use crate::files::inside;

/// The directory used when none is asked for.
const DEFAULT_DIRECTORY: &str = "output";
/// What every study's file name begins with, unless another is asked for.
const INPUT: &str = "input";
/// What its path is called in messages.
const OUTPUT: &str = "output path";
/// Extensions that the language knows and this program cannot write yet.
const NOT_YET: [&str; 4] = ["feather", "dta", "dta.gz", "parquet"];

/// The format of an output file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// `csv`
    Csv,
    /// `csv.gz`
    CsvGz,
}

impl OutputFormat {
    /// The file name's extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGz => "csv.gz",
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "csv" => Ok(Self::Csv),
            "csv.gz" => Ok(Self::CsvGz),
            other if NOT_YET.contains(&other) => Err(format!(
                "the output format {other} is not supported yet: use csv or csv.gz"
            )),
            other => Err(format!("'{other}' is no output format: use csv or csv.gz")),
        }
    }
}

/// Where the cohorts of one request go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: OutputFormat,
    directory: String,
    /// The file name asked for, without its extension.
    stem: Option<String>,
}

impl Output {
    /// Reads the options; `studies` is how many study definitions there are.
    ///
    /// # Errors
    /// A sentence, if the options contradict each other or lead out of the workspace.
    pub(crate) fn of(request: &Request, studies: usize) -> Result<Self, String> {
        let format = request
            .output_format
            .as_deref()
            .map(OutputFormat::parse)
            .transpose()?;
        let directory = request
            .output_dir
            .as_deref()
            .map(|path| inside(OUTPUT, path))
            .transpose()?;
        let Some(file) = &request.output_file else {
            return Ok(Self {
                format: format.unwrap_or(OutputFormat::Csv),
                directory: directory.unwrap_or_else(|| DEFAULT_DIRECTORY.to_owned()),
                stem: None,
            });
        };
        if studies > 1 {
            return Err(
                "--output-file names one file, but there are several study definitions: \
                        give --study-definition too"
                    .to_owned(),
            );
        }
        let path = inside(OUTPUT, file)?;
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let (stem, extension) = name
            .split_once('.')
            .filter(|(stem, _)| !stem.is_empty())
            .ok_or_else(|| format!("--output-file {file} needs an extension: .csv or .csv.gz"))?;
        // A stem may hold dots of its own.
        let (stem, own_format) = match OutputFormat::parse(extension) {
            Ok(own_format) => (stem, own_format),
            Err(_) if name.ends_with(".csv.gz") => (&name[..name.len() - 7], OutputFormat::CsvGz),
            Err(message) => {
                let (stem, last) = name.rsplit_once('.').ok_or(message)?;
                (stem, OutputFormat::parse(last)?)
            }
        };
        if directory
            .as_deref()
            .is_some_and(|directory| directory != parent)
        {
            return Err(format!(
                "--output-file {file} does not lie in the --output-dir given"
            ));
        }
        if format.is_some_and(|format| format != own_format) {
            return Err(format!(
                "--output-file {file} does not have the --output-format given"
            ));
        }
        Ok(Self {
            format: own_format,
            directory: parent.to_owned(),
            stem: Some(stem.to_owned()),
        })
    }

    /// The path of one cohort's file, relative to the workspace.
    ///
    /// # Errors
    /// A sentence, if the study's name would lead the path elsewhere than the options say.
    pub(crate) fn path(&self, study: &str, index_date: Option<Date>) -> Result<String, String> {
        let name = self.stem.clone().unwrap_or_else(|| {
            format!(
                "{INPUT}{}",
                study.strip_prefix(STUDY_DEFINITION).unwrap_or(study)
            )
        });
        let date = index_date
            .map(|date| format!("_{date}"))
            .unwrap_or_default();
        let slash = if self.directory.is_empty() { "" } else { "/" };
        let file = format!("{name}{date}.{}", self.format.extension());
        if file.contains('/') {
            return Err(format!("the file name '{file}' must not hold a '/'"));
        }
        inside(OUTPUT, &format!("{}{slash}{file}", self.directory))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn path(dir: Option<&str>, format: Option<&str>, file: Option<&str>) -> String {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let request = Request {
            command: "generate_cohort".to_owned(),
            study_definition: "all".to_owned(),
            output_dir: own(dir),
            output_format: own(format),
            output_file: own(file),
            index_date_range: None,
            skip_existing: false,
            params: std::collections::BTreeMap::new(),
            expectations_population: None,
            dummy_data_file: None,
        };
        Output::of(&request, 1)
            .and_then(|output| output.path("study_definition_flu", None))
            .unwrap_or_else(|message| message)
    }

    #[test]
    fn paths_follow_the_options() {
        let cases = [
            (None, None, None, "output/input_flu.csv"),
            (
                Some("output/cohorts"),
                None,
                None,
                "output/cohorts/input_flu.csv",
            ),
            (
                Some("./output//x/"),
                Some("csv.gz"),
                None,
                "output/x/input_flu.csv.gz",
            ),
            (Some("."), None, None, "input_flu.csv"),
            (None, None, Some("output/abc.csv"), "output/abc.csv"),
            (None, None, Some("output/a.b.csv.gz"), "output/a.b.csv.gz"),
            (None, None, Some("output/a.b.csv"), "output/a.b.csv"),
            (
                Some("output"),
                Some("csv"),
                Some("output/abc.csv"),
                "output/abc.csv",
            ),
        ];
        for (dir, format, file, expected) in cases {
            assert_eq!(path(dir, format, file), expected);
        }
    }

    #[test]
    fn options_that_do_not_fit_are_errors() {
        let cases = [
            (Some("/etc"), None, None, "inside the study's folder"),
            (
                Some("output/../.."),
                None,
                None,
                "inside the study's folder",
            ),
            (None, None, Some("../x.csv"), "inside the study's folder"),
            (Some("a\0b"), None, None, "inside the study's folder"),
            (
                None,
                Some("feather"),
                None,
                "not supported yet: use csv or csv.gz",
            ),
            (None, Some("xlsx"), None, "is no output format"),
            (None, None, Some("output/abc"), "needs an extension"),
            (None, None, Some("output/abc.dta"), "not supported yet"),
            (Some("other"), None, Some("output/abc.csv"), "--output-dir"),
            (
                None,
                Some("csv.gz"),
                Some("output/abc.csv"),
                "--output-format",
            ),
        ];
        for (dir, format, file, expected) in cases {
            let message = path(dir, format, file);
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn index_dates_end_the_name() {
        let output = Output {
            format: OutputFormat::Csv,
            directory: "o".to_owned(),
            stem: Some("abc".to_owned()),
        };
        assert_eq!(
            output.path("study_definition", Some(date(2020, 1, 8))),
            Ok("o/abc_2020-01-08.csv".to_owned())
        );
    }

    #[test]
    fn no_name_of_a_study_leads_out_of_the_folder() {
        let output = Output {
            format: OutputFormat::Csv,
            directory: "output".to_owned(),
            stem: None,
        };
        for name in ["study_definition/../../x", "/etc/x", "a/b", "a\0b"] {
            let path = output.path(name, None);
            assert!(path.is_err(), "{name:?}: {path:?}");
        }
    }
}

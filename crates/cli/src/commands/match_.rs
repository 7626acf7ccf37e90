//! `glovebox match`: give each case its controls.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use glovebox_matching::{
    Inputs, MatchError, OutputFormat, Problem, Progress, Settings, Stage, match_files,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::say::say;
use super::stop;
use crate::exit::Exit;

const EXAMPLES: &str = r#"Examples:
  glovebox match --cases cases.csv --controls population.csv --config-file matching.json
  glovebox match --cases cases.csv.gz --controls population.csv.gz --output-format csv.gz \
      --config-file matching.json
  glovebox match --cases cases.csv --controls population.csv --config '{
      "matches_per_case": 5,
      "match_variables": {"sex": "category", "age": 1},
      "index_date_variable": "index_date"}'

"#;

/// Match controls to cases.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The cases: a .csv or .csv.gz file, one row for each person
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,

    /// The people who may become controls: a .csv or .csv.gz file, one row for each person
    #[arg(long, value_name = "FILE")]
    controls: PathBuf,

    #[command(flatten)]
    config: Config,

    /// The format of the data files, csv or csv.gz; overrides the settings
    #[arg(long, value_name = "FORMAT")]
    output_format: Option<String>,

    /// The folder of the output files; overrides the settings
    #[arg(long, value_name = "DIR")]
    output_path: Option<PathBuf>,
}

/// Where the settings are.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Config {
    /// The settings, as a JSON object
    #[arg(long, value_name = "JSON")]
    config: Option<String>,

    /// A file with the settings, as a JSON object
    #[arg(long, value_name = "FILE")]
    config_file: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Exit {
    let inputs = Inputs {
        cases: args.cases.clone(),
        controls: args.controls.clone(),
    };
    let settings = match args.settings() {
        Ok(settings) => settings,
        Err(mut problems) => {
            problems.extend(inputs.problems());
            return fail(&MatchError::Settings(problems));
        }
    };
    let progress = match Watch::new() {
        Ok(progress) => progress,
        Err(error) => {
            say(&format!("error: signals cannot be handled: {error}"));
            return Exit::Environment;
        }
    };
    let result = match_files(&inputs, &settings, &progress);
    progress.bar.finish_and_clear();
    match result {
        Ok(summary) => {
            say(summary.to_string().trim_end());
            Exit::Success
        }
        Err(error) => fail(&error),
    }
}

impl Args {
    /// The settings with what the command line overrides, or everything that is wrong with them.
    fn settings(&self) -> Result<Settings, Vec<Problem>> {
        let mut problems = Vec::new();
        let format = self.output_format.as_deref().and_then(|word| {
            let format = OutputFormat::ALL.iter().find(|(_, known)| *known == word);
            if format.is_none() {
                let known = OutputFormat::ALL.map(|(_, word)| word).join(" and ");
                problems.push(Problem::new(
                    "--output-format",
                    format!("`{word}` cannot be written; the formats that can are {known}"),
                ));
            }
            format.map(|(format, _)| *format)
        });
        let settings = self
            .config
            .text()
            .and_then(|text| match Settings::from_json(&text) {
                Err(MatchError::Settings(problems)) => Err(problems),
                Err(other) => Err(vec![Problem::new("settings", other.to_string())]),
                Ok(settings) => Ok(settings),
            });
        match settings {
            Ok(mut settings) if problems.is_empty() => {
                settings.output_format = format.unwrap_or(settings.output_format);
                if let Some(path) = &self.output_path {
                    settings.output_path.clone_from(path);
                }
                Ok(settings)
            }
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                Err(problems)
            }
        }
    }
}

impl Config {
    fn text(&self) -> Result<String, Vec<Problem>> {
        match (&self.config, &self.config_file) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(path)) => fs::read_to_string(path).map_err(|error| {
                let message = format!("the settings could not be read: {error}");
                vec![Problem::new(path.display().to_string(), message)]
            }),
            // The argument parser asks for one of them.
            (None, None) => Err(vec![Problem::new("--config", "there are no settings")]),
        }
    }
}

/// A progress bar where there is a terminal, and Ctrl-C.
struct Watch {
    stop: Arc<AtomicBool>,
    bar: ProgressBar,
}

impl Watch {
    fn new() -> io::Result<Self> {
        let stop = stop::flag()?;
        let quiet = !io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some();
        let bar = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::no_length()
        };
        Ok(Self { stop, bar })
    }
}

impl Progress for Watch {
    fn advanced(&self, stage: Stage, done: u64, total: Option<u64>) {
        let (words, unit) = match stage {
            Stage::ReadingCases => ("Reading cases", "rows"),
            Stage::ReadingControls => ("Reading controls", "rows"),
            Stage::Matching => ("Matching", "cases"),
            Stage::Writing => ("Writing", "rows"),
        };
        let template = match total {
            Some(_) => format!("{words} {{wide_bar}} {{human_pos}} of {{human_len}} {unit}"),
            None => format!("{words} {{human_pos}} {unit}"),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style);
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(done);
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Says what is wrong, one line for each thing.
fn fail(error: &MatchError) -> Exit {
    for line in error.lines() {
        say(&format!("error: {line}"));
    }
    match error {
        MatchError::Settings(_) | MatchError::Data(_) => Exit::Usage,
        // What is in the file, not what became of reading it.
        MatchError::Read { source, .. }
            if matches!(
                source.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Exit::Usage
        }
        MatchError::Read { .. } | MatchError::Changed { .. } | MatchError::Write { .. } => {
            Exit::Environment
        }
        MatchError::Cancelled => Exit::Interrupted,
    }
}

//! `glovebox check`: is this `project.yaml` valid, and if not, everything that is wrong with it.

mod as_json;
mod as_text;
mod excerpt;
mod input;

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use glovebox_pipeline::{Project, Report, check_bytes};

use self::input::Input;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox check                   the project.yaml of this folder
  glovebox check path/to/study     the project.yaml of another one
  git show main:project.yaml | glovebox check - --format json

Exit codes: 0 accepted, 1 rejected, 2 the file cannot be read.";

/// Check a project.yaml: every error at once, each with its place.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// A project file, a folder that holds project.yaml, or - for standard input.
    #[arg(default_value = ".")]
    path: PathBuf,

    /// For whom the answer is.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Words and source lines, on standard error.
    Human,
    /// One JSON object, on standard output.
    Json,
}

pub(crate) fn run(args: &Args) -> Exit {
    let input = match Input::read(&args.path) {
        Ok(input) => input,
        Err(error) => {
            say(&format!("{error}\n"));
            return Exit::Usage;
        }
    };
    let report = check_bytes(&input.bytes);
    match args.format {
        Format::Json => {
            let line = format!("{}\n", as_json::write(&report));
            if io::stdout().lock().write_all(line.as_bytes()).is_err() {
                return Exit::Environment;
            }
        }
        Format::Human => {
            let text = String::from_utf8_lossy(&input.bytes);
            say(&as_text::write(&report, &input.name, &text, in_colour()));
        }
    }
    if report.outcome.is_ok() {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// The valid project of a folder, for commands that go on to use it; what is wrong is said as
/// `glovebox check` says it.
pub(super) fn accepted(folder: &Path) -> Result<Project, Exit> {
    let input = Input::read(folder).map_err(|error| {
        say(&format!("{error}\n"));
        Exit::Usage
    })?;
    let report = check_bytes(&input.bytes);
    report.outcome.map_err(|rejected| {
        let report = Report {
            outcome: Err(rejected),
            warnings: report.warnings,
        };
        let text = String::from_utf8_lossy(&input.bytes);
        say(&as_text::write(&report, &input.name, &text, in_colour()));
        Exit::Failure
    })
}

/// Writes to standard error. If nobody listens there, nobody can be told so.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Colours only on a terminal, and never with `NO_COLOR` (<https://no-color.org>).
fn in_colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

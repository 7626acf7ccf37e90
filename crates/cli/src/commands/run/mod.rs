//! `glovebox run`: run actions of a project on this machine, each in its sandbox.

mod limits;
mod outcome;
mod progress;
mod quantity;
mod refused;
mod table;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::ValueEnum;
use glovebox_runner::{Force, LocalRun, Options, ProjectFolder};

use super::check;
use super::open_files;
use super::say::say;
use super::stop;
use crate::exit::Exit;
use refused::Refused;

const EXAMPLES: &str = "\
Examples:
  glovebox run run_all                        every action of the project in this folder
  glovebox run matching_2020                  one action, and what it needs
  glovebox run run_all --seed 42 -f           all of it again, with the dummy data of seed 42";

const EXITS: &str = "\
Exit codes: 0 all succeeded, 1 an action failed or project.yaml is rejected, 2 wrong usage (an
unknown action, no project), 3 this machine cannot (something is missing, full or in use),
130 stopped.";

/// Run actions, each in a sandbox of its own; what did not change is not run again.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES, after_help = EXITS)]
pub(crate) struct Args {
    /// Actions to run; `run_all` for every one. What they need runs too.
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,

    /// Run these actions and all that they need again, even where nothing changed.
    #[arg(short, long)]
    force_run_dependencies: bool,

    /// The folder that holds project.yaml.
    #[arg(long, default_value = ".", value_name = "DIR")]
    project_dir: PathBuf,

    /// After a failure, still run what does not need the failed action.
    #[arg(long)]
    continue_on_error: bool,

    /// Most actions at once [default: one a processor].
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// Dummy patients in each extraction, in place of what project.yaml says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    population_size: Option<u64>,

    /// Make the same dummy data as the run that had this seed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// What `today` means in study definitions, as YYYY-MM-DD [default: the day of the run, UTC].
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,

    /// Who reads the result: a person (a table) or a program (one JSON object on standard output).
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    #[command(flatten)]
    limits: limits::LimitArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, after live progress on standard error.
    Human,
    /// One JSON object.
    Json,
}

pub(crate) fn run(args: &Args) -> Exit {
    attempt(args).unwrap_or_else(|refused| {
        refused.tell(args.format);
        refused.exit
    })
}

fn attempt(args: &Args) -> Result<Exit, Refused> {
    let project = check::accepted(&args.project_dir).map_err(Refused::project)?;
    let cannot = |what: &str, error: io::Error| Refused::environment(format!("{what}: {error}"));
    let shown = args.project_dir.display();
    if !args.project_dir.is_dir() {
        return Err(Refused::folder(format!(
            "{shown} is no folder: name the one that holds project.yaml"
        )));
    }
    let folder = ProjectFolder::open(&args.project_dir).map_err(|error| {
        let what = format!("Glovebox cannot keep its own things in {shown}/.glovebox");
        cannot(&what, error)
    })?;
    open_files::raise();
    let stop = stop::flag().map_err(|error| cannot("signals cannot be handled", error))?;
    let launcher = std::env::current_exe()
        .map_err(|error| cannot("the glovebox program cannot find itself", error))?;
    let options = args.options();
    let local = LocalRun {
        folder: &folder,
        project: &project,
        requested: &args.actions,
        options: &options,
        launcher,
        stop: Arc::clone(&stop),
    };
    let actions = local.actions().map_err(|unknown| {
        let known: Vec<&str> = project
            .run_all()
            .map(|action| action.name.as_str())
            .collect();
        Refused::unknown_action(format!(
            "there is no action `{}`; the actions are {}, and run_all for all of them",
            unknown.name,
            known.join(", ")
        ))
    })?;
    let observer = progress::observer(&actions);
    let result = local.run(observer.as_ref());
    drop(observer);
    let stopped = stop.load(Ordering::Acquire);
    let reports = match result {
        Ok(reports) => reports,
        Err(_) if stopped => return Err(Refused::stopped()),
        Err(error) => return Err(Refused::environment(error.in_full())),
    };
    let written = match args.format {
        Format::Human => outcome::for_people(&reports, &folder),
        Format::Json => outcome::for_programs(&reports, &folder),
    };
    Ok(match written {
        Err(error) => {
            say(&format!("the result could not be written: {error}"));
            Exit::Environment
        }
        Ok(()) if stopped => Exit::Interrupted,
        Ok(()) => outcome::exit(&reports),
    })
}

impl Args {
    fn options(&self) -> Options {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            force: if self.force_run_dependencies {
                Force::Everything
            } else {
                Force::Nothing
            },
            continue_on_error: self.continue_on_error,
            jobs: self.jobs.map_or(processors, usize::from),
            population: self.population_size,
            seed: self.seed,
            today: self.today,
            limits: self.limits.limits(),
            file_limits: glovebox_levels::Limits::default(),
        }
    }
}

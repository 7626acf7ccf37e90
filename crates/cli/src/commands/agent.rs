//! `glovebox agent`: run jobs beside the data.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use glovebox_agent::{Agent, Settings, SettingsError, StartError, Stop};

use super::log;
use super::say::say;
use super::stop;
use crate::exit::Exit;

/// How soon a signal is passed on.
const TICK: Duration = Duration::from_millis(100);

const EXAMPLES: &str = "\
Examples:
  glovebox agent --config agent.toml

Ctrl-C or SIGTERM: once to finish what runs and end, twice to stop it and end.";

/// Run jobs beside the data: ask the job server for them, and report how they went.
///
/// It calls out and is never called. What it may run stands in its own settings, whatever the server says.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Its settings.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(crate) fn run(args: &Args) -> Exit {
    let _traces = match log::to_standard_error("glovebox-agent") {
        Ok(traces) => traces,
        Err(exit) => return exit,
    };
    let settings = match Settings::read(&args.config) {
        Ok(settings) => settings,
        Err(error) => {
            // It names the file itself if that cannot be read.
            match &error {
                SettingsError::Read { .. } => say(&error.to_string()),
                _ => say(&format!("{}: {error}", args.config.display())),
            }
            return Exit::Usage;
        }
    };
    let asked = match stop::count() {
        Ok(asked) => asked,
        Err(error) => {
            say(&format!("signals cannot be handled: {error}"));
            return Exit::Environment;
        }
    };
    match serve(settings, asked) {
        Ok(()) => Exit::Success,
        Err(error) => {
            say(&error.to_string());
            Exit::Environment
        }
    }
}

fn serve(settings: Settings, asked: Arc<AtomicUsize>) -> Result<(), StartError> {
    let agent = Agent::new(settings)?;
    let ending = Stop::new();
    let passing_on = ending.clone();
    // It lives as long as the program.
    thread::spawn(move || {
        let mut passed_on = 0;
        loop {
            thread::sleep(TICK);
            while passed_on < asked.load(Ordering::Acquire) {
                passing_on.ask();
                passed_on += 1;
            }
        }
    });
    agent.run(&ending)
}

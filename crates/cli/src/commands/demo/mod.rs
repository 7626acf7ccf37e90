//! `glovebox demo`: a job server, an agent beside dummy data and an example study, in one process.
//!
//! It does what people do: the request goes in through the HTTP API with a researcher's token, the agent
//! asks the server for work over HTTP, and what is shown at the end is what the API says.
//!
//! * [`study`] is the example, laid out as a repository. [`place`] is everything else that has to be there.
//! * [`services`] are the server and the agent. [`follow`] submits the request and tells how it goes.

mod follow;
mod place;
mod services;
mod study;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{log, open_files, runtimes, say::say, stop};
use crate::exit::Exit;
use place::Place;
use services::Services;

const EXAMPLES: &str = "\
Examples:
  glovebox demo                           in a folder that goes with it
  glovebox demo --data-dir my-demo        in a folder that stays, and is gone on with next time
  glovebox demo --port 9000 --exit-when-done

It serves this machine alone, until Ctrl-C. Its database is a file there, or the one that
GLOVEBOX_DATABASE_URL names.";

/// The port that is tried first, if none is asked for.
const USUAL_PORT: u16 = 8000;

/// See it work: a server, an agent and an example study in one process, six actions on dummy data.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The port to serve at, on loopback [default: 8000, or another if that is taken].
    #[arg(long)]
    port: Option<u16>,

    /// A folder to keep everything in [default: a temporary one].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// End when the request has: 0 if it succeeded, 1 if not.
    #[arg(long)]
    exit_when_done: bool,
}

pub(crate) fn run(args: &Args) -> Exit {
    demo(args).unwrap_or_else(|failed| {
        say(&format!("glovebox demo: {}", failed.sentence));
        failed.exit
    })
}

/// Why there is no demonstration.
struct Failed {
    exit: Exit,
    sentence: String,
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self {
            exit: Exit::Environment,
            sentence: error.to_string(),
        }
    }
}

fn demo(args: &Args) -> Result<Exit, Failed> {
    // First what may take long, as its progress is shown.
    let ready = runtimes::make_ready(&["python:latest".to_owned()]);
    if ready != Exit::Success {
        return Ok(ready);
    }
    open_files::raise();
    let asked = stop::count()?;
    let temporary = match &args.data_dir {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("glovebox-demo-")
                .tempdir()?,
        ),
    };
    let folder = match (&args.data_dir, &temporary) {
        (Some(folder), _) => folder.as_path(),
        (None, Some(temporary)) => temporary.path(),
        (None, None) => return Ok(Exit::Environment),
    };
    let place = Place::new(folder)?;
    let _traces = match log::to_file("glovebox demo", &place.log()) {
        Ok(traces) => traces,
        Err(exit) => return Ok(exit),
    };
    place.lay_out_study()?;
    let services = Services::start(&place, &ports(args.port))?;
    let address = services.address();
    let told = follow::submit_and_follow(address, &place, services.links(), &asked);
    let exit = match told {
        Ok(exit) => exit,
        Err(failed) => failed.tell(),
    };
    if !args.exit_when_done && exit != Exit::Interrupted {
        tell("It goes on serving: look around, and end it with Ctrl-C.");
        wait(&asked);
    }
    services.stop();
    Ok(match exit {
        Exit::Interrupted if args.exit_when_done => Exit::Interrupted,
        // Ctrl-C is how a demonstration ends.
        Exit::Interrupted => Exit::Success,
        exit => exit,
    })
}

/// The addresses to try, in this order.
fn ports(asked: Option<u16>) -> Vec<SocketAddr> {
    let ports = asked.map_or_else(|| vec![USUAL_PORT, 0], |port| vec![port]);
    let on_loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    ports.into_iter().map(on_loopback).collect()
}

fn wait(asked: &Arc<AtomicUsize>) {
    while asked.load(Ordering::Acquire) == 0 {
        std::thread::sleep(services::TICK);
    }
}

/// A line that is what was asked for: where to look, and how it went.
fn tell(line: &str) {
    let mut out = io::stdout().lock();
    // Whoever closed it has read enough.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

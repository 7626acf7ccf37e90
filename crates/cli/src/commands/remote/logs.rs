//! `glovebox logs`: what happened to a job request, as the server knows it.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use glovebox_protocol::JobRequest;

use super::super::say::say;
use super::super::stop;
use super::super::visible::visible;
use super::happened::{Happened, happened};
use super::watch::Watch;
use super::{Server, call::Failed, path_of};
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox logs 4168
  glovebox logs 4168 --follow                until the request has ended
  glovebox logs 4168 --format json           one JSON object a line

The logs of the commands themselves never leave the secure zone: each stays beside the data, on the
backend, in workspaces/WORKSPACE/jobs/JOB/log.txt of the agent's folder.

Exit codes: 0 it succeeded or goes on, 1 it failed, 130 interrupted.";

/// How long a server that does not answer any more may take to come back.
const LONGEST_AWAY: Duration = Duration::from_mins(5);

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(2);

/// Say what happened to a job request, one event a line.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,

    /// The number of the request.
    number: i64,

    /// Go on until the request has ended.
    #[arg(short, long)]
    follow: bool,

    /// What is written to standard output.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(args: &Args) -> Exit {
    // Nothing is left half-done by ending anywhere.
    if let Err(error) = stop::at_once() {
        say(&format!("signals cannot be handled: {error}"));
        return Exit::Environment;
    }
    let mut printer = Printer {
        format: args.format,
        printed: HashSet::new(),
    };
    let shown = if args.follow {
        follow(args, &mut printer)
    } else {
        read(args).and_then(|request| printer.print(&request).map(|()| request))
    };
    match shown {
        Ok(request) if request.status == "failed" => Exit::Failure,
        Ok(_) => Exit::Success,
        Err(failed) => failed.tell(),
    }
}

fn read(args: &Args) -> Result<JobRequest, Failed> {
    args.server.read(&path_of(args.number))
}

/// Prints what happens until the request has ended, which its jobs' limits see to.
fn follow(args: &Args, printer: &mut Printer) -> Result<JobRequest, Failed> {
    let first = read(args)?;
    printer.print(&first)?;
    if has_ended(&first) {
        return Ok(first);
    }
    let mut heard = Instant::now();
    loop {
        // Watching begins before reading, so that nothing falls between.
        let mut watch = Watch::open(&args.server.server, args.number);
        loop {
            match read(args) {
                Ok(request) => {
                    heard = Instant::now();
                    printer.print(&request)?;
                    if has_ended(&request) {
                        return Ok(request);
                    }
                }
                // A server that is started anew is away for a moment.
                Err(failed) if !failed.may_pass() || heard.elapsed() > LONGEST_AWAY => {
                    return Err(failed);
                }
                Err(_) => break,
            }
            if !watch.as_mut().is_some_and(Watch::wait) {
                break;
            }
        }
        if watch.is_none_or(|watch| watch.was_short()) {
            thread::sleep(PAUSE);
        }
    }
}

fn has_ended(request: &JobRequest) -> bool {
    ["succeeded", "failed", "nothing_to_do"].contains(&request.status.as_str())
}

/// Prints each event once.
struct Printer {
    format: Format,
    printed: HashSet<Happened>,
}

impl Printer {
    fn print(&mut self, request: &JobRequest) -> Result<(), Failed> {
        for event in happened(request) {
            if self.printed.contains(&event) {
                continue;
            }
            let mut out = io::stdout().lock();
            let written = match self.format {
                Format::Human => writeln!(out, "{}", visible(&event.line())),
                Format::Json => serde_json::to_writer(&mut out, &event)
                    .map_err(io::Error::from)
                    .and_then(|()| writeln!(out)),
            };
            written
                .and_then(|()| out.flush())
                .map_err(|error| Failed::environment(format!("nothing can be printed: {error}")))?;
            self.printed.insert(event);
        }
        Ok(())
    }
}

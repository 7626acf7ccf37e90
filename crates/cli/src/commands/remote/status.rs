//! `glovebox status`: where a job request stands.

use std::io::{self, Write as _};

use glovebox_protocol::JobRequest;

use super::super::say::say;
use super::super::visible::visible;
use super::{Server, call::Failed, line, path_of};
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox status 4168
  glovebox status 4168 --json
  glovebox status 4168 --server https://jobs.example.org

Exit codes: 0 it succeeded or goes on, 1 it failed.";

/// Say where a job request stands.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,

    /// The number of the request.
    number: i64,

    /// Answer with one JSON object on standard output.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Exit {
    status(args).unwrap_or_else(|failed| failed.tell())
}

fn status(args: &Args) -> Result<Exit, Failed> {
    let path = path_of(args.number);
    let request: JobRequest = args.server.read(&path)?;
    if args.json {
        let mut out = io::stdout().lock();
        let written = serde_json::to_writer_pretty(&mut out, &request)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out));
        if written.is_err() {
            return Ok(Exit::Environment);
        }
    } else {
        let address = args.server.address_of(&request);
        say(&visible(&format!("{}: {address}", request.status)));
        for job in &request.jobs {
            say(&visible(&line(job)));
        }
    }
    Ok(if request.status == "failed" {
        Exit::Failure
    } else {
        Exit::Success
    })
}

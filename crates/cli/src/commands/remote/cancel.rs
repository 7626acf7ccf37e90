//! `glovebox cancel`: end jobs of a request.

use glovebox_protocol::{CancelRequest, JobRequest};

use super::super::say::say;
use super::super::visible::visible;
use super::{Server, call::Failed, line, path_of};
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox cancel 4168                       all that has not ended
  glovebox cancel 4168 matching_2020         one action
  glovebox cancel 4168 matching_2019 matching_2020";

/// End jobs of a request; who did, and when, is kept.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,

    /// The number of the request.
    number: i64,

    /// Actions; all that have not ended without any.
    #[arg(value_name = "ACTION")]
    actions: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Exit {
    cancel(args).unwrap_or_else(|failed| failed.tell())
}

fn cancel(args: &Args) -> Result<Exit, Failed> {
    let path = format!("{}/cancel", path_of(args.number));
    let body = CancelRequest {
        actions: args.actions.clone(),
    };
    let request: JobRequest = args.server.ask(&path, &body)?;
    for job in &request.jobs {
        say(&visible(&line(job)));
    }
    Ok(Exit::Success)
}

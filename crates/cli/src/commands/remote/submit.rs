//! `glovebox submit`: ask a job server to run actions.

use glovebox_protocol::{CreateRequest, Created, PATH_JOB_REQUESTS};

use super::super::say::say;
use super::super::visible::visible;
use super::{Server, call::Failed, line};
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox submit sick-notes run_all --backend tpp
  glovebox submit sick-notes matching_2020 --backend tpp --ref a-branch
  glovebox submit sick-notes run_all --backend tpp --force-run-dependencies";

/// Ask a job server to run actions on a backend.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,

    /// The workspace.
    workspace: String,

    /// Actions; `run_all` for every one that has not succeeded.
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,

    /// The backend.
    #[arg(long, value_name = "SLUG")]
    backend: String,

    /// A branch or a commit [default: the branch of the workspace].
    #[arg(long = "ref", value_name = "REF")]
    git_ref: Option<String>,

    /// Run all that the actions need anew too.
    #[arg(short, long)]
    force_run_dependencies: bool,

    /// Be told when it has ended, by the way that the server has for that.
    #[arg(long)]
    notify: bool,
}

pub(crate) fn run(args: &Args) -> Exit {
    submit(args).unwrap_or_else(|failed| failed.tell())
}

fn submit(args: &Args) -> Result<Exit, Failed> {
    let request = CreateRequest {
        workspace: args.workspace.clone(),
        backend: args.backend.clone(),
        git_ref: args.git_ref.clone(),
        actions: args.actions.clone(),
        force_run_dependencies: args.force_run_dependencies,
        notify: args.notify,
    };
    let created: Created = args.server.ask(PATH_JOB_REQUESTS, &request)?;
    let request = &created.request;
    say(&visible(&format!(
        "job request {}: {}",
        request.number,
        args.server.address_of(request)
    )));
    if let Some(why) = &created.nothing_to_do {
        say(&visible(&format!("there is nothing to do: {why}")));
    }
    for job in &request.jobs {
        say(&visible(&line(job)));
    }
    say(&format!(
        "follow it: glovebox logs {} --follow",
        request.number
    ));
    Ok(Exit::Success)
}

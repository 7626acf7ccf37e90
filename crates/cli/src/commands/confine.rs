use std::ffi::OsString;
use std::process::ExitCode;

use glovebox_sandbox::launcher;

/// Start a sandbox (run by glovebox itself).
#[derive(clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {
    /// `outer` or `inner`.
    stage: OsString,
}

/// Answers with the launcher's own code, which only the supervising glovebox reads.
pub(crate) fn run(args: &Args) -> ExitCode {
    launcher::run(&args.stage)
}

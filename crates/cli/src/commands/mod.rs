//! The sub-commands, one file each.

mod check;
mod match_;
mod outputs;

use clap::Subcommand;

use crate::exit::Exit;

/// What `glovebox` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Check(check::Args),
    #[command(subcommand)]
    Outputs(outputs::Command),
    Match(match_::Args),
}

impl Command {
    /// Runs the command to its end; everything a person or a machine should see is printed.
    pub(crate) fn run(self) -> Exit {
        match self {
            Self::Check(args) => check::run(&args),
            Self::Outputs(command) => outputs::run(&command),
            Self::Match(args) => match_::run(&args),
        }
    }
}

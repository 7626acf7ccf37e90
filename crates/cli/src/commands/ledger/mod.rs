//! `glovebox ledger`: a log of what was done, as whoever does not trust its keeper checks it.

mod copy;
mod given;
mod prefix;
mod show;
mod stop;
mod verify;

use crate::exit::Exit;

/// Check that a ledger is what was signed, and that its history was not rewritten.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Verify(verify::Args),
    Show(show::Args),
    Copy(copy::Args),
}

pub(crate) fn run(command: &Command) -> Exit {
    let result = match command {
        Command::Verify(args) => verify::run(args),
        Command::Show(args) => show::run(args),
        Command::Copy(args) => copy::run(args),
    };
    result.unwrap_or_else(|stop| stop.tell())
}

use crate::exit::Exit;

/// Ask what may stand at a security level.
#[derive(clap::Subcommand)]
pub(crate) enum Command {}

pub(crate) fn run(_command: &Command) -> Exit {
    Exit::Usage
}

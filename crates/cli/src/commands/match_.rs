use crate::exit::Exit;

/// Not written yet.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args) -> Exit {
    Exit::Usage
}

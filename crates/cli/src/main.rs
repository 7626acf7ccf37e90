//! The `glovebox` command: argument parsing and wiring only.
//!
//! One file per command under [`commands`]; what a command *does* lives in the crate that owns
//! the subject.

mod commands;
mod exit;

use std::process::ExitCode;

use clap::Parser;

/// Run research code on patients' records that no researcher ever sees.
#[derive(Parser)]
#[command(
    name = "glovebox",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.command.run()
}

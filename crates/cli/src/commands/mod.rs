//! The sub-commands, one file (or folder) each.

mod agent;
mod check;
mod confine;
mod database;
mod demo;
mod ledger;
mod log;
mod match_;
mod open_files;
mod outputs;
mod remote;
mod run;
mod runtimes;
mod say;
mod server;
mod stop;
mod traces;
mod visible;

use std::process::ExitCode;

use clap::Subcommand;

/// What `glovebox` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Demo(demo::Args),
    Check(check::Args),
    Run(run::Args),
    #[command(subcommand)]
    Outputs(outputs::Command),
    Match(match_::Args),
    Runtimes(runtimes::Args),
    Server(Box<server::Args>),
    Agent(agent::Args),
    Submit(remote::submit::Args),
    Status(remote::status::Args),
    Logs(remote::logs::Args),
    Cancel(remote::cancel::Args),
    #[command(subcommand)]
    Ledger(ledger::Command),
    Confine(confine::Args),
}

impl Command {
    /// Runs the command to its end; everything a person or a machine should see is printed.
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Demo(args) => demo::run(&args).into(),
            Self::Check(args) => check::run(&args).into(),
            Self::Run(args) => run::run(&args).into(),
            Self::Outputs(command) => outputs::run(&command).into(),
            Self::Match(args) => match_::run(&args).into(),
            Self::Runtimes(args) => runtimes::run(&args).into(),
            Self::Server(args) => server::run(&args).into(),
            Self::Agent(args) => agent::run(&args).into(),
            Self::Submit(args) => remote::submit::run(&args).into(),
            Self::Status(args) => remote::status::run(&args).into(),
            Self::Logs(args) => remote::logs::run(&args).into(),
            Self::Cancel(args) => remote::cancel::run(&args).into(),
            Self::Ledger(command) => ledger::run(&command).into(),
            Self::Confine(args) => confine::run(&args),
        }
    }
}

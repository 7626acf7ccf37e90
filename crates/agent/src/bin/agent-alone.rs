//! An agent alone, for this crate's tests: `agent-alone agent.toml`, and `agent-alone confine outer|inner`
//! for its sandboxes.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use glovebox_agent::{Agent, Settings, Stop};
use glovebox_sandbox::launcher;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [confine, stage] if confine == launcher::SUBCOMMAND => Ok(launcher::run(stage)),
        [settings] => {
            let settings = Settings::read(Path::new(settings))?;
            Agent::new(settings)?.run(&Stop::new())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::from(2)),
    }
}

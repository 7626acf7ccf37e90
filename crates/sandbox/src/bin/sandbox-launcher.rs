//! The launcher alone, for this crate's tests: `sandbox-launcher confine outer|inner`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [confine, stage] if confine == glovebox_sandbox::launcher::SUBCOMMAND => {
            glovebox_sandbox::launcher::run(stage)
        }
        _ => ExitCode::from(2),
    }
}

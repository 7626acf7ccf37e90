//! The two stages between a [`Sandbox`](crate::Sandbox) and its command.
//!
//! The program given to [`Sandbox::new`](crate::Sandbox::new) is run as `PROGRAM confine outer`
//! on the host and as `PROGRAM confine inner` inside; both must end up in [`run`].
//!
//! The standard input of both is one end of a socket. Plans come down it and `Report`s go up
//! it, so it also tells each side when the other has gone: when glovebox is killed, however
//! suddenly, `inner` ends, and with it the sandbox's process namespace and all that runs there.

mod inherited;
mod inner;
mod outer;
mod plan;

use std::ffi::OsStr;
use std::process::ExitCode;

pub(crate) use inner::TERMINATE;
pub(crate) use plan::{InnerPlan, OuterPlan, Report, ReportReader, frame};

/// The hidden sub-command under which a program offers the launcher.
pub const SUBCOMMAND: &str = "confine";

/// The exit code of a launcher that failed; its standard error says why.
const FAILED: u8 = 125;

/// Runs the stage `outer` or `inner`. Only of use when started by a [`Sandbox`](crate::Sandbox):
/// anything else gets a line that says so.
///
/// It closes every descriptor but the three standard ones: call it before opening any.
pub fn run(stage: &OsStr) -> ExitCode {
    let result = match stage.to_str() {
        Some("outer") => outer::run().map(|never| match never {}),
        Some("inner") => inner::run(),
        _ => Err(LaunchError::Stage),
    };
    result.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::from(FAILED)
    })
}

#[expect(
    clippy::print_stderr,
    reason = "standard error is the pipe to the supervisor"
)]
fn complain(error: &LaunchError) {
    eprintln!("{error}");
}

/// Why a stage failed. The supervisor passes the sentence on.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error("this command is run by glovebox itself, to start a sandbox")]
    Stage,
    #[error("no plan came down the socket: {0}")]
    Plan(#[source] std::io::Error),
    #[error("{0}")]
    Filter(#[from] crate::seccomp::FilterError),
    #[error("{what}: {source}")]
    System {
        what: String,
        source: std::io::Error,
    },
    #[error("glovebox has gone")]
    Orphaned,
}

impl LaunchError {
    fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System {
            what: what.into(),
            source,
        }
    }
}

//! What a service says about itself: one JSON object a line, on standard error; and traces, where a
//! collector is named.

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

use super::say::say;
use super::traces::Traces;
use crate::exit::Exit;

/// Sends it there from now on, under a name for the service. What is given back is to be kept until the
/// service ends.
pub(super) fn to_standard_error(service: &'static str) -> Result<Option<Traces>, Exit> {
    let traces = Traces::begin(service).map_err(|error| {
        say(&error);
        Exit::Usage
    })?;
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(std::io::stderr);
    let log = registry()
        .with(LevelFilter::INFO)
        .with(traces.as_ref().map(Traces::spans))
        .with(lines);
    // It is set once in the life of a program, before anything else is.
    let _ = log.try_init();
    Ok(traces)
}

//! What a service says about itself: one JSON object a line, on standard error or in a file; and traces,
//! where a collector is named.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

use super::say::say;
use super::traces::Traces;
use crate::exit::Exit;

/// Sends it to standard error from now on, under a name for the service. What is given back is to be kept
/// until the service ends.
pub(super) fn to_standard_error(service: &'static str) -> Result<Option<Traces>, Exit> {
    begin(service, io::stderr)
}

/// Appends it to a file that its owner alone can read; else the same.
pub(super) fn to_file(service: &'static str, path: &Path) -> Result<Option<Traces>, Exit> {
    let file = File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    match file {
        Ok(file) => begin(service, Mutex::new(file)),
        Err(error) => {
            say(&format!("{} cannot be written: {error}", path.display()));
            Err(Exit::Environment)
        }
    }
}

fn begin(
    service: &'static str,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Result<Option<Traces>, Exit> {
    let traces = Traces::begin(service).map_err(|error| {
        say(&error);
        Exit::Usage
    })?;
    let lines = fmt::layer().json().flatten_event(true).with_writer(writer);
    let log = registry()
        .with(LevelFilter::INFO)
        .with(traces.as_ref().map(Traces::spans))
        .with(lines);
    // It is set once in the life of a program, before anything else is.
    let _ = log.try_init();
    Ok(traces)
}

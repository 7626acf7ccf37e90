//! What a service says about itself: one JSON object a line, on standard error.

/// Sends it there from now on.
pub(super) fn to_standard_error() {
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::INFO)
        .with_writer(std::io::stderr);
    // It is set once in the life of a program, before anything else is.
    let _ = log.try_init();
}

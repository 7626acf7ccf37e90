//! `glovebox run` as it is used: real sandboxes, real runtimes, studies that are sound and studies
//! that are not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod definitions;
mod hostile;
mod outputs;
mod packages;
mod project;
mod stopping;
mod whole;

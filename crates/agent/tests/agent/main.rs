//! An agent against a server that is played, with real repositories, sandboxes and processes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails in the play is a failure of the test"
)]

mod agents;
mod codes;
mod killed;
mod machine;
mod played;
mod refused;
mod request;
mod running;
mod settings;
mod stopped;
mod study;
mod unreachable;

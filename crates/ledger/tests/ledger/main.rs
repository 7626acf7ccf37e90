//! Ledgers on a disk: written, crashed, tampered with, copied, and read by other implementations.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod against;
mod copying;
mod faults;
mod interoperation;
mod keys;
mod lies;
mod place;
mod publishing;
mod tree;
mod writing;

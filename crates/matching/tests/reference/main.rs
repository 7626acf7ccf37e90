//! The behaviour that studies rely on, case by case: what the reference does where that is sound,
//! and what is right where it is not.
//!
//! Rows are written on one line with ` | ` between them. Where the reference's choice depends on
//! its random numbers, these tests ask for what every right choice has in common.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod closest;
mod dates;
mod files;
mod identity;
mod properties;
mod scale;
mod selection;
mod settings;
mod trial;

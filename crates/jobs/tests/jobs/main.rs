//! What requests make of projects, and what becomes of jobs.

mod plan;
mod story;
mod summary;

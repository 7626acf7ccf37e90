//! What requests make of projects, and what becomes of jobs.

mod story;
mod summary;

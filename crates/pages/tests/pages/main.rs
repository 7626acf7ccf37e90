//! The pages as their readers get them.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod facts;
mod job_request;
mod lists;
mod people;
mod run_jobs;
mod staff;

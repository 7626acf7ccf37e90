//! What requests make of projects, and what becomes of jobs.

mod backend;
mod leases;
mod plan;
mod speed;
mod story;
mod summary;

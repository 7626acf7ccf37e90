//! From checked studies to dummy data.

mod budget;
mod column;
mod from_file;
mod order;
mod plan;

pub use plan::{DummyCohort, DummyOptions, plan_dummy};

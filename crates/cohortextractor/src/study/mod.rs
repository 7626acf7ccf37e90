//! Checked studies: what the document means, once it means something.

mod arguments;
mod check;
mod constraints;
mod model;
mod old_forms;
mod references;
mod rule;

pub(crate) use arguments::codelist_position;
pub use check::check_study;
pub use model::{
    AggregateSource, CheckedStudy, DateFormat, Operation, Period, Pick, Rule, Variable,
};

//! `return_expectations`: what dummy data should look like.

mod keys;
mod merge;
mod values;

pub(crate) use keys::Expectations;
pub(crate) use merge::merged;
pub(crate) use values::{category_values, date_values, float_values, int_values, presence};

//! Random numbers of the distributions that expectations name.

mod ages;
mod discrete;
mod normal;
mod permutation;
mod stream;

pub(crate) use ages::population_ages;
pub(crate) use discrete::Discrete;
pub(crate) use normal::fill_normal;
pub(crate) use permutation::Permutation;
pub(crate) use stream::{Stream, unit};

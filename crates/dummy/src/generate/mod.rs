//! From a study to typed cells, block by block.

mod aggregate;
mod block;
mod check;
mod empty;
mod prepare;

pub(crate) use block::{BlockCells, Rows};
pub(crate) use check::check;
pub use check::check_column;
pub(crate) use prepare::{Prepared, prepare};

//! From a study to typed cells, block by block.

mod aggregate;
mod block;
mod check;
mod empty;
mod prepare;

pub(crate) use block::{BlockCells, Rows};
pub use check::ColumnCheck;
pub(crate) use check::check;
pub(crate) use prepare::{Generator, Prepared, prepare};

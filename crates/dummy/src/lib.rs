//! Dummy columns from expectations.
//!
//! A [`Study`] says which columns a file has and how each is distributed; [`write_csv`] writes it.
//! Nothing here knows the language of study definitions, and nothing here has seen a patient: the
//! only inputs are distributions, counts and a seed.
//!
//! # How it stays fast and repeatable
//!
//! Rows are generated in blocks of [`BLOCK_ROWS`]. Every column draws from its own random stream,
//! keyed by the seed and the column's *name*, with one sub-stream a block. So a block's bytes depend
//! on nothing but the study: blocks are made in parallel and written in order, and the file is the
//! same for one thread or a hundred. Adding a column does not change the others.
//!
//! What cannot be decided a block at a time is decided up front, cheaply: which rows of a column are
//! empty (an exact number of them) is a bit a row; distinct patient ids come from a permutation that
//! is computed, not stored. Memory is therefore the bits and a few blocks, whatever the rows; where
//! rows are so wide that one block would be too much, the text of a block leaves in pieces.

mod block_text;
mod day;
mod distribution;
mod error;
mod generate;
mod study;
mod text;
mod write;

pub use day::{Day, Precision};
pub use error::{DummyError, Problem};
pub use generate::ColumnCheck;
pub use study::{
    Categories, Cells, Column, DateRate, DateValues, Days, Distribution, Kind, Operation, Presence,
    Source, Study, Values,
};
pub use write::{BLOCK_ROWS, Compression, Watch, write_csv};

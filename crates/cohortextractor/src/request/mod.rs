//! The command's options: which index dates, and which files.

mod index_dates;
mod output;

pub(crate) use index_dates::index_dates;
pub(crate) use output::Output;
pub use output::OutputFormat;

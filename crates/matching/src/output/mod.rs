//! The four output files.

mod copy;
mod files;
mod layout;
mod rows;

pub(crate) use copy::{Chosen, write};
pub(crate) use layout::overwritten;

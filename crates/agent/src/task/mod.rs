//! One task: held, kept on disk, worked on, reported.

mod held;
mod keeper;
mod kept;
mod reason;
mod work;

pub(crate) use held::{Held, Why};
pub(crate) use keeper::{Begin, keep};
pub(crate) use kept::{Over, restore};

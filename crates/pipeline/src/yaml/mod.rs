//! Text to located nodes, within limits. Knows nothing of studies.
//!
//! YAML is a small program that writes a document: an alias repeats a node, a merge key copies a
//! map, and ten lines can stand for a billion. Here an alias is only a reference into the arena,
//! and what a document would expand to is counted, not built.

mod compose;
mod key;
mod merge;
mod node;
mod regularise;
mod scalar;
mod stop;
mod tag;

pub use compose::MAX_BYTES;
pub(crate) use compose::compose;
pub(crate) use key::shorten;
pub(crate) use node::{Document, NodeId};
pub(crate) use regularise::{Regular, regularise};
pub(crate) use scalar::Value;

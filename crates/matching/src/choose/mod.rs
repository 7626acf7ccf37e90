//! Choosing controls: one case after the other, in the order of their index dates.

mod buckets;
mod closest;
mod eligible;
mod fenwick;
mod greedy;
mod groups;
mod leading;

pub(crate) use greedy::{Candidates, choose};

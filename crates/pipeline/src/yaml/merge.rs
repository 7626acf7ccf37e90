//! Duplicate keys, and merge keys (`<<`).

use std::collections::{HashMap, hash_map::Entry};

use super::{
    key::{Identity, shorten},
    node::{Content, Document, NodeId},
};
use crate::source::Span;

/// What is wrong with the keys of a map.
pub(super) enum KeyFault {
    /// A key is there twice; the first one counts.
    Duplicate { at: Span, key: String, first: Span },
    /// `<<` refers to something that is not a map, or not a list of maps.
    NotMergeable { at: Span },
}

/// The entries of a map as they count: without duplicates, what is merged last. An own key wins
/// over a merged one, an earlier merged map over a later one.
pub(super) fn settle(
    document: &Document<'_>,
    entries: Vec<(NodeId, NodeId)>,
    faults: &mut Vec<KeyFault>,
) -> Vec<(NodeId, NodeId)> {
    if entries.len() < FEW && all_distinct(document, &entries) {
        return entries;
    }
    let mut seen: HashMap<Identity<'_>, NodeId> = HashMap::with_capacity(entries.len());
    let mut kept = Vec::with_capacity(entries.len());
    let mut merge: Option<(NodeId, NodeId)> = None;
    for (key, value) in entries {
        let first = if document.is_merge_key(key) {
            let first = merge.map(|(first, _)| first);
            merge = merge.or(Some((key, value)));
            first
        } else {
            match seen.entry(document.key_identity(key)) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(key);
                    kept.push((key, value));
                    None
                }
            }
        };
        if let Some(first) = first {
            faults.push(KeyFault::Duplicate {
                at: document.span(key),
                key: describe_key(document, key),
                first: document.span(first),
            });
        }
    }
    if let Some((key, value)) = merge {
        match mergeable(document, value) {
            Ok(maps) => {
                for &(key, value) in maps.into_iter().flatten() {
                    if let Entry::Vacant(place) = seen.entry(document.key_identity(key)) {
                        place.insert(key);
                        kept.push((key, value));
                    }
                }
            }
            Err(NotMergeable) => faults.push(KeyFault::NotMergeable {
                at: document.span(key),
            }),
        }
    }
    kept
}

/// Below this many entries, comparing each with each is cheaper than hashing. Nearly all maps of
/// a project file are that small.
const FEW: usize = 8;

/// Whether there is nothing to settle: no key is there twice, and none is a merge key.
fn all_distinct(document: &Document<'_>, entries: &[(NodeId, NodeId)]) -> bool {
    entries.iter().enumerate().all(|(index, &(key, _))| {
        let identity = document.key_identity(key);
        !document.is_merge_key(key)
            && entries[..index]
                .iter()
                .all(|&(earlier, _)| document.key_identity(earlier) != identity)
    })
}

struct NotMergeable;

/// The maps that `<<: value` refers to.
fn mergeable<'d>(
    document: &'d Document<'_>,
    value: NodeId,
) -> Result<Vec<&'d [(NodeId, NodeId)]>, NotMergeable> {
    let one = |id| document.mapping(id).ok_or(NotMergeable);
    match document.sequence(value) {
        Some(items) => items.iter().map(|&item| one(item)).collect(),
        None => Ok(vec![one(value)?]),
    }
}

fn describe_key(document: &Document<'_>, key: NodeId) -> String {
    match &document.node(key).content {
        Content::Scalar { text, .. } => shorten(text),
        _ => document.describe(key),
    }
}

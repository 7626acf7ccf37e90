//! Proofs that an entry is in a tree, and that one tree continues another (RFC 6962, 2.1.1 and 2.1.2).
//!
//! They are made from the hashes of complete subtrees, which the caller finds: `node(level, index)` is
//! the hash over the `2^level` entries from `index << level` on. Checking needs nothing but the proof;
//! it follows RFC 9162, 2.1.3.2 and 2.1.4.2.

use crate::hash::{Hash, node_hash, root_of};

/// Proves that entry `index` is in the tree of the first `size` entries; nothing if it is not.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    let (mut low, mut high) = (0, size);
    while high - low > 1 {
        let middle = low + split(high - low);
        // The sibling is a tree of its own; which side it stands on, the index says.
        if index < middle {
            proof.push(range(middle, high, &mut node)?);
            high = middle;
        } else {
            proof.push(range(low, middle, &mut node)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Proves that the tree of the first `size` entries continues that of the first `old_size`; nothing
/// if the old one is larger.
pub fn consistency_proof<E>(
    old_size: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old_size > size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    if old_size == 0 || old_size == size {
        return Ok(Some(proof));
    }
    let (mut low, mut high, mut whole_is_known) = (0, size, true);
    while high != old_size {
        let middle = low + split(high - low);
        if old_size <= middle {
            proof.push(range(middle, high, &mut node)?);
            high = middle;
        } else {
            proof.push(range(low, middle, &mut node)?);
            low = middle;
            whole_is_known = false;
        }
    }
    if !whole_is_known {
        proof.push(range(low, high, &mut node)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Whether a proof shows that the entry with this leaf hash is number `index` of a tree.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that a tree continues an older one.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> bool {
    if old_size == size {
        return proof.is_empty() && old_root == root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == root_of(&[]);
    }
    let first = if old_size.is_power_of_two() {
        Some(old_root)
    } else {
        None
    };
    let mut hashes = first.into_iter().chain(proof);
    let (true, Some(start)) = (old_size < size && !proof.is_empty(), hashes.next()) else {
        return false;
    };
    let known_levels = (old_size - 1).trailing_ones();
    let (mut place, mut last) = ((old_size - 1) >> known_levels, (size - 1) >> known_levels);
    let (mut old, mut new) = (*start, *start);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *root
}

/// The largest power of two below a count, which is at least two.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The root over the entries from `low` to before `high`, where `low` is where such trees begin.
fn range<E>(
    low: u64,
    high: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let mut complete = Vec::new();
    let mut from = low;
    while from < high {
        let level = (high - from).ilog2();
        complete.push(node(level, from >> level)?);
        from += 1 << level;
    }
    let mut hashes = complete.into_iter().rev();
    let last = hashes.next().unwrap_or_else(|| root_of(&[]));
    Ok(hashes.fold(last, |right, left| node_hash(&left, &right)))
}

//! The hashes of a Merkle tree, as RFC 6962 (section 2.1) defines them.

use std::fmt;

use data_encoding::BASE64;
use ring::digest::{Context, SHA256};

/// The SHA-256 of a leaf, of a node, or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Self::LENGTH]);

impl Hash {
    /// In bytes.
    pub const LENGTH: usize = 32;

    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Reads what [`Hash`] shows itself as: base64 with padding.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    fn of(parts: [&[u8]; 3]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let mut bytes = [0; Self::LENGTH];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of([&[0], entry, &[]])
}

/// The hash of a node over two others.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of([&[1], &left.0, &right.0])
}

/// The root over hashes that stand for trees of one size, of which the last may be smaller.
///
/// Neighbours are joined, and what has none moves up: the same tree as the recursive definition,
/// which splits at the largest power of two.
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => pair[0],
            })
            .collect();
    }
    row.first().copied().unwrap_or_else(|| Hash::of([&[]; 3]))
}

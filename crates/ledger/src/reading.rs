//! Reading the tiles and bundles of a tree of a given size, and saying what is wrong with one.

use std::ops::Range;

use crate::bundle;
use crate::fault::{Change, Fault, ReadError};
use crate::hash::Hash;
use crate::resource::{Resource, edge_width, levels, row};
use crate::store::Store;

/// The partial tile of each level, the lowest first.
pub(crate) fn edge(store: &Store, size: u64) -> Result<Vec<Vec<Hash>>, ReadError> {
    let mut edge = Vec::new();
    // From the top: where a size is a lie, nothing is there that is so high.
    for level in (0..levels(size)).rev() {
        edge.push(if edge_width(size, level) == 0 {
            Vec::new()
        } else {
            tile(store, level, row(size, level) / 256, size)?
        });
    }
    edge.reverse();
    Ok(edge)
}

/// The hashes of a tile, as many as a tree of this size has of it.
pub(crate) fn tile(
    store: &Store,
    level: u8,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ReadError> {
    let wanted = Resource::tile(level, index, size);
    let (bytes, file) = read(store, wanted)?;
    let (whole, rest) = bytes.as_chunks::<{ Hash::LENGTH }>();
    if bytes.len() as u64 != file.largest() || !rest.is_empty() {
        let (found, wanted) = (bytes.len() as u64, file.largest());
        return Err(Fault::Length {
            file,
            found,
            wanted,
        }
        .into());
    }
    let most = usize::try_from(wanted.largest()).unwrap_or(0) / Hash::LENGTH;
    Ok(whole
        .iter()
        .take(most)
        .map(|bytes| Hash::from_bytes(*bytes))
        .collect())
}

/// A bundle of a tree of this size, and which file it is. The full one may have more entries.
pub(crate) fn bundle(
    store: &Store,
    index: u64,
    size: u64,
) -> Result<(Vec<u8>, Resource), ReadError> {
    read(store, Resource::entries(index, size))
}

/// A partial file may be gone once the full one is there, which begins with the same.
fn read(store: &Store, wanted: Resource) -> Result<(Vec<u8>, Resource), ReadError> {
    for file in [Some(wanted), wanted.full()].into_iter().flatten() {
        if let Some(bytes) = store.read(file)? {
            return Ok((bytes, file));
        }
    }
    let entries = entries_of(wanted);
    let file = wanted;
    Err(Fault::Missing { file, entries }.into())
}

/// The entries that a file holds or stands for.
pub(crate) fn entries_of(file: Resource) -> Range<u64> {
    let (level, index, width) = match file {
        Resource::Checkpoint => return 0..0,
        Resource::Tile {
            level,
            index,
            width,
        } => (level, index, width),
        Resource::Entries { index, width } => (0, index, width),
    };
    let each = 1u64.checked_shl(u32::from(level) * 8).unwrap_or(u64::MAX);
    let first = index.saturating_mul(256).saturating_mul(each);
    first..first.saturating_add(u64::from(width).saturating_mul(each))
}

/// Whether entries are those that were signed, from entry `first` on: by the hashes of both.
pub(crate) fn compare(
    first: u64,
    file: Resource,
    signed: &[Hash],
    found: &[Hash],
) -> Result<(), Fault> {
    let same = signed.iter().zip(found).take_while(|(a, b)| a == b).count();
    if same == signed.len() {
        return Ok(());
    }
    let (signed, found) = (&signed[same..], &found[same..]);
    Err(Fault::Entry {
        index: first + same as u64,
        file,
        change: change(signed, found),
    })
}

/// What happened to the first of these entries, which differs. Behind it may stand what a file has too much.
fn change(signed: &[Hash], found: &[Hash]) -> Change {
    if found.is_empty() {
        return Change::CutOff;
    }
    let follow = |signed: &[Hash], found: &[Hash]| {
        let both = signed.len().min(found.len());
        both > 0 && signed[..both] == found[..both]
    };
    let sorted = |hashes: &[Hash]| {
        let mut hashes = hashes.to_vec();
        hashes.sort_unstable();
        hashes
    };
    if sorted(signed) == sorted(found) {
        Change::Moved
    } else if follow(&signed[1..], found) {
        Change::Removed
    } else if follow(signed, &found[1..]) {
        Change::Inserted
    } else {
        Change::Changed
    }
}

/// Whether a bundle ends with its last entry. Only asked of one whose entries are right.
pub(crate) fn check_end(bytes: &[u8], file: Resource, width: usize) -> Result<(), Fault> {
    let (entries, left) = bundle::split(bytes);
    let too_many = entries.iter().skip(width);
    let surplus = too_many.map(|entry| entry.bytes().len() + 2).sum::<usize>() + left;
    if surplus == 0 {
        return Ok(());
    }
    let found = bytes.len() as u64;
    Err(Fault::Length {
        file,
        found,
        wanted: found - surplus as u64,
    })
}

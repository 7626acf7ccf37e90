//! Walking a log from its root down: no hash is used that the one above it does not vouch for.

use crate::bundle;
use crate::checkpoint::Checkpoint;
use crate::edge::root_of_edge;
use crate::fault::{Fault, ReadError};
use crate::hash::{Hash, leaf_hash, root_of};
use crate::reading::{self, entries_of};
use crate::resource::{Resource, edge_width, levels, row};
use crate::store::Store;

/// A way through a tree's tiles, which keeps one tile of each level in memory.
pub(crate) struct Walk<'a> {
    store: &'a Store,
    size: u64,
    root: Hash,
    /// The partial tile of each level.
    edge: Vec<Vec<Hash>>,
    /// Whether the edge makes the root that was signed; then each tile below can be told right or wrong.
    is_signed: bool,
    /// The full tile of each level that was read last.
    rows: Vec<Option<(u64, Vec<Hash>)>>,
    files: u64,
    bytes: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn begin(store: &'a Store, checkpoint: &Checkpoint) -> Result<Self, ReadError> {
        let size = checkpoint.size;
        let edge = reading::edge(store, size)?;
        let partial = edge.iter().filter(|tile| !tile.is_empty());
        let (mut files, mut bytes) = (0, 0);
        for tile in partial {
            files += 1;
            bytes += (tile.len() * Hash::LENGTH) as u64;
        }
        Ok(Self {
            store,
            size,
            root: checkpoint.root,
            is_signed: root_of_edge(&edge) == checkpoint.root,
            rows: vec![None; edge.len()],
            edge,
            files,
            bytes,
        })
    }

    /// Whether the tiles at the right edge make the root that was signed.
    pub(crate) fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// The root that the tiles at the right edge make.
    pub(crate) fn found_root(&self) -> Hash {
        root_of_edge(&self.edge)
    }

    /// How many files and bytes were read.
    pub(crate) fn read(&self) -> (u64, u64) {
        (self.files, self.bytes)
    }

    /// The hashes of a tile, compared with the one above it.
    pub(crate) fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], ReadError> {
        let place = usize::from(level);
        if row(self.size, level) / 256 == index {
            return Ok(self.edge.get(place).map(Vec::as_slice).unwrap_or_default());
        }
        let is_kept = self.rows[place]
            .as_ref()
            .is_some_and(|(kept, _)| *kept == index);
        if !is_kept {
            let hashes = reading::tile(self.store, level, index, self.size)?;
            self.files += 1;
            self.bytes += (hashes.len() * Hash::LENGTH) as u64;
            let position = usize::from(index.to_le_bytes()[0]);
            let above = self.tile(level + 1, index >> 8)?;
            let signed = above.get(position).copied();
            let found = root_of(&hashes);
            if signed != Some(found) {
                return Err(self.tile_fault(level, index, found, signed).into());
            }
            self.rows[place] = Some((index, hashes));
        }
        let kept = self.rows[place].as_ref();
        Ok(kept
            .map(|(_, hashes)| hashes.as_slice())
            .unwrap_or_default())
    }

    /// The hash over the complete subtree of `2^level` entries from `index << level` on.
    pub(crate) fn node(&mut self, level: u32, index: u64) -> Result<Hash, ReadError> {
        let inside = level % 8;
        let first = index << inside;
        let tile = self.tile(u8::try_from(level / 8).unwrap_or(u8::MAX), first >> 8)?;
        let from = usize::from(first.to_le_bytes()[0]);
        Ok(root_of(
            tile.get(from..from + (1 << inside)).unwrap_or_default(),
        ))
    }

    /// The root over the first `size` entries.
    pub(crate) fn root_at(&mut self, size: u64) -> Result<Hash, ReadError> {
        let mut edge = Vec::new();
        for level in 0..levels(size) {
            let width = usize::from(edge_width(size, level));
            edge.push(if width == 0 {
                Vec::new()
            } else {
                let tile = self.tile(level, row(size, level) / 256)?;
                tile.iter().take(width).copied().collect()
            });
        }
        Ok(root_of_edge(&edge))
    }

    /// Reads a bundle and compares each of its entries with the tile of their hashes.
    pub(crate) fn check_bundle(&mut self, index: u64) -> Result<(), ReadError> {
        let signed = self.tile(0, index)?.to_vec();
        let (bytes, file) = reading::bundle(self.store, index, self.size)?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        let first = entries_of(file).start;
        let found = leaves(&bytes);
        if let Err(fault) = reading::compare(first, file, &signed, &found) {
            return Err(self.undecided(index, &found, fault).into());
        }
        if Resource::entries(index, self.size) == file {
            reading::check_end(&bytes, file, signed.len())?;
        }
        Ok(())
    }

    /// Which is wrong, where a tile does not make the hash above it.
    fn tile_fault(&self, level: u8, index: u64, found: Hash, above: Option<Hash>) -> Fault {
        let file = Resource::tile(level, index, self.size);
        let entries = entries_of(file);
        let over = Resource::tile(level + 1, index >> 8, self.size);
        if !self.is_signed {
            if self.is_signed_with(
                level + 1,
                index >> 8,
                usize::from(index.to_le_bytes()[0]),
                &[found],
            ) {
                return Fault::Tile {
                    file: over,
                    entries,
                    entries_stand: None,
                };
            }
            return Fault::Apart {
                index: entries.start,
                file,
                other: over,
            };
        }
        let stand = (level == 0).then(|| reading::bundle(self.store, index, self.size).ok());
        Fault::Tile {
            file,
            entries,
            entries_stand: stand
                .flatten()
                .map(|(bytes, _)| Some(root_of(&leaves(&bytes))) == above),
        }
    }

    /// Which is wrong, where entries are not those of their tile.
    fn undecided(&self, index: u64, found: &[Hash], fault: Fault) -> Fault {
        let Fault::Entry {
            index: entry, file, ..
        } = fault
        else {
            return fault;
        };
        if self.is_signed {
            return fault;
        }
        let tile = Resource::tile(0, index, self.size);
        if self.is_signed_with(0, index, 0, found) {
            return Fault::Tile {
                file: tile,
                entries: entries_of(tile),
                entries_stand: Some(true),
            };
        }
        Fault::Apart {
            index: entry,
            file,
            other: tile,
        }
    }

    /// Whether the right edge would make the root that was signed with these hashes in it.
    fn is_signed_with(&self, level: u8, index: u64, from: usize, hashes: &[Hash]) -> bool {
        if row(self.size, level) / 256 != index {
            return false;
        }
        let mut edge = self.edge.clone();
        let place = edge
            .get_mut(usize::from(level))
            .and_then(|tile| tile.get_mut(from..from + hashes.len()));
        let Some(place) = place else {
            return false;
        };
        place.copy_from_slice(hashes);
        root_of_edge(&edge) == self.root
    }
}

fn leaves(bundle: &[u8]) -> Vec<Hash> {
    let (entries, _) = bundle::split(bundle);
    entries
        .iter()
        .map(|entry| leaf_hash(entry.bytes()))
        .collect()
}

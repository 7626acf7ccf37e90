//! The right edge of a tree: all that is needed to add entries to it, and its root.

use crate::bundle::{self, Entry};
use crate::checkpoint::Checkpoint;
use crate::fault::{Fault, ReadError};
use crate::hash::{Hash, leaf_hash, root_of};
use crate::reading;
use crate::resource::{Resource, TILE_WIDTH, edge_width, levels, row};
use crate::store::Store;

/// The partial tile of each level, and the partial bundle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
    bundle: Vec<u8>,
}

impl Edge {
    /// The edge of a log on the disk, if it makes the root of its checkpoint.
    pub(crate) fn load(store: &Store, checkpoint: &Checkpoint) -> Result<Self, ReadError> {
        let size = checkpoint.size;
        let levels = reading::edge(store, size)?;
        let found = root_of_edge(&levels);
        if found != checkpoint.root {
            let signed = checkpoint.root;
            return Err(Fault::Root {
                size,
                found,
                signed,
            }
            .into());
        }
        let mut bundle = Vec::new();
        let width = edge_width(size, 0);
        if width > 0 {
            let (bytes, file) = reading::bundle(store, row(size, 0) / 256, size)?;
            let (entries, _) = bundle::split(&bytes);
            let entries = entries.iter().take(width.into());
            let first = size - u64::from(width);
            let signed = levels.first().map(Vec::as_slice).unwrap_or_default();
            let found: Vec<Hash> = entries
                .clone()
                .map(|entry| leaf_hash(entry.bytes()))
                .collect();
            reading::compare(first, file, signed, &found)?;
            entries.for_each(|entry| entry.push_to(&mut bundle));
        }
        Ok(Self {
            size,
            levels,
            bundle,
        })
    }

    /// How many entries the tree has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub(crate) fn root(&self) -> Hash {
        root_of_edge(&self.levels)
    }

    /// The hashes of the entries in the partial bundle.
    pub(crate) fn leaves(&self) -> &[Hash] {
        self.levels.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// Adds an entry. What became full by it is handed on.
    pub(crate) fn push<E>(
        &mut self,
        entry: Entry<'_>,
        mut full: impl FnMut(Resource, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let index = row(self.size, 0) / 256;
        self.size += 1;
        entry.push_to(&mut self.bundle);
        if edge_width(self.size, 0) == 0 {
            let width = TILE_WIDTH;
            full(Resource::Entries { index, width }, &self.bundle)?;
            self.bundle.clear();
        }
        let mut hash = leaf_hash(entry.bytes());
        for level in 0..levels(self.size) {
            let place = usize::from(level);
            if self.levels.len() == place {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[place];
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let tile = Resource::Tile {
                level,
                index: row(self.size, level) / 256 - 1,
                width: TILE_WIDTH,
            };
            full(tile, &bytes_of(hashes))?;
            hash = root_of(hashes);
            hashes.clear();
        }
        Ok(())
    }

    /// The partial files of this edge.
    fn partials(&self) -> Vec<(Resource, Vec<u8>)> {
        let mut files = Vec::new();
        for level in 0..levels(self.size) {
            if edge_width(self.size, level) == 0 {
                continue;
            }
            let index = row(self.size, level) / 256;
            if level == 0 {
                files.push((Resource::entries(index, self.size), self.bundle.clone()));
            }
            let hashes = &self.levels[usize::from(level)];
            files.push((Resource::tile(level, index, self.size), bytes_of(hashes)));
        }
        files
    }

    /// Writes what belongs to this edge and was not there at an older one; all of it is on the disk then.
    pub(crate) fn write_partials(&self, older: &Self, store: &mut Store) -> std::io::Result<()> {
        let known: Vec<Resource> = older.partials().into_iter().map(|(file, _)| file).collect();
        for (file, bytes) in self.partials() {
            if !known.contains(&file) {
                store.write(file, &bytes)?;
            }
        }
        store.sync()
    }

    /// Removes the partial files of an older edge where they are full now: they only cost space, and
    /// there would be far more of them than of entries.
    pub(crate) fn remove_partials_of(&self, older: &Self, store: &Store) {
        for (file, _) in older.partials() {
            if let Some(full) = file.full()
                && full.is_of(self.size)
            {
                store.remove_partials(file);
            }
        }
    }
}

/// The root of a tree, of the partial tiles of its levels, the lowest first.
pub(crate) fn root_of_edge(levels: &[Vec<Hash>]) -> Hash {
    let mut below: Option<Hash> = None;
    for level in levels {
        // What is below stands at the right, as a smaller tree.
        let row: Vec<Hash> = level.iter().copied().chain(below).collect();
        if !row.is_empty() {
            below = Some(root_of(&row));
        }
    }
    below.unwrap_or_else(|| root_of(&[]))
}

fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

//! A log's folder as others may read it: by the paths of its files, and entries and proofs.

use std::ops::Range;
use std::path::Path;

use crate::bundle;
use crate::checkpoint::Checkpoint;
use crate::fault::{Change, Fault, ReadError};
use crate::hash::Hash;
use crate::proof;
use crate::reading;
use crate::resource::Resource;
use crate::store::Store;
use crate::walk::Walk;

/// A log's folder, for reading. Whoever writes it goes on doing so.
///
/// Signatures are not verified here; proofs are, against the checkpoint.
#[derive(Debug)]
pub struct Published {
    store: Store,
}

/// A file to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Which it is.
    pub resource: Resource,
    /// What it holds, at most [`Resource::largest`] bytes.
    pub bytes: Vec<u8>,
}

impl Served {
    /// Its type, for HTTP.
    pub fn content_type(&self) -> &'static str {
        match self.resource {
            Resource::Checkpoint => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }

    /// Whether it never changes, so that caches may keep it.
    pub fn is_immutable(&self) -> bool {
        self.resource != Resource::Checkpoint
    }
}

/// A proof, and the checkpoint that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// The hashes, for [`crate::verify_inclusion`] or [`crate::verify_consistency`].
    pub hashes: Vec<Hash>,
}

impl Published {
    /// A log's folder that is there.
    pub fn open(folder: &Path) -> Result<Self, ReadError> {
        let store = Store::open(folder)?;
        Ok(Self { store })
    }

    /// The file with a path such as `checkpoint` or `tile/0/x001/234.p/7`; nothing if there is none.
    ///
    /// Only what the checkpoint covers is given away: the rest may still change, and caches would keep
    /// it for ever. No path leads out of the folder.
    pub fn file(&self, path: &str) -> Result<Option<Served>, ReadError> {
        let Some(resource) = Resource::parse(path) else {
            return Ok(None);
        };
        if resource != Resource::Checkpoint && !resource.is_of(self.checkpoint()?.size) {
            return Ok(None);
        }
        let bytes = self.store.read(resource)?;
        Ok(bytes.map(|bytes| Served { resource, bytes }))
    }

    /// The checkpoint, whoever signed it.
    pub fn checkpoint(&self) -> Result<Checkpoint, ReadError> {
        let note = self.store.read(Resource::Checkpoint)?;
        let note = note.ok_or_else(|| ReadError::None(self.store.path().to_owned()))?;
        Ok(Checkpoint::unverified(&note).map_err(Fault::from)?)
    }

    /// The entries of a range, as far as they are there; the caller keeps the range small.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, ReadError> {
        entries(&self.store, self.checkpoint()?.size, range)
    }

    /// Proves that an entry is in the log; nothing if it has fewer.
    pub fn inclusion_proof(&self, index: u64) -> Result<Option<Proof>, ReadError> {
        let checkpoint = self.checkpoint()?;
        let mut walk = self.signed_walk(&checkpoint)?;
        let node = |level, place| walk.node(level, place);
        let hashes = proof::inclusion_proof(index, checkpoint.size, node)?;
        Ok(hashes.map(|hashes| Proof { checkpoint, hashes }))
    }

    /// Proves that the log continues what it was at an earlier size; nothing if it never was so large.
    pub fn consistency_proof(&self, old_size: u64) -> Result<Option<Proof>, ReadError> {
        let checkpoint = self.checkpoint()?;
        let mut walk = self.signed_walk(&checkpoint)?;
        let node = |level, place| walk.node(level, place);
        let hashes = proof::consistency_proof(old_size, checkpoint.size, node)?;
        Ok(hashes.map(|hashes| Proof { checkpoint, hashes }))
    }

    fn signed_walk(&self, checkpoint: &Checkpoint) -> Result<Walk<'_>, ReadError> {
        let walk = Walk::begin(&self.store, checkpoint)?;
        if walk.is_signed() {
            return Ok(walk);
        }
        Err(Fault::Root {
            size: checkpoint.size,
            found: walk.found_root(),
            signed: checkpoint.root,
        }
        .into())
    }
}

/// The entries of a range, of a log of this size.
pub(crate) fn entries(
    store: &Store,
    size: u64,
    range: Range<u64>,
) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut found = Vec::new();
    let mut next = range.start;
    let end = range.end.min(size);
    while next < end {
        let (bytes, file) = reading::bundle(store, next / 256, size)?;
        let (entries, _) = bundle::split(&bytes);
        let first = next / 256 * 256;
        let until = end.min(first + 256);
        while next < until {
            let place = usize::from(next.to_le_bytes()[0]);
            let Some(entry) = entries.get(place) else {
                let (index, change) = (next, Change::CutOff);
                return Err(Fault::Entry {
                    index,
                    file,
                    change,
                }
                .into());
            };
            found.push(entry.bytes().to_vec());
            next += 1;
        }
    }
    Ok(found)
}

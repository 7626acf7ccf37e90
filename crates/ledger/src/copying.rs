//! Keeping a copy of somebody else's log up to date, and believing nothing of what comes.

use std::path::Path;

use crate::bundle;
use crate::checkpoint::{Checkpoint, CheckpointFault};
use crate::edge::Edge;
use crate::fault::{Change, Fault, ReadError};
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifierKey;
use crate::log::LogError;
use crate::reading;
use crate::resource::{Resource, row};
use crate::store::Store;

/// What a copy has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// How many entries the copy had before.
    pub before: u64,
}

/// Why a copy stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum CopyError<E> {
    /// A file could not be fetched.
    #[error("{0}")]
    Fetch(E),
    /// The log does not have a file that it must have.
    #[error("the log has no {0}: ask its keeper")]
    Missing(Resource),
    /// What came is not what the log signed, or does not continue what the copy has.
    #[error("{0}; the copy stays as it was")]
    Fault(Fault),
    /// The copy itself cannot be used.
    #[error("{0}")]
    Copy(LogError),
}

/// Brings a copy up to date, or begins one.
///
/// `fetch` gives the bytes of a file of the log, at most [`Resource::largest`], or nothing where the log
/// has none. Only entries are fetched; every hash is computed here. The copy's checkpoint is replaced
/// when the entries that it had and those that came make the root that was signed, and never before.
pub fn update_copy<E>(
    folder: &Path,
    key: &VerifierKey,
    mut fetch: impl FnMut(Resource) -> Result<Option<Vec<u8>>, E>,
) -> Result<Copied, CopyError<E>> {
    let note = fetch(Resource::Checkpoint)
        .map_err(CopyError::Fetch)?
        .ok_or(CopyError::Missing(Resource::Checkpoint))?;
    let checkpoint = Checkpoint::verified(&note, key)
        .map_err(|fault: CheckpointFault| CopyError::Fault(fault.into()))?;

    let writing = |error| CopyError::Copy(LogError::writing(folder)(error));
    let mut store = Store::create(folder).map_err(writing)?;
    let Some(_lock) = store.lock().map_err(writing)? else {
        return Err(CopyError::Copy(LogError::InUse(folder.to_owned())));
    };
    let had =
        load(&store, key).map_err(|error| CopyError::Copy(LogError::reading(folder, error)))?;
    let (kept, size) = (had.size(), checkpoint.size);
    if size < kept {
        return Err(CopyError::Fault(Fault::RolledBack { kept, size }));
    }

    let mut edge = had.clone();
    let mut first_difference = None;
    while edge.size() < size {
        let wanted = Resource::entries(row(edge.size(), 0) / 256, size);
        let (bytes, file) = fetched(&mut fetch, wanted)?;
        let (entries, _) = bundle::split(&bytes);
        let range = reading::entries_of(wanted);
        if edge.size() == kept {
            let leaves = entries.iter().map(|entry| leaf_hash(entry.bytes()));
            let differs = had
                .leaves()
                .iter()
                .zip(leaves)
                .position(|(had, new)| *had != new);
            first_difference = differs.map(|place| range.start + place as u64);
        }
        for index in edge.size()..range.end {
            let place = usize::try_from(index - range.start).unwrap_or(usize::MAX);
            let Some(entry) = entries.get(place) else {
                let change = Change::CutOff;
                return Err(CopyError::Fault(Fault::Entry {
                    index,
                    file,
                    change,
                }));
            };
            edge.push(*entry, |file, bytes| store.write(file, bytes))
                .map_err(writing)?;
        }
    }
    agree(&checkpoint, edge.root(), kept, first_difference).map_err(CopyError::Fault)?;
    edge.write_partials(&had, &mut store)
        .and_then(|()| store.write(Resource::Checkpoint, &note))
        .and_then(|()| store.sync())
        .map_err(writing)?;
    edge.remove_partials_of(&had, &store);
    Ok(Copied {
        checkpoint,
        before: kept,
    })
}

/// What the copy has, which is nothing where it is only begun.
fn load(store: &Store, key: &VerifierKey) -> Result<Edge, ReadError> {
    let Some(note) = store.read(Resource::Checkpoint)? else {
        return Ok(Edge::default());
    };
    let checkpoint = Checkpoint::verified(&note, key).map_err(Fault::from)?;
    Edge::load(store, &checkpoint)
}

/// A partial file may be gone at the log once the full one is there, which begins with the same.
fn fetched<E>(
    fetch: &mut impl FnMut(Resource) -> Result<Option<Vec<u8>>, E>,
    wanted: Resource,
) -> Result<(Vec<u8>, Resource), CopyError<E>> {
    for file in [Some(wanted), wanted.full()].into_iter().flatten() {
        if let Some(bytes) = fetch(file).map_err(CopyError::Fetch)? {
            return Ok((bytes, file));
        }
    }
    Err(CopyError::Missing(wanted))
}

fn agree(checkpoint: &Checkpoint, found: Hash, kept: u64, first: Option<u64>) -> Result<(), Fault> {
    if found == checkpoint.root {
        return Ok(());
    }
    Err(if kept > 0 {
        Fault::Rewritten { kept, first }
    } else {
        Fault::Root {
            size: checkpoint.size,
            found,
            signed: checkpoint.root,
        }
    })
}

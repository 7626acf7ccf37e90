//! Verifying a copy of a log: alone, and against what somebody kept of it earlier.

use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::fault::{Fault, ReadError};
use crate::key::VerifierKey;
use crate::resource::Resource;
use crate::store::Store;
use crate::walk::Walk;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// How many files were read and found right, the checkpoint among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many entries the kept copy or checkpoint has, which are the log's first.
    pub kept: Option<u64>,
}

/// What somebody kept of a log.
#[derive(Debug, Clone, Copy)]
pub enum Kept<'a> {
    /// A checkpoint: a signed note.
    Checkpoint(&'a [u8]),
    /// The folder of a copy, whole.
    Copy(&'a Path),
}

/// Verifies a folder: the signature, the root, every tile, and every entry.
///
/// The memory it takes does not grow with the log.
pub fn verify(folder: &Path, key: &VerifierKey) -> Result<Report, ReadError> {
    let store = Store::open(folder)?;
    Ok(verified(&store, key)?.0)
}

/// Verifies a folder, and that the log did not change what it had when a copy was kept.
///
/// A kept copy is verified too. With it, the first entry that differs can be named.
pub fn verify_against(
    folder: &Path,
    key: &VerifierKey,
    kept: Kept<'_>,
) -> Result<Report, ReadError> {
    let store = Store::open(folder)?;
    let (mut report, mut walk) = verified(&store, key)?;
    let kept_size = match kept {
        Kept::Checkpoint(note) => {
            let old = Checkpoint::verified(note, key)
                .map_err(|fault| Fault::Kept(Box::new(fault.into())))?;
            continues(&report.checkpoint, &mut walk, &old, None)?
        }
        Kept::Copy(folder) => {
            let store = Store::open(folder)?;
            let (old, mut old_walk) = verified(&store, key).map_err(|error| match error {
                ReadError::Fault(fault) => Fault::Kept(Box::new(fault)).into(),
                other => other,
            })?;
            let old = &old.checkpoint;
            continues(&report.checkpoint, &mut walk, old, Some(&mut old_walk))?
        }
    };
    report.kept = Some(kept_size);
    Ok(report)
}

fn verified<'a>(store: &'a Store, key: &VerifierKey) -> Result<(Report, Walk<'a>), ReadError> {
    let note = store.read(Resource::Checkpoint)?;
    let note = note.ok_or_else(|| ReadError::None(store.path().to_owned()))?;
    let checkpoint = Checkpoint::verified(&note, key).map_err(Fault::from)?;
    let mut walk = Walk::begin(store, &checkpoint)?;
    for index in 0..checkpoint.size.div_ceil(256) {
        walk.check_bundle(index)?;
    }
    if !walk.is_signed() {
        return Err(Fault::Root {
            size: checkpoint.size,
            found: walk.found_root(),
            signed: checkpoint.root,
        }
        .into());
    }
    let (files, bytes) = walk.read();
    let report = Report {
        checkpoint,
        files: files + 1,
        bytes: bytes + note.len() as u64,
        kept: None,
    };
    Ok((report, walk))
}

/// Whether a log continues what was kept; both are verified.
fn continues(
    checkpoint: &Checkpoint,
    walk: &mut Walk<'_>,
    old: &Checkpoint,
    old_walk: Option<&mut Walk<'_>>,
) -> Result<u64, ReadError> {
    let (size, kept) = (checkpoint.size, old.size);
    if kept <= size && walk.root_at(kept)? == old.root {
        return Ok(kept);
    }
    let first = match old_walk {
        Some(old_walk) => first_difference(size, walk, kept, old_walk)?,
        None => None,
    };
    Err(if first.is_none() && kept > size {
        Fault::RolledBack { kept, size }
    } else {
        Fault::Rewritten { kept, first }
    }
    .into())
}

fn first_difference(
    size: u64,
    walk: &mut Walk<'_>,
    kept: u64,
    old_walk: &mut Walk<'_>,
) -> Result<Option<u64>, ReadError> {
    for index in 0..size.min(kept).div_ceil(256) {
        let (new, old) = (walk.tile(0, index)?, old_walk.tile(0, index)?);
        let both = new.iter().zip(old);
        if let Some(place) = both.clone().position(|(new, old)| new != old) {
            return Ok(Some(index * 256 + place as u64));
        }
    }
    Ok(None)
}

//! A log that is written: entries are added at its end, and each batch is signed.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::bundle::{Entry, LONGEST_ENTRY};
use crate::checkpoint::{Checkpoint, CheckpointFault, LARGEST_SIZE};
use crate::edge::Edge;
use crate::fault::{Fault, ReadError};
use crate::key::{Signer, VerifierKey};
use crate::published;
use crate::resource::Resource;
use crate::store::{Locked, Store};

/// Why a log cannot be opened or added to.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another process writes it.
    #[error("another process writes the ledger in {}: stop it first", .0.display())]
    InUse(PathBuf),
    /// What is on the disk is not what was signed.
    #[error("the ledger in {} is damaged: {fault}; put it back from a copy", path.display())]
    Damaged {
        /// Its folder.
        path: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
    /// Entries are there, and no checkpoint.
    #[error("the ledger in {} has lost its checkpoint: put it back from a copy", .0.display())]
    NoCheckpoint(PathBuf),
    /// It cannot be read now.
    #[error("{0}")]
    Read(ReadError),
    /// It cannot be written now.
    #[error("the ledger in {} cannot be written: {source}", path.display())]
    Write {
        /// Its folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An entry cannot be logged. None of its batch was.
    #[error(
        "entry {position} of the batch has {length} bytes, and at most {LONGEST_ENTRY} can be logged"
    )]
    TooLong {
        /// Which of the batch, from 0.
        position: usize,
        /// Its bytes.
        length: usize,
    },
    /// The log has as many entries as a log can have.
    #[error("the ledger is full")]
    Full,
    /// An earlier write failed where it is not known whether it was kept.
    #[error("an earlier write to the ledger in {} failed: open it again, to see what was kept", .0.display())]
    Unsure(PathBuf),
}

impl LogError {
    pub(crate) fn reading(path: &Path, error: ReadError) -> Self {
        match error {
            ReadError::Fault(fault) => Self::Damaged {
                path: path.to_owned(),
                fault,
            },
            other => Self::Read(other),
        }
    }

    pub(crate) fn writing(path: &Path) -> impl Fn(io::Error) -> Self {
        |source| Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// A log in a folder, which nobody else writes while this lives.
///
/// Whatever happens while entries are added, the folder has either the checkpoint from before or the
/// one after, and all that it covers.
#[derive(Debug)]
pub struct Log {
    store: Store,
    signer: Signer,
    edge: Edge,
    checkpoint: Checkpoint,
    is_unsure: bool,
    _lock: Locked,
}

impl Log {
    /// Opens the log in a folder, or begins one where there is none.
    ///
    /// The right edge of the tree, from which every later root is computed, has to make the root that was
    /// signed; that takes a handful of files however long the log is. [`crate::verify()`] reads all of it.
    pub fn open(folder: &Path, signer: Signer) -> Result<Self, LogError> {
        let failed = LogError::writing(folder);
        let mut store = Store::create(folder).map_err(&failed)?;
        let Some(lock) = store.lock().map_err(&failed)? else {
            return Err(LogError::InUse(folder.to_owned()));
        };
        let note = store.read(Resource::Checkpoint);
        let note = note.map_err(|error| LogError::reading(folder, error))?;
        let (checkpoint, edge) = if let Some(note) = note {
            let loaded = Self::load(&store, &note, signer.verifier_key());
            loaded.map_err(|error| LogError::reading(folder, error))?
        } else {
            // A log begins with the checkpoint of no entries, so entries without one lost theirs.
            if store.has_tiles() {
                return Err(LogError::NoCheckpoint(folder.to_owned()));
            }
            let edge = Edge::default();
            let checkpoint = checkpoint_of(&edge, &signer);
            let note = checkpoint.signed(&signer);
            store
                .write(Resource::Checkpoint, note.as_bytes())
                .and_then(|()| store.sync())
                .map_err(&failed)?;
            (checkpoint, edge)
        };
        Ok(Self {
            store,
            signer,
            edge,
            checkpoint,
            is_unsure: false,
            _lock: lock,
        })
    }

    fn load(
        store: &Store,
        note: &[u8],
        key: &VerifierKey,
    ) -> Result<(Checkpoint, Edge), ReadError> {
        let checkpoint =
            Checkpoint::verified(note, key).map_err(|fault: CheckpointFault| Fault::from(fault))?;
        let edge = Edge::load(store, &checkpoint)?;
        Ok((checkpoint, edge))
    }

    /// Adds entries, all of them or none, and signs the log as it is then. When this returns, it is all
    /// on the disk.
    ///
    /// Many at once cost little more than one: each batch writes its last tiles and a checkpoint anew.
    pub fn append<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<Checkpoint, LogError> {
        if self.is_unsure {
            return Err(LogError::Unsure(self.store.path().to_owned()));
        }
        if entries.is_empty() {
            return Ok(self.checkpoint.clone());
        }
        if entries.len() as u64 > LARGEST_SIZE - self.size() {
            return Err(LogError::Full);
        }
        let checked = entries.iter().enumerate().map(|(position, entry)| {
            let bytes = entry.as_ref();
            let length = bytes.len();
            Entry::new(bytes).ok_or(LogError::TooLong { position, length })
        });
        let checked = checked.collect::<Result<Vec<_>, _>>()?;

        let path = self.store.path().to_owned();
        let failed = LogError::writing(&path);
        let mut edge = self.edge.clone();
        for entry in checked {
            edge.push(entry, |file, bytes| self.store.write(file, bytes))
                .map_err(&failed)?;
        }
        edge.write_partials(&self.edge, &mut self.store)
            .map_err(&failed)?;

        let checkpoint = checkpoint_of(&edge, &self.signer);
        let note = checkpoint.signed(&self.signer);
        // If this fails, the disk may have the new checkpoint or the old one. Signing other entries of
        // the same numbers would make two histories, so nothing is signed until somebody has looked.
        self.is_unsure = true;
        self.store
            .write(Resource::Checkpoint, note.as_bytes())
            .and_then(|()| self.store.sync())
            .map_err(&failed)?;
        self.is_unsure = false;

        edge.remove_partials_of(&self.edge, &self.store);
        self.edge = edge;
        self.checkpoint = checkpoint;
        Ok(self.checkpoint.clone())
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// What was signed last.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The key that verifies it.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.signer.verifier_key()
    }

    /// The entries of a range, as far as they are there; the caller keeps the range small.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, LogError> {
        published::entries(&self.store, self.size(), range)
            .map_err(|error| LogError::reading(self.store.path(), error))
    }
}

fn checkpoint_of(edge: &Edge, signer: &Signer) -> Checkpoint {
    Checkpoint {
        origin: signer.verifier_key().name().to_owned(),
        size: edge.size(),
        root: edge.root(),
    }
}

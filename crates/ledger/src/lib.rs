//! An append-only log with proofs, in open formats, so that others' tools verify it.
//!
//! Entries are bytes. A Merkle tree over them (RFC 6962) is kept as files that anybody may copy
//! ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)), and its root is signed after each batch
//! ([tlog-checkpoint](https://c2sp.org/tlog-checkpoint), [signed-note](https://c2sp.org/signed-note)).
//! Whoever keeps a copy, or only a checkpoint, can tell later whether an entry was changed, removed or
//! reordered, even by whoever has the key.
//!
//! * [`Log`] writes one, [`Published`] gives away its files and proofs.
//! * [`verify()`] and [`verify_against`] check a copy; [`update_copy`] fetches one.
//! * [`leaf_hash`], [`root_of`], [`inclusion_proof`], [`consistency_proof`] and their checks are the tree
//!   itself, without files.
//!
//! Must not know: what is logged.

mod bundle;
mod checkpoint;
mod copying;
mod edge;
mod fault;
mod hash;
mod key;
mod key_file;
mod log;
mod note;
mod proof;
mod published;
mod reading;
mod resource;
mod store;
mod verify;
mod walk;

pub use bundle::LONGEST_ENTRY;
pub use checkpoint::{Checkpoint, CheckpointFault, LARGEST_SIZE};
pub use copying::{Copied, CopyError, update_copy};
pub use fault::{Change, Fault, ReadError};
pub use hash::{Hash, leaf_hash, node_hash, root_of};
pub use key::{KeyFault, Signer, VerifierKey};
pub use key_file::KeyFileError;
pub use log::{Log, LogError};
pub use note::NoteFault;
pub use proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use published::{Proof, Published, Served};
pub use resource::{Resource, TILE_WIDTH};
pub use verify::{Kept, Report, verify, verify_against};

//! Checkpoints: what a log signs of itself (<https://c2sp.org/tlog-checkpoint>).

use crate::hash::Hash;
use crate::key::{Signer, VerifierKey};
use crate::note::{self, NoteFault};

/// No log is larger. Below it no arithmetic on places can overflow.
pub const LARGEST_SIZE: u64 = 1 << 60;

/// The state of a log: how many entries it has, and the root of the tree over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a checkpoint says nothing that can be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// It is no note, or not signed.
    #[error("{0}")]
    Note(#[from] NoteFault),
    /// It is not one: what is wrong.
    #[error("{0}")]
    Shape(&'static str),
    /// It is of another log.
    #[error("it is of the log {found}, and the key is of {wanted}")]
    OtherLog {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
}

impl Checkpoint {
    /// The text that is signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// The signed note.
    pub(crate) fn signed(&self, signer: &Signer) -> String {
        note::sign(&self.text(), signer)
    }

    /// Reads a signed note, if this key signed it and it is of this key's log.
    pub fn verified(note: &[u8], key: &VerifierKey) -> Result<Self, CheckpointFault> {
        let found = Self::read(note::verified(note, key)?)?;
        if found.origin == key.name() {
            Ok(found)
        } else {
            Err(CheckpointFault::OtherLog {
                found: found.origin,
                wanted: key.name().to_owned(),
            })
        }
    }

    /// Reads a note without asking who signed it: good for finding one's way, never for belief.
    pub(crate) fn unverified(note: &[u8]) -> Result<Self, CheckpointFault> {
        Self::read(note::split(note)?.0)
    }

    fn read(text: &str) -> Result<Self, CheckpointFault> {
        let shape = CheckpointFault::Shape;
        let lines: Vec<&str> = text.lines().collect();
        if lines.iter().any(|line| line.is_empty()) {
            return Err(shape("an empty line stands in it"));
        }
        let &[origin, size, root, ..] = &lines[..] else {
            return Err(shape("it has fewer than three lines"));
        };
        let is_number = size.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || (size.len() > 1 && size.starts_with('0')) {
            return Err(shape("its second line is no number"));
        }
        let size = size.parse().ok().filter(|size| *size <= LARGEST_SIZE);
        Ok(Self {
            origin: origin.to_owned(),
            size: size.ok_or(shape("its second line is larger than any log"))?,
            root: Hash::parse(root).ok_or(shape("its third line is no hash in base64"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let signer = Signer::from_seed("example.org/log", [7; 32]).unwrap();
        let root = Hash::from_bytes([9; 32]);
        let base64 = root.to_string();
        let good = format!("example.org/log\n12\n{base64}\n");
        let open = |text: &str| {
            let note = note::sign(text, &signer);
            Checkpoint::verified(note.as_bytes(), signer.verifier_key())
        };
        let expected = Checkpoint {
            origin: "example.org/log".to_owned(),
            size: 12,
            root,
        };
        assert_eq!(open(&good), Ok(expected.clone()));
        assert_eq!(open(&format!("{good}an extension\n")), Ok(expected));

        for (from, to, word) in [
            ("12", "-12", "no number"),
            ("12", "012", "no number"),
            ("12", "+12", "no number"),
            ("12", "1 2", "no number"),
            ("12", "٣", "no number"),
            ("12", "1152921504606846977", "larger than any"),
            ("12", "99999999999999999999999999", "larger than any"),
            (base64.as_str(), "CQkJCQ==", "no hash"),
            (base64.as_str(), "not base64!", "no hash"),
            (base64.trim_end_matches('='), base64.as_str(), "no hash"),
            ("\n12\n", "\n", "fewer than three"),
            ("\n12\n", "\n\n12\n", "an empty line"),
        ] {
            let fault = open(&good.replacen(from, to, 1)).unwrap_err();
            assert!(fault.to_string().contains(word), "{to}: {fault}");
        }
        let other = open(&good.replace("/log", "/other"));
        assert!(matches!(other, Err(CheckpointFault::OtherLog { .. })));
    }
}

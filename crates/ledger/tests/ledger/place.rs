//! A folder with a log, its key, and whatever is done to them.

use std::fs;
use std::path::{Path, PathBuf};

use glovebox_ledger::{Log, Signer, VerifierKey};
use tempfile::TempDir;

pub(crate) const NAME: &str = "example.org/ledger";

pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    /// A log that was written in batches of these sizes.
    pub(crate) fn filled(batches: &[u64]) -> Self {
        let place = Self::new();
        place.fill(batches);
        place
    }

    pub(crate) fn fill(&self, batches: &[u64]) {
        let mut log = self.open();
        for batch in batches {
            let from = log.size();
            log.append(&entries(from, from + batch)).unwrap();
        }
    }

    pub(crate) fn open(&self) -> Log {
        Log::open(&self.ledger(), self.signer()).unwrap()
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.dir.path().join("ledger.key")
    }

    pub(crate) fn signer(&self) -> Signer {
        Signer::load_or_create(&self.key_file(), NAME).unwrap()
    }

    pub(crate) fn key(&self) -> VerifierKey {
        self.signer().verifier_key().clone()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    /// A place beside the log.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.ledger().join(path)
    }

    /// A copy of the log's folder, beside it.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let copy = self.beside(name);
        copy_folder(&self.ledger(), &copy);
        copy
    }

    /// Changes what a file holds.
    pub(crate) fn change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.file(path)).unwrap();
        change(&mut bytes);
        fs::write(self.file(path), bytes).unwrap();
    }

    /// Changes the entries of a bundle.
    pub(crate) fn change_entries(&self, path: &str, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        self.change(path, |bytes| {
            let mut entries = split(bytes);
            change(&mut entries);
            *bytes = joined(&entries);
        });
    }

    /// Signs a text as whoever has the key can, by another implementation.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        let secret = fs::read_to_string(self.key_file()).unwrap();
        let signer = signed_note::StandardSigner::new(secret.trim_end()).unwrap();
        let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(&[&signer]).unwrap();
        note.to_bytes()
    }
}

pub(crate) fn entry(number: u64) -> Vec<u8> {
    format!(r#"{{"number":{number}}}"#).into_bytes()
}

pub(crate) fn entries(from: u64, until: u64) -> Vec<Vec<u8>> {
    (from..until).map(entry).collect()
}

fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while let [high, low, rest @ ..] = bytes {
        let (entry, rest) = rest.split_at(usize::from(*high) * 256 + usize::from(*low));
        entries.push(entry.to_vec());
        bytes = rest;
    }
    entries
}

fn joined(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for found in fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy_folder(&found.path(), &target);
        } else {
            fs::copy(found.path(), target).unwrap();
        }
    }
}

/// All files below a folder, as paths from it, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(folder).unwrap();
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

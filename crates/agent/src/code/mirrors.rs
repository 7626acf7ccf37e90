//! What was fetched of each repository: bare, and the branches alone.
//!
//! A forge may serve, under a repository's address, commits that only a copy of it holds or that somebody merely
//! proposed. So a commit counts only if a branch of the repository holds it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::CodeError;
use super::checkout::check_out;
use super::git::{Git, GitError, said_no};
use crate::folder::make_private;

/// How long fetching may take.
const LONGEST: Duration = Duration::from_mins(30);

/// The folder of mirrors, one a repository.
#[derive(Debug)]
pub(crate) struct Mirrors {
    root: PathBuf,
    file_allowed: bool,
    /// How many bytes each may have.
    most_bytes: u64,
    /// One lock a mirror: git's own fail instead of waiting.
    locks: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>>,
}

impl Mirrors {
    /// Uses a folder that nobody else uses; takes away what a git that was killed left in the way.
    pub(crate) fn open(root: &Path, file_allowed: bool, most_bytes: u64) -> io::Result<Self> {
        for mirror in fs::read_dir(root)?.flatten() {
            if mirror.file_name().to_string_lossy().starts_with('.') {
                glovebox_runner::remove(&mirror.path());
            } else {
                unlock(&mirror.path());
            }
        }
        Ok(Self {
            root: root.to_owned(),
            file_allowed,
            most_bytes,
            locks: Mutex::default(),
        })
    }

    /// Lays out a commit of a repository in the empty folder `into`. `scratch` is a folder of the task's.
    ///
    /// The repository and the commit have been checked: neither can be taken for an option.
    pub(crate) fn check_out(
        &self,
        repo: &str,
        commit: &str,
        into: &Path,
        scratch: &Path,
        stop: &AtomicBool,
    ) -> Result<(), CodeError> {
        let digest = base16ct::lower::encode_string(&Sha256::digest(repo.as_bytes()));
        let mirror = self.root.join(digest);
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(mirror.clone()).or_default())
        };
        let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let git = Git {
            repository: &mirror,
            protocols: if self.file_allowed {
                "https:file"
            } else {
                "https"
            },
            stop,
            longest: LONGEST,
            most_bytes: None,
        };
        let is_new = !mirror.exists();
        if is_new {
            self.make(&mirror, &git)?;
        }
        // What was fetched once may be run even while the forge cannot be reached.
        if !holds(&git, commit)? {
            self.fetch(&git, repo, is_new)?;
            if !holds(&git, commit)? {
                return Err(CodeError::NoCommit);
            }
        }
        check_out(&git, commit, into, scratch)
    }

    /// Brings a mirror up to date, or leaves none where that would be too much.
    fn fetch(&self, git: &Git<'_>, repo: &str, is_new: bool) -> Result<(), CodeError> {
        let bounded = Git {
            most_bytes: Some(self.most_bytes),
            ..*git
        };
        let mut fetched = fetch(&bounded, repo);
        if !is_new && matches!(fetched, Err(GitError::TooLarge(_))) {
            // Much of it may be what no branch holds any more.
            self.remove(git.repository)?;
            self.make(git.repository, git)?;
            fetched = fetch(&bounded, repo);
        }
        if let Err(GitError::TooLarge(most)) = fetched {
            self.remove(git.repository)?;
            return Err(CodeError::RepositoryTooLarge(most));
        }
        Ok(fetched?)
    }

    /// Removes a mirror of which a git that was just killed may still hold something: what is left of it
    /// goes when the agent starts.
    fn remove(&self, mirror: &Path) -> io::Result<()> {
        let aside = tempfile::Builder::new()
            .prefix(".old-")
            .tempdir_in(&self.root)?
            .keep();
        fs::rename(mirror, &aside)?;
        glovebox_runner::remove(&aside);
        Ok(())
    }

    /// Makes a mirror that is there whole or not at all.
    fn make(&self, mirror: &Path, git: &Git<'_>) -> Result<(), CodeError> {
        let unfinished = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.root)?;
        make_private(unfinished.path())?;
        let git = Git {
            repository: unfinished.path(),
            ..*git
        };
        // Without a template there is no hook either.
        git.run(&["init", "--bare", "--quiet", "--template="], None, 0)?;
        fs::rename(unfinished.keep(), mirror)?;
        Ok(())
    }
}

fn fetch(git: &Git<'_>, repo: &str) -> Result<(), GitError> {
    git.run(
        &[
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--",
            repo,
            "+refs/heads/*:refs/heads/*",
        ],
        None,
        0,
    )?;
    Ok(())
}

/// Whether a branch holds the commit.
fn holds(git: &Git<'_>, commit: &str) -> Result<bool, CodeError> {
    let contains = format!("--contains={commit}");
    let arguments = ["for-each-ref", "--count=1", &contains, "refs/heads/"];
    match git.run(&arguments, None, 4096) {
        Ok(found) => Ok(!found.is_empty()),
        // That there is no such commit at all.
        Err(error) if said_no(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes the lock files of a git that was killed, below the branches and at the top.
fn unlock(mirror: &Path) {
    let mut folders = vec![mirror.join("refs")];
    remove_locks(mirror, None);
    while let Some(folder) = folders.pop() {
        remove_locks(&folder, Some(&mut folders));
    }
}

fn remove_locks(folder: &Path, mut deeper: Option<&mut Vec<PathBuf>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if let Some(deeper) = deeper.as_deref_mut() {
                deeper.push(path);
            }
        } else if path.extension().is_some_and(|end| end == "lock") {
            let _ = fs::remove_file(&path);
        }
    }
}

//! Reading repositories: which commit a branch is at, and `project.yaml` at that commit.
//!
//! Repositories are hostile and far away. The `git` command does it, without a shell, over protocols of a
//! fixed list, into bare mirrors in a folder of the server's own, within a time and a number of bytes. Nothing here
//! touches the database, and no transaction is open while it is called.
//!
//! * [`url`] says what can be a repository, [`refs`] what can be a branch or a commit.
//! * [`compare`] says what changed from one commit to another, and [`compared`] remembers it.
//! * [`command`] calls git, [`group`] ends it with its helpers, and [`size`] sees how much it brings.

mod command;
mod compare;
mod compared;
mod group;
mod locks;
mod refs;
mod size;
mod url;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::GitSettings;
use command::Git;
pub(crate) use command::GitFailed;
pub(crate) use compare::{CannotCompare, Comparison};
pub(crate) use compared::{Comparisons, Pair};
pub use refs::BadRef;
use refs::Wanted;
pub(crate) use refs::check_branch;
pub use url::BadUrl;
pub(crate) use url::RepoUrl;

/// Where the actions of a study are declared.
const PROJECT_FILE: &str = "project.yaml";

/// Why a project file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotRead {
    #[error(transparent)]
    Ref(#[from] BadRef),
    #[error(transparent)]
    Url(#[from] BadUrl),
    #[error("the repository has no branch {0:?}: choose one that is there")]
    NoBranch(String),
    #[error("the repository has no commit {0} on any of its branches: push it, or choose another")]
    NoCommit(String),
    #[error("the repository has no {PROJECT_FILE} at commit {0}: add one, and push it")]
    NoProjectFile(String),
    #[error("the {PROJECT_FILE} at commit {0} is no file")]
    NotAFile(String),
    #[error(
        "the {PROJECT_FILE} at commit {commit} has {size} bytes, more than the {limit} that are read: make it smaller"
    )]
    TooLarge {
        commit: String,
        size: u64,
        limit: u64,
    },
    #[error(
        "the repository has more than the {} MiB that are fetched: take large files out of it, and out of its branches",
        limit >> 20
    )]
    RepositoryTooLarge { limit: u64 },
    /// The details are for the log.
    #[error(
        "the repository could not be read: check that it exists and can be read by the server, and try again"
    )]
    Failed(#[source] GitFailed),
}

impl From<GitFailed> for CannotRead {
    fn from(error: GitFailed) -> Self {
        match error {
            GitFailed::TooLarge { limit } => Self::RepositoryTooLarge { limit },
            other => Self::Failed(other),
        }
    }
}

/// A project file as it is at one commit.
#[derive(Debug, Clone)]
pub(crate) struct AtCommit {
    /// 40 hexadecimal digits.
    pub(crate) commit: String,
    /// The file, not checked in any way but for its size.
    pub(crate) project: Vec<u8>,
}

/// Mirrors of repositories.
pub(crate) struct Repositories {
    git: Git,
    folder: PathBuf,
    /// One call at a time for each mirror.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Repositories {
    pub(crate) fn new(folder: PathBuf, settings: &GitSettings) -> Self {
        Self {
            git: Git::new(&folder, settings),
            folder,
            turns: Mutex::default(),
        }
    }

    /// Resolves a branch or commit once, and reads the project file at that commit.
    ///
    /// A branch is looked up in the repository each time. A commit counts only if a branch leads to it:
    /// what others merely propose to a repository is not part of it.
    pub(crate) async fn read(&self, repo: &RepoUrl, at: &str) -> Result<AtCommit, CannotRead> {
        let wanted = Wanted::parse(at)?;
        let turn = self.turn(repo);
        let _turn = turn.lock().await;
        let mirror = self.mirror(repo);
        let is_new = self.git.make_mirror(&mirror).await?;

        let known = match &wanted {
            Wanted::Commit(commit) => self.git.commit_on_a_branch(&mirror, commit).await?,
            Wanted::Either(_) | Wanted::Branch(_) => None,
        };
        let commit = if let Some(commit) = known {
            commit
        } else {
            self.fetch(&mirror, repo, is_new).await?;
            self.resolve(&mirror, &wanted).await?
        };
        let project = self.project_file(&mirror, &commit).await?;
        Ok(AtCommit { commit, project })
    }

    fn turn(&self, repo: &RepoUrl) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(name_of(repo)).or_default())
    }

    fn mirror(&self, repo: &RepoUrl) -> PathBuf {
        self.folder.join(format!("{}.git", name_of(repo)))
    }

    /// Brings a mirror up to date, or leaves none where that would be too much.
    async fn fetch(
        &self,
        mirror: &std::path::Path,
        repo: &RepoUrl,
        is_new: bool,
    ) -> Result<(), GitFailed> {
        // A git that was killed leaves its locks, and nobody else works on this mirror now.
        locks::remove(mirror);
        let mut fetched = self.git.fetch(mirror, repo).await;
        if !is_new && matches!(fetched, Err(GitFailed::TooLarge { .. })) {
            // Much of it may be what no branch leads to any more.
            size::remove(mirror).await;
            self.git.make_mirror(mirror).await?;
            fetched = self.git.fetch(mirror, repo).await;
        }
        if matches!(fetched, Err(GitFailed::TooLarge { .. })) {
            size::remove(mirror).await;
        }
        fetched
    }

    async fn resolve(
        &self,
        mirror: &std::path::Path,
        wanted: &Wanted,
    ) -> Result<String, CannotRead> {
        if let Wanted::Branch(name) | Wanted::Either(name) = wanted
            && let Some(commit) = self.git.branch_head(mirror, name).await?
        {
            return Ok(commit);
        }
        match wanted {
            Wanted::Branch(name) => Err(CannotRead::NoBranch(name.clone())),
            Wanted::Commit(commit) | Wanted::Either(commit) => self
                .git
                .commit_on_a_branch(mirror, commit)
                .await?
                .ok_or_else(|| CannotRead::NoCommit(commit.clone())),
        }
    }

    async fn project_file(
        &self,
        mirror: &std::path::Path,
        commit: &str,
    ) -> Result<Vec<u8>, CannotRead> {
        let Some(entry) = self.git.entry(mirror, commit, PROJECT_FILE).await? else {
            return Err(CannotRead::NoProjectFile(commit.to_owned()));
        };
        if !entry.is_file {
            return Err(CannotRead::NotAFile(commit.to_owned()));
        }
        let limit = u64::try_from(glovebox_pipeline::MAX_BYTES).unwrap_or(u64::MAX);
        if entry.size > limit {
            return Err(CannotRead::TooLarge {
                commit: commit.to_owned(),
                size: entry.size,
                limit,
            });
        }
        Ok(self.git.blob(mirror, &entry.object, limit).await?)
    }
}

fn name_of(repo: &RepoUrl) -> String {
    HEXLOWER.encode(&Sha256::digest(repo.as_str()))
}

#[cfg(test)]
mod tests;

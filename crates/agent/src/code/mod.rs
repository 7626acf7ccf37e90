//! The code of a study at a commit, fetched and laid out by the git command.
//!
//! Nothing that a repository brings along is run: no hook, no filter, no submodule, and no configuration
//! but what stands here. Links are laid out as links; whoever reads the folder does not follow them.

mod checkout;
mod git;
mod mirrors;

pub(crate) use git::GitError;
pub(crate) use mirrors::Mirrors;

/// Why the code of a commit is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodeError {
    /// No branch of the repository has it.
    #[error("no branch of the repository holds the commit")]
    NoCommit,
    /// Far more than code is in it.
    #[error("the commit holds more than {} GiB, or more than {} files", checkout::MOST_BYTES >> 30, checkout::MOST_FILES)]
    TooMuch,
    /// The repository itself is far larger than code is.
    #[error("the repository has more than {} MiB, which are all that is fetched: raise repository_mib in the settings, or take large files out of it", .0 >> 20)]
    RepositoryTooLarge(u64),
    /// Git did not do it, and may another time.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A folder of ours could not be made.
    #[error("a folder for the code cannot be made: {0}")]
    Io(#[from] std::io::Error),
}

//! What changed in the code of a study, and the page that shows all of it.

use std::fmt;

use askama::Template;
use glovebox_ui::{Instant, SCRIPT, STYLE, revealed};

use crate::frame::Frame;
use crate::job_request::{RequestFacts, comparison_link};
use crate::paths::job_request_path;

/// What changed from one commit to another, up to limits.
#[derive(Debug, Clone, Default)]
pub struct CodeChanges {
    /// The files, in the order of their names; perhaps not all.
    pub files: Vec<FileChanges>,
    /// How many there are.
    pub file_count: usize,
    /// Lines that were added, in all files that are text.
    pub added: u64,
    /// Lines that were removed.
    pub removed: u64,
    /// Whether there are more than were counted.
    pub is_cut: bool,
}

/// A file that changed.
#[derive(Debug, Clone)]
pub struct FileChanges {
    /// Its path.
    pub path: String,
    /// Lines that were added and removed; nothing where it is no text, or a very large one.
    pub counts: Option<(u64, u64)>,
    /// A unified difference without its head. Each line begins with its sign.
    pub lines: Vec<String>,
    /// Whether there are more lines.
    pub is_cut: bool,
}

impl CodeChanges {
    /// In a few words: `3 files changed, +12 −4 lines`.
    pub(crate) fn words(&self) -> String {
        let files = match self.file_count {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        let more = if self.is_cut { "more than " } else { "" };
        let (added, removed) = (self.added, self.removed);
        format!("{more}{files} changed, +{added} −{removed} lines")
    }

    /// Whether all of it can stand open at once.
    pub(crate) fn is_short(&self) -> bool {
        let lines: usize = self.files.iter().map(|file| file.lines.len()).sum();
        lines <= 300
    }

    /// The first few files.
    pub(crate) fn first(&self) -> &[FileChanges] {
        &self.files[..self.files.len().min(8)]
    }

    /// How many files are not among those that are named.
    pub(crate) fn others(&self, named: usize) -> usize {
        self.file_count.saturating_sub(named)
    }
}

impl FileChanges {
    pub(crate) fn name(&self) -> String {
        revealed(&self.path)
    }

    pub(crate) fn counted(&self) -> String {
        self.counts.map_or_else(
            || "no text, or over 1 MB".to_owned(),
            |(added, removed)| format!("+{added} −{removed}"),
        )
    }
}

/// What changed in the code of a job request since an earlier one, line by line.
#[derive(Debug, Clone, Template)]
#[template(path = "changes.html")]
pub struct ChangesPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The request.
    pub request: &'a RequestFacts,
    /// The number of the earlier one.
    pub since: i64,
    /// Its commit.
    pub since_commit: String,
    /// What changed, or why that cannot be said.
    pub changes: Result<&'a CodeChanges, String>,
    /// The present.
    pub now: Instant,
}

impl ChangesPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }

    fn forge(&self) -> Option<String> {
        let request = self.request;
        let link = comparison_link(&request.repo, &self.since_commit, &request.commit);
        link.filter(|_| request.code_is_public)
    }

    fn since_path(&self) -> String {
        job_request_path(&self.request.project, &self.request.workspace, self.since)
    }
}

/// The class of a line of a difference.
pub(crate) fn class(line: &str) -> &'static str {
    match line.as_bytes().first() {
        Some(b'+') => "added",
        Some(b'-') => "removed",
        Some(b' ') | None => "same",
        _ => "gap",
    }
}

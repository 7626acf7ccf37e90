//! What changed from one commit to another, as git says it, up to limits.
//!
//! Both commits are untrusted: names and lines can be anything, and there can be any number of them. What a
//! study says about its own files in `.gitattributes` is not listened to, or it could hide its changes.

use std::path::Path;
use std::time::Duration;

use super::{GitFailed, RepoUrl, Repositories};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many bytes of names and counts are read.
const MOST_COUNTS: u64 = 256 * 1024;
/// How many bytes of lines are read.
const MOST_BYTES: u64 = 512 * 1024;
/// How many files are named.
const MOST_FILES: usize = 200;
/// How many lines are kept, of one file and in all.
const MOST_LINES_OF_FILE: usize = 800;
const MOST_LINES: usize = 3_000;
/// How many characters of a line are kept.
const LONGEST_LINE: usize = 400;

/// What changed from one commit to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The first of them, in the order of their names.
    pub(crate) files: Vec<ChangedFile>,
    /// How many there are.
    pub(crate) file_count: usize,
    /// Lines, over all files that are text.
    pub(crate) added: u64,
    pub(crate) removed: u64,
    /// Whether there are more files than were counted.
    pub(crate) is_cut: bool,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedFile {
    pub(crate) path: String,
    /// Lines that were added and removed; nothing where it is no text, or a very large one.
    pub(crate) counts: Option<(u64, u64)>,
    /// A unified difference without its head. Each line begins with its sign.
    pub(crate) lines: Vec<String>,
    /// Whether there are more lines.
    pub(crate) is_cut: bool,
}

/// Why two commits are not compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotCompare {
    /// The text is no commit.
    #[error("that is no commit")]
    NotACommit,
    /// The mirror lacks one of them, and nobody fetched.
    #[error("the code is not at hand")]
    NotHere,
    /// The repository lacks one of them.
    #[error("the repository has no branch any more that leads to both commits")]
    Gone,
    /// The details are for the log.
    #[error("the code could not be compared")]
    Failed(#[from] GitFailed),
}

impl Repositories {
    /// Compares two commits, each given in full. Where the mirror lacks one, the repository is asked for its
    /// branches if that is allowed.
    pub(crate) async fn compare(
        &self,
        repo: &RepoUrl,
        from: &str,
        to: &str,
        may_fetch: bool,
    ) -> Result<Comparison, CannotCompare> {
        let is_commit =
            |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !(is_commit(from) && is_commit(to)) {
            return Err(CannotCompare::NotACommit);
        }
        let mirror = self.mirror(repo);
        if !self.has(&mirror, from, to).await? {
            if !may_fetch {
                return Err(CannotCompare::NotHere);
            }
            let turn = self.turn(repo);
            let _turn = turn.lock().await;
            let is_new = self.git.make_mirror(&mirror).await?;
            self.fetch(&mirror, repo, is_new).await?;
            if !self.has(&mirror, from, to).await? {
                return Err(CannotCompare::Gone);
            }
        }
        let (counts, counts_are_whole) = self.difference(&mirror, "--numstat", from, to).await?;
        let (patch, patch_is_whole) = self.difference(&mirror, "--patch", from, to).await?;
        let mut comparison = counted(&counts, counts_are_whole);
        add_lines(&mut comparison.files, &patch, patch_is_whole);
        Ok(comparison)
    }

    async fn has(&self, mirror: &Path, from: &str, to: &str) -> Result<bool, GitFailed> {
        let exists = tokio::fs::try_exists(mirror.join("HEAD")).await;
        if !exists.unwrap_or(false) {
            return Ok(false);
        }
        for commit in [from, to] {
            if self.git.commit(mirror, commit).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn difference(
        &self,
        mirror: &Path,
        form: &str,
        from: &str,
        to: &str,
    ) -> Result<(Vec<u8>, bool), GitFailed> {
        let mut arguments = vec![
            // Files above this are compared by their hash alone.
            "-c",
            "core.bigFileThreshold=1m",
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-renames",
            "--no-relative",
            "--submodule=short",
            "--ignore-submodules=none",
            "--unified=3",
            form,
        ];
        let limit = if form == "--numstat" {
            arguments.push("-z");
            MOST_COUNTS
        } else {
            MOST_BYTES
        };
        arguments.extend([from, to, "--"]);
        self.git
            .beginning(mirror, &arguments, limit, PATIENCE)
            .await
    }
}

/// Reads `added TAB removed TAB path NUL`, one after the other.
fn counted(bytes: &[u8], is_whole: bool) -> Comparison {
    let mut comparison = Comparison {
        is_cut: !is_whole,
        ..Comparison::default()
    };
    // What follows the last zero is nothing, or was cut.
    let Some(end) = bytes.iter().rposition(|&byte| byte == 0) else {
        return comparison;
    };
    for record in bytes[..end].split(|&byte| byte == 0) {
        let mut parts = record.splitn(3, |&byte| byte == b'\t');
        let (Some(added), Some(removed), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u64>().ok();
        let counts = number(added).zip(number(removed));
        let (added, removed) = counts.unwrap_or_default();
        comparison.added = comparison.added.saturating_add(added);
        comparison.removed = comparison.removed.saturating_add(removed);
        comparison.file_count += 1;
        if comparison.files.len() < MOST_FILES {
            comparison.files.push(ChangedFile {
                path: String::from_utf8_lossy(path).into_owned(),
                counts,
                lines: Vec::new(),
                is_cut: false,
            });
        }
    }
    comparison
}

/// Gives each file its lines. Git names the files of both forms in the same order; a file that turned into
/// a link has two parts with one head.
fn add_lines(files: &mut [ChangedFile], patch: &[u8], is_whole: bool) {
    let mut left = MOST_LINES;
    let mut head: &[u8] = &[];
    let mut at = None;
    let mut in_lines = false;
    let mut lines = patch.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        // Lines of files begin with a sign, so this can be nothing but a head.
        if line.starts_with(b"diff --git ") {
            if line != head || at.is_none() {
                at = Some(at.map_or(0, |at: usize| at + 1));
            }
            head = line;
            in_lines = false;
            continue;
        }
        let Some(file) = at.and_then(|at| files.get_mut(at)) else {
            continue;
        };
        in_lines |= line.starts_with(b"@@");
        let of_mode = [
            &b"old mode"[..],
            b"new mode",
            b"new file mode",
            b"deleted file mode",
        ];
        let is_told = in_lines
            || of_mode.iter().any(|start| line.starts_with(start))
            || line.starts_with(b"Binary files");
        if !is_told || (is_last && line.is_empty()) {
            continue;
        }
        if is_last && !is_whole {
            file.is_cut = true;
            continue;
        }
        if file.lines.len() >= MOST_LINES_OF_FILE || left == 0 {
            file.is_cut = true;
            continue;
        }
        left -= 1;
        file.lines.push(shortened(line));
    }
    if !is_whole {
        let known = at.map_or(0, |at| at + 1);
        for file in files.iter_mut().skip(known) {
            file.is_cut = true;
        }
    }
}

fn shortened(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(LONGEST_LINE).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_whatever_a_file_is_called() {
        let bytes = b"3\t1\ta\tb\nc\0-\t-\tplot.png\x000\t0\t\xff\0";
        let comparison = counted(bytes, true);
        let paths: Vec<_> = comparison
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.counts))
            .collect();
        assert_eq!(
            paths,
            [
                ("a\tb\nc", Some((3, 1))),
                ("plot.png", None),
                ("\u{fffd}", Some((0, 0)))
            ]
        );
        assert_eq!((comparison.added, comparison.removed), (3, 1));
        let cut = counted(b"1\t1\ta\x001\t1\tb", false);
        assert_eq!((cut.file_count, cut.is_cut), (1, true));
        assert_eq!(counted(b"", true), Comparison::default());
    }

    #[test]
    fn a_line_that_looks_like_a_head_is_a_line() {
        let mut files = counted(b"1\t1\ta\x002\t0\tb\0", true).files;
        let patch = b"diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-diff --git a/b b/b\n+--- x\ndiff --git a/b b/b\n@@ -0,0 +1,2 @@\n+1\n+2\n";
        add_lines(&mut files, patch, true);
        assert_eq!(
            files[0].lines,
            ["@@ -1 +1 @@", "-diff --git a/b b/b", "+--- x"]
        );
        assert_eq!(files[1].lines, ["@@ -0,0 +1,2 @@", "+1", "+2"]);
    }

    #[test]
    fn what_is_too_long_is_cut_and_said_to_be() {
        let mut patch = b"diff --git a/a b/a\n@@ -0,0 +1,9 @@\n".to_vec();
        for _ in 0..2 * MOST_LINES {
            patch.extend_from_slice(b"+x\n");
        }
        let mut files = counted(b"9\t0\ta\x001\t0\tb\0", true).files;
        add_lines(&mut files, &patch, false);
        assert_eq!(files[0].lines.len(), MOST_LINES_OF_FILE);
        assert!(files[0].is_cut && files[1].is_cut);
        let long = shortened(&[b'x'; 5_000]);
        assert_eq!(long.chars().count(), LONGEST_LINE + 1);
    }
}

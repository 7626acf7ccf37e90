//! Laying out the files of a commit.

use std::path::Path;

use super::CodeError;
use super::git::{Git, WorkTree};

/// Most bytes that a commit may hold, as in a local run.
pub(super) const MOST_BYTES: u64 = 2 << 30;

/// Most files that a commit may hold.
pub(super) const MOST_FILES: usize = 100_000;

/// Most bytes that git may print to list them.
const MOST_LISTED: u64 = 64 << 20;

/// Lays out a commit in the empty folder `into`; the index is kept in `scratch`, so that the mirror stays
/// as it is. Submodules stay empty folders.
pub(super) fn check_out(
    git: &Git<'_>,
    commit: &str,
    into: &Path,
    scratch: &Path,
) -> Result<(), CodeError> {
    // Before anything is written: a few kilobytes can unpack to more than the disk holds.
    let listed = git.run(
        &["ls-tree", "-r", "-l", "-z", "--full-tree", commit],
        None,
        MOST_LISTED,
    )?;
    if listed.len() as u64 >= MOST_LISTED || !is_moderate(&listed) {
        return Err(CodeError::TooMuch);
    }
    let index = scratch.join("index");
    let tree = WorkTree {
        root: into,
        index: &index,
    };
    git.run(&["read-tree", commit], Some(&tree), 0)?;
    git.run(&["checkout-index", "--all", "--quiet"], Some(&tree), 0)?;
    Ok(())
}

/// Whether a list of `mode type object size TAB path NUL` is of so few files and bytes as code has.
fn is_moderate(listed: &[u8]) -> bool {
    let (mut files, mut bytes) = (0_usize, 0_u64);
    for entry in listed.split(|byte| *byte == 0) {
        files += 1;
        let facts = entry
            .split(|byte| *byte == b'\t')
            .next()
            .unwrap_or_default();
        let size = facts
            .split(|byte| *byte == b' ')
            .next_back()
            .and_then(|size| std::str::from_utf8(size).ok())
            .and_then(|size| size.parse().ok());
        // Submodules have none.
        bytes = bytes.saturating_add(size.unwrap_or(0));
    }
    // The last entry is empty.
    files <= MOST_FILES + 1 && bytes <= MOST_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_bounded_in_files_and_bytes() {
        let entry = |size: &str| format!("100644 blob 0123 {size}\ta b\t1\0");
        assert!(is_moderate(b""));
        assert!(is_moderate(entry("      12").as_bytes()));
        assert!(is_moderate(entry("-").as_bytes()));
        assert!(is_moderate(entry("2147483648").as_bytes()));
        assert!(!is_moderate(entry("2147483649").as_bytes()));
        assert!(!is_moderate(entry("2000000000").repeat(2).as_bytes()));
        assert!(is_moderate(entry("1").repeat(MOST_FILES).as_bytes()));
        assert!(!is_moderate(entry("1").repeat(MOST_FILES + 1).as_bytes()));
    }
}

//! How a caller follows a matching and stops it.

/// What a matching is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the key columns of the cases; counted in rows.
    ReadingCases,
    /// Reading the key columns of the potential controls; counted in rows.
    ReadingControls,
    /// Choosing controls; counted in cases.
    Matching,
    /// Copying the chosen rows; counted in rows of the control file.
    Writing,
}

/// Receives progress and answers whether to go on.
///
/// Called every few thousand rows from the thread that matches, so it should return quickly.
pub trait Progress {
    /// `done` of `total` units of `stage` are done; `total` is `None` where it is not known.
    fn advanced(&self, stage: Stage, done: u64, total: Option<u64>) {
        let _ = (stage, done, total);
    }

    /// True once the matching should stop; nothing is left behind.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Tells nobody and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {}

/// Rows or cases between two calls of [`Progress`].
pub(crate) const INTERVAL: u64 = 1 << 13;

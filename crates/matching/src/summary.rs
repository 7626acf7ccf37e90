//! What a matching did, in figures.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use crate::rounding::Rounded;

/// The figures of a matching.
///
/// The fields are exact and belong where the data is; the text of [`fmt::Display`] is rounded as
/// the report is, so that it may stand in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the case file.
    pub cases_read: usize,
    /// Rows of the control file.
    pub controls_read: usize,
    /// People who are in both files.
    pub in_both: usize,
    /// Cases left after date exclusions.
    pub cases_eligible: usize,
    /// Potential controls left after dropping cases and, where they have their own index date,
    /// after date exclusions.
    pub controls_eligible: usize,
    /// Cases in the output.
    pub cases_matched: usize,
    /// Controls in the output.
    pub controls_matched: usize,
    /// How many cases were found how many controls, before the minimum is asked for.
    pub found: BTreeMap<u32, usize>,
    /// What is odd about the data, one sentence each, counts rounded.
    pub oddities: Vec<String>,
    /// The files written.
    pub files: Vec<PathBuf>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Matched {} controls to {} cases (of {} potential controls and {} cases; figures are rounded).",
            Rounded(self.controls_matched),
            Rounded(self.cases_matched),
            Rounded(self.controls_read),
            Rounded(self.cases_read),
        )?;
        for oddity in &self.oddities {
            writeln!(f, "Note: {oddity}")?;
        }
        for file in &self.files {
            writeln!(f, "Wrote {}", file.display())?;
        }
        Ok(())
    }
}

//! Case-control matching: for each case up to *k* controls who are alike in what was asked for.
//!
//! [`match_files`] reads two files, chooses, and writes four. The settings, outputs and their
//! columns are those of OpenSAFELY's `matching` action, so that its studies run unchanged; where
//! that one loses a better match, matches a person to themselves, or stops half-way, this one does
//! not.
//!
//! How it works, in the order of the modules:
//!
//! * `settings` — what to match on, checked as a whole.
//! * `table` — the first pass over each file: only key columns are held.
//! * `dates`, `exclusions` — index dates, and who is left out because of one.
//! * `choose` — controls lie in buckets by exact key and leading number; the cases, in order of
//!   index date, draw from the few buckets within their calipers. The work is proportional to the
//!   number of rows plus the number of pairs, not to their product.
//! * `random` — one random stream for each case.
//! * `output` — the second pass: chosen rows are copied as they are.
//! * `report`, `rounding`, `summary` — what people may see of it.
//!
//! The result is a function of the settings and the rows: neither the order of the rows, nor the
//! time, nor the machine has a part in it.

mod choose;
mod dates;
mod exclusions;
mod output;
mod problem;
mod progress;
mod random;
mod report;
mod rounding;
mod run;
mod settings;
mod summary;
mod table;

pub use dates::{DateOffset, Unit};
pub use problem::{MatchError, Problem};
pub use progress::{Progress, Quiet, Stage};
pub use random::DEFAULT_SEED;
pub use run::{Inputs, match_files};
pub use settings::{ExclusionRule, MatchRule, OutputFormat, Settings};
pub use summary::Summary;

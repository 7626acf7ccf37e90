//! Security levels: what may stand at a level, collecting outputs safely, and the manifest.

mod beneath;
mod collect;
mod file_check;
mod hints;
mod level;
mod pattern;
mod refusal;
mod reserved;

pub use collect::{Collected, FoundFile, Unmatched, collect};
pub use file_check::{CsvFault, FileCheck, Limits, Reason, check_bytes, check_file};
pub use hints::{candidates, did_you_mean};
pub use level::{Level, MODERATE_EXTENSIONS, UnknownLevel, is_allowed_at_moderate};
pub use pattern::{Pattern, PatternError};
pub use refusal::{Refusal, Refused};

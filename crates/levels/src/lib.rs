//! Security levels: what may stand at a level, collecting outputs safely, and the manifest.

mod level;

pub use level::{Level, MODERATE_EXTENSIONS, UnknownLevel, is_allowed_at_moderate};

//! The job server.

mod audit;
mod changes;
mod clock;
mod scheduling;
mod settings;
mod storage;
mod token;

pub use settings::{GitSettings, Settings};
pub use storage::{DatabaseUrl, StorageError};
pub use token::{NewToken, NoRandomness};

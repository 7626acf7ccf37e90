//! What an image name such as `python:latest` means here.
//!
//! Studies name images of another platform; this crate says what stands in for each, makes sure
//! that it is installed, and describes it as plain data: folders to show to a sandbox, variables,
//! and a digest that is recorded with the job. It knows nothing of sandboxes, jobs or levels.
//!
//! * [`Runtimes`] is the table (`runtimes.toml`); [`Runtimes::resolve`] looks an image up in it.
//! * [`Runtime::prepare`] installs what is missing, once, and gives a [`Prepared`].
//! * [`Runtime::state`] says the same without installing anything.
//! * [`Machine`] is what the computer offers (variables, programs), [`Cache`] where installations are kept.
//!
//! # What is safe about an installation
//!
//! * Only files whose hash the lock names are installed, and only built packages, so that no code
//!   from outside runs while installing.
//! * It is built in a folder of its own and renamed into place when whole and on disk: an
//!   interrupted, failed or parallel installation is never used. One process installs, others wait.
//! * Python and pip never start in the study's folder and see none of its files, because a `pip.py`
//!   there would otherwise run with the user's rights, outside any sandbox.

mod cache;
mod digest;
mod error;
mod machine;
mod packages;
mod prepared;
mod process;
mod progress;
mod python;
mod r;
mod runtime;
mod table;

pub use cache::{Cache, CacheError};
pub use error::PrepareError;
pub use machine::Machine;
pub use prepared::{Mount, Prepared};
pub use progress::Progress;
pub use runtime::{Builtin, Runtime, State};
pub use table::{ImageRow, ResolveError, Runtimes, TableError};

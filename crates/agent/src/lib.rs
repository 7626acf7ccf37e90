//! The program beside the data: asks the job server for tasks, and runs what it allows itself to run.
//!
//! It only ever calls out. The server says *what was asked*; what is allowed stands in the agent's
//! own settings, whatever the server says: repositories, runtimes, database actions, limits.
//!
//! # One task, walked
//!
//! ```text
//! agent ──asks──> server      one long poll at a time (`agent`)
//!   │ a task, under a lease counted from when the ask was sent
//!   ├─ keeper thread          stages, renewals, the end; gives the task up when the lease ran out
//!   └─ worker thread          allowed? ─> commit ─> project.yaml ─> runner::run_job
//! ```
//!
//! # What leaves
//!
//! Messages of `protocol`, which have no room for more: names that the server gave, stages and reasons
//! from fixed lists, numbers about the machine. No name of a file and no line of a log.
//!
//! # What survives `kill -9`
//!
//! A task has a folder with a state file that is replaced whole: *begun*, and later *over* with the
//! result. On start, results that no server heard are reported; what was under way is cleared away
//! and reported as something that may pass. A result is forgotten only once the server has answered
//! it, so it may be sent twice; the server counts it once.
//!
//! # Database actions
//!
//! There is no patient store yet: a database action makes **dummy data** here, from the study's
//! expectations. `database_actions` decides whether it may do even that.
//!
//! Must not know: how the server works, or that there are pages.

mod agent;
mod allowed;
mod backoff;
mod code;
mod core;
mod folder;
mod lease;
mod moment;
mod server;
mod settings;
mod stop;
mod task;

pub use agent::{Agent, StartError};
pub use allowed::{Allowed, NotAllowed};
pub use folder::FolderError;
pub use settings::{ServerUrl, Settings, SettingsError, Token, TokenError};
pub use stop::Stop;

//! One job from start to end: stage, run, collect, record; a local run of many, and one job of a backend.
//!
//! Must not know: the server, the web.

mod code;
mod error;
mod execute;
mod extraction;
mod failure;
mod filing;
mod fingerprint;
mod folder;
mod job;
mod local;
mod lock;
mod log;
mod origin;
mod package;
mod perform;
mod ready;
mod record;
mod removal;
mod report;
mod reuse;
mod schedule;
mod script;
mod seed;
mod shared;
mod work;
mod workspace;

pub use code::{CodeError, CodeSnapshot, FileDigests};
pub use error::RunError;
pub use failure::{Failure, FailureKind};
pub use fingerprint::{Fingerprint, Stale};
pub use folder::{PRIVATE_FOLDER, ProjectFolder};
pub use local::{Force, LocalRun, Options};
pub use lock::{LockError, RunLock};
pub use log::{JobLog, LogLimits, LogStream};
pub use origin::{BadName, JobName, Origin};
pub use record::{JobRecord, RecordedOutput};
pub use removal::remove;
pub use report::{ActionReport, Event, Observer, OutputReport, Stage, State};
pub use workspace::{JobOptions, Workspace, WorkspaceJob, run_job};

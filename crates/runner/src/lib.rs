//! One job from start to end: stage, run, collect, record; and a local run of many.
//!
//! Must not know: the server, the web.

mod code;
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
mod perform;
mod record;
mod removal;
mod report;
mod reuse;
mod schedule;
mod script;
mod seed;
mod shared;
mod work;

pub use code::{CodeError, CodeSnapshot, FileDigests};
pub use failure::{Failure, FailureKind};
pub use fingerprint::{Fingerprint, Stale};
pub use folder::{PRIVATE_FOLDER, ProjectFolder};
pub use local::{Force, LocalRun, Options, RunError};
pub use lock::{LockError, RunLock};
pub use log::{JobLog, LogLimits, LogStream};
pub use record::{JobRecord, RecordedOutput};
pub use report::{ActionReport, Event, Observer, OutputReport, State};

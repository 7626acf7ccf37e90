//! The messages between the job server and its agents and clients: JSON over HTTP, versioned by path.
//!
//! What an agent sends is poor on purpose. It names tasks, stages and reasons out of fixed lists, and
//! numbers about the machine; there is no field that could hold a file's name, a line of a log or
//! anything else that a study wrote. So nothing but states and non-disclosive facts can leave the secure
//! zone this way, whatever an agent does.
//!
//! [`openapi()`] is all of this as an `OpenAPI` document, made from the same types. It is kept as
//! `openapi.json` beside this crate, so that a change of the API is seen as one.
//!
//! Must not know: how either end works.

mod agent;
mod client;
mod integer;
mod list;
mod openapi;
mod service;

pub use agent::{
    Answer, Ask, Ended, Happened, Metrics, PATH_ASK, PATH_REPORT, Reason, Report, Stage, Task,
    Verdict,
};
pub use client::{
    CancelRequest, Cancelled, CreateRequest, Created, Job, JobRequest, PATH_JOB_REQUESTS, Problem,
    Refusal,
};
pub use list::{
    ActionStatus, JobCounts, JobRequestPage, JobRequestRow, ListQuery, PATH_WORKSPACES,
    WorkspaceStatuses,
};
pub use openapi::openapi;
pub use service::{Health, PATH_EVENTS, PATH_HEALTH, PATH_OPENAPI, WatchQuery};

//! The messages between the job server and its agents and clients: JSON over HTTP, versioned by path.
//!
//! What an agent sends is poor on purpose. It names tasks, stages and reasons out of fixed lists, and
//! numbers about the machine; there is no field that could hold a file's name, a line of a log or
//! anything else that a study wrote. So nothing but states and non-disclosive facts can leave the secure
//! zone this way, whatever an agent does.
//!
//! Must not know: how either end works.

mod agent;
mod client;

pub use agent::{
    Answer, Ask, Ended, Happened, Metrics, PATH_ASK, PATH_REPORT, Reason, Report, Stage, Task,
    Verdict,
};
pub use client::{
    CancelRequest, CreateRequest, Created, Job, JobRequest, PATH_JOB_REQUESTS, Problem, Refusal,
};

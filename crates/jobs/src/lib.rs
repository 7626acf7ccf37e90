//! From a job request to jobs, job states, which job runs next: a pure state machine.
//!
//! The crate must not know files, databases, the network or clocks. It never waits, and the same
//! calls give the same answers.

mod command;
mod id;
mod job;
mod reason;
mod request;
mod request_status;
mod state;
mod time;

pub use id::{AgentId, JobId, NotATask, TaskId};
pub use job::{Cancellation, CancelledAs, Job};
pub use request::{EarlierJob, JobRequest, NothingToDo, Planned, Refused, plan};
pub use request_status::{RequestStatus, Summary};
pub use state::{State, StatusCode};
pub use time::Timestamp;

//! From a job request to jobs, job states, which job runs next: a pure state machine.
//!
//! A person asks for actions. [`plan`] makes of that, of a valid project and of what was run
//! before the jobs that are needed, or says why none. A [`Backend`] holds the jobs of one secure
//! environment that have not ended. [`Backend::step`] tells it what happened and what time it is,
//! and gives [`Effects`]: which jobs changed, what agents are to begin and to stop.
//!
//! The crate must not know files, databases, the network or clocks. It never waits, and the same
//! calls give the same answers.
//!
//! # Invariants
//!
//! * **A job is run by one agent at a time.** An attempt has a number ([`TaskId`]) and a holder with
//!   a lease. The next attempt begins only once the holder has reported, has said that it stopped,
//!   or must have stopped because its lease and a grace ran out.
//! * **A report counts once, and only from the holder of the newest attempt**, unless that one
//!   lapsed and nobody has begun anew.
//! * **Every state can be left** until a job has succeeded or failed ([`StatusCode::may_become`]):
//!   what needs an agent ends by the lease, what failed is repeated a few times and then fails, what
//!   could never start is refused, and all can be cancelled.
//! * **Clocks may jump.** Leases, delays and limits are counted by the time between steps, where a
//!   step back counts nothing and a leap counts little.
//! * **All or nothing**: a request makes all of its jobs or none.
//!
//! ```
//! use glovebox_jobs::{AgentId, Ask, Backend, JobRequest, Planned, Settings, Timestamp, plan};
//!
//! let project = glovebox_pipeline::check(
//!     "
//! version: 4
//! actions:
//!   count:
//!     run: python:v2 python count.py
//!     outputs: {moderately_sensitive: {table: output/count.csv}}
//! ",
//! );
//! let request = JobRequest {
//!     id: "abcdefghij234567".to_owned(),
//!     backend: "tpp".to_owned(),
//!     workspace: "sick-notes".to_owned(),
//!     database: "default".to_owned(),
//!     requested_actions: vec!["run_all".to_owned()],
//!     force_run_dependencies: false,
//!     codelists_ok: true,
//! };
//! let now = Timestamp(1_637_000_000_000);
//! let project = project.outcome.expect("the file keeps to the rules");
//! let planned = plan(&request, &project, &["tpp"], &[], now).expect("a request in order");
//! let Planned::Jobs(jobs) = planned else {
//!     panic!("nothing was run before")
//! };
//!
//! let mut backend = Backend::new(Settings::default());
//! backend.add(jobs).expect("new jobs");
//! let agent = AgentId("agent-1".to_owned());
//! let ask = Ask { agent, slots: 2, holds: Vec::new() };
//! let effects = backend.step(now, Vec::new(), &[ask]);
//! assert_eq!(effects.handed_out.len(), 1);
//! assert_eq!(effects.changed[0].code.as_str(), "initiated");
//! ```

mod backend;
mod command;
mod event;
mod id;
mod job;
mod order;
mod pool;
mod reason;
mod request;
mod request_status;
mod settings;
mod state;
mod time;

pub use backend::{Backend, CannotAdd};
pub use command::one_line as run_command_of;
pub use event::{Ask, Effects, Event, HandOut, Ignored, IgnoredBecause, Stage, Stop, TaskResult};
pub use id::{AgentId, JobId, NotATask, TaskId};
pub use job::{Cancellation, CancelledAs, Job};
pub use pool::{BadPattern, Pools, Weight, Weights};
pub use request::{EarlierJob, JobRequest, NothingToDo, Planned, Refused, plan};
pub use request_status::{RequestStatus, Summary};
pub use settings::{Leases, Retries, Settings};
pub use state::{State, StatusCode};
pub use time::Timestamp;

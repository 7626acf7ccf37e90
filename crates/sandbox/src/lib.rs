//! Run one command isolated and limited.
//!
//! A [`Sandbox`] runs a [`Spec`] (a program, its environment, one workspace folder, read-only
//! mounts and [`Limits`]) and says in an [`Outcome`] how it ended and what it used. It knows
//! nothing of studies, actions or security levels.
//!
//! # What the command can reach
//!
//! | thing | inside |
//! |---|---|
//! | files | `/usr` and a minimal `/etc`, read-only; the caller's mounts, read-only; `/workspace`; a private `/tmp` |
//! | network | a loopback interface of its own, nothing else |
//! | processes | its own (new process, IPC, host-name and cgroup namespaces) |
//! | privileges | uid 1000 in a user namespace, no capabilities, `no_new_privs` |
//! | system calls | those that [`seccomp`](crate#the-system-call-filter) leaves |
//! | environment | exactly [`Spec::environment`] |
//! | descriptors | `/dev/null` as input, two pipes as output |
//!
//! # How it starts
//!
//! ```text
//! glovebox ──spawn──> launcher outer ──exec──> bwrap (monitor)
//!    │                 joins the cgroups,         └─ bwrap (pid 1, reaper)
//!    │                 compiles the filter            └─ launcher inner: limits, then spawns
//!    └────────── one socket: plans go down, reports come up ──┘      └─ the command
//! ```
//!
//! The usual way to do this is code between `fork` and `exec`, which cannot be written without
//! `unsafe`. Here the program executes itself again instead (`PROGRAM confine outer`, `PROGRAM
//! confine inner`), so that every step is ordinary, safe code; see [`launcher`]. The socket is
//! the standard input of the whole chain, so no descriptor ever has to be named by number.
//!
//! # The system call filter
//!
//! It is a list of what is refused, each group with its reason (`seccomp.rs`), and refuses every
//! call newer than those it was written for. A list of what is allowed would be tighter and would
//! break with each new libc, R or Python; the namespaces are the wall, the filter keeps the
//! kernel's rarely used doors out of reach. Where no control group counts memory, it also refuses
//! the calls that make memory which belongs to no process.
//!
//! # Limits
//!
//! Control groups (version 1 or 2) where this process may create them, else resource limits and a
//! watchdog that measures the processes many times a second. [`Enforcement`] says which was used.
//! Job groups are children of the group this process runs in, so an administrator's limits on
//! glovebox hold for its jobs.

mod bwrap;
mod cancel;
mod cgroup;
mod decide;
mod disk;
mod disk_watch;
mod enforcement;
mod environment;
mod error;
pub mod launcher;
mod limits;
mod load;
mod nameless;
mod outcome;
mod process_watch;
mod processes;
mod room;
mod rootfs;
mod run;
mod seccomp;
mod spec;
mod streams;
mod supervise;
mod watch;

pub use cancel::Cancel;
pub use enforcement::{Controls, CpuBy, Enforcement, MemoryBy, ProcessesBy};
pub use environment::{Description, Unavailable};
pub use error::SandboxError;
pub use limits::Limits;
pub use outcome::{Ending, Outcome, Usage};
pub use run::Sandbox;
pub use spec::{GLOVEBOX_BIN, Mount, Spec, WORKSPACE, WorkspaceAccess};

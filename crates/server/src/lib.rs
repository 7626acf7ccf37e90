//! The job server: what was asked for, by whom, and where it stands.
//!
//! People ask for jobs, agents beside the data come for them and say how they went. The server holds
//! requests, states and other facts that disclose nothing; no message of an agent has room for more.
//!
//! # How it is built
//!
//! * `storage` is the database. `scheduling` owns the jobs of each backend, `git` reads repositories.
//! * `notify` tells people how their requests ended.
//! * `requests` is what people do and `access` who may do it; those who run the service set up what there is
//! * `requests` and `account` are what people do and `access` who may do it; those who run the service set up what there is
//!   with `admin`, and switch backends with `operations`.
//! * `read` gives what is shown, as plain values, and `staff` what only those who run the service see. `api`
//!   is all of this over HTTP, and `web` the pages; `http` bounds connections, and `limits` how often somebody
//!   may be wrong.
//!
//! # Invariants
//!
//! * **What anybody is told was kept before.** A restart, at any moment, undoes nothing that was said.
//! * **A token speaks for one backend**, and reaches no job of another.
//! * **A request is frozen**: a branch is resolved once, and the text that was checked is the text kept.
//! * **No transaction waits** for the network or for another program.
//! * **A fault stays in its backend**, and a damaged record in its job.
//! * **Logs hold no token**, no header and no address that somebody typed.
//!
//! ```no_run
//! # async fn serve() -> Result<(), glovebox_server::ServerError> {
//! use glovebox_server::{Server, Settings};
//!
//! let server = Server::bind(Settings::in_folder("/var/lib/glovebox")).await?;
//! println!("http://{}/", server.local_addr());
//! server.run(std::future::pending()).await
//! # }
//! ```

mod access;
mod account;
mod admin;
mod api;
mod app;
mod audit;
mod changes;
mod clock;
mod git;
mod http;
mod ledger;
mod limits;
mod notify;
mod oidc;
mod operations;
mod passkey;
mod people;
mod read;
mod requests;
mod scheduling;
mod server;
mod settings;
mod staff;
mod storage;
mod token;
mod web;

pub use access::{Role, Scope, password::BadPassword};
pub use admin::{
    Admin, AdminError, KeptSwitch, NewBackend, NewGrant, NewPersonalToken, NewWorkspace,
};
pub use git::{BadRef, BadUrl};
pub use http::{ForwardedBy, HttpSettings};
pub use limits::Limiter;
pub use notify::CannotNotify;
pub use oidc::{BadIssuer, ClientSecret, OidcSettings};
pub use operations::{OperationError, Operations, Switch};
pub use read::{
    ActionView, BackendView, EarlierRun, EarlierView, Filter, JobRequestView, JobView, LastJob,
    LastRun, Latest, Named, OnBackend, OrganisationView, Page, PersonView, ProjectView, QueuedJob,
    Reader, RequestRow, Sort, Who, WhyStale, WorkspaceRow, WorkspaceView,
};
pub use server::{Server, ServerError};
pub use settings::{
    EmailSettings, GitSettings, LedgerSettings, NotifySettings, Settings, SmtpTls, WebhookSettings,
};
pub use storage::{DatabaseUrl, StorageError};
pub use token::{NewToken, NoRandomness};

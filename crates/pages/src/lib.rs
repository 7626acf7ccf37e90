//! The pages of the job server: facts in, HTML out.
//!
//! Each page is a value with the facts that it shows, and displays as a whole HTML document. It works
//! without scripts; parts that change while jobs go on are marked, and a script that all pages share
//! fetches the page again when the server says that something changed.
//!
//! Must not know: databases, HTTP, who is signed in. What somebody may do is among the facts.

mod cancel;
mod code;
mod event_log;
mod frame;
mod job;
mod job_request;
mod ledger;
mod look;
mod message;
mod offer;
mod paths;
mod place;
mod request_row;
mod run_jobs;
mod settings;
mod sign_in;
pub mod staff;
mod status;
mod table;

pub use cancel::CancelPage;
pub use code::{ChangesPage, CodeChanges, FileChanges};
pub use event_log::{BackendChoice, Choices, EventLog, Filters};
pub use frame::{Frame, SignedIn};
pub use job::{EarlierJob, JobMetrics, JobPage};
pub use job_request::{
    Earlier, JOB_COLUMNS, JobFacts, JobRequestPage, RequestFacts, RequestOffers,
};
pub use ledger::{LedgerPage, LedgerRow};
pub use look::{of_request as look_of_request, of_state as look_of_state};
pub use message::Message;
pub use offer::Offer;
pub use paths::{
    backend_path, changes_path, job_path, job_request_path, organisation_path, project_path,
    run_jobs_path, user_path, workspace_log_path, workspace_path,
};
pub use place::{PlacePage, Section};
pub use request_row::{REQUEST_COLUMNS, RequestRow};
pub use run_jobs::{Again, Chosen, Code, LastState, Mistake, RunBackend, RunJobsPage};
pub use settings::{
    PasskeyFacts, SETTINGS_PATH, SessionFacts, SettingsPage, SettingsPart, TokenFacts,
};
pub use sign_in::{SIGN_IN_PATH, SignInPage};
pub use status::{BACKEND_COLUMNS, BackendFacts, MISSING_AFTER};
pub use table::{Cell, Head, Table};

//! The pages of the job server: facts in, HTML out.
//!
//! Each page is a value with the facts that it shows, and displays as a whole HTML document. It works
//! without scripts; parts that change while jobs go on are marked, and a script that all pages share
//! fetches the page again when the server says that something changed.
//!
//! Must not know: databases, HTTP, who is signed in. What somebody may do is among the facts.

mod event_log;
mod frame;
mod job;
mod job_request;
mod look;
mod message;
mod paths;
mod request_row;
mod settings;
mod sign_in;
mod status;

pub use event_log::EventLog;
pub use frame::{Frame, SignedIn};
pub use job::JobPage;
pub use job_request::{Earlier, JobFacts, JobRequestPage, RequestFacts};
pub use message::Message;
pub use paths::{job_path, job_request_path, workspace_path};
pub use request_row::RequestRow;
pub use settings::{
    PasskeyFacts, SETTINGS_PATH, SessionFacts, SettingsPage, SettingsPart, TokenFacts,
};
pub use sign_in::{SIGN_IN_PATH, SignInPage};
pub use status::{BackendFacts, StatusPage};

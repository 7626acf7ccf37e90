//! The tables, as types. They are made in [`super::migrate`].

pub mod audit;
pub mod backend;
pub mod backend_switch;
pub mod definition;
pub mod job;
pub mod job_request;
pub mod organisation;
pub mod permission;
pub mod person;
pub mod personal_token;
pub mod project;
pub mod server;
pub mod workspace;

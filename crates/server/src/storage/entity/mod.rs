//! The tables, as types. They are made in [`super::migrate`].

pub mod audit;
pub mod backend;
pub mod backend_member;
pub mod backend_switch;
pub mod definition;
pub mod identity;
pub mod job;
pub mod job_request;
pub mod notification;
pub mod organisation;
pub mod passkey;
pub mod password;
pub mod permission;
pub mod person;
pub mod personal_token;
pub mod project;
pub mod server;
pub mod session;
pub mod sign_in_link;
pub mod workspace;

//! A real server on the loopback interface, spoken to over HTTP as agents and people's programs do.
//!
//! Every test runs on `SQLite`; where `GLOVEBOX_TEST_POSTGRES` names a database by URL, it runs on that
//! too, in a schema of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod authenticator;
mod browser;
mod http;
mod place;
mod provider;
mod receivers;
mod signed_in;
mod study;

mod accounts;
mod agents;
mod api;
mod asking;
mod attacks;
mod cancelling;
mod clients;
mod connections;
mod faults;
mod kept_pages;
mod ledger;
mod lists;
mod memberships;
mod oidc;
mod pages;
mod passkeys;
mod passwords;
mod restarts;
mod setting_up;
mod signing_in;
mod staff;
mod switching;
mod telling;
mod watching;

//! Connections: how many, how long, how much of a head, and whose.
//!
//! Whoever can reach the server can hold connections open and say nothing. Each thing that somebody could
//! be slow at has a time, and each thing that somebody could have many of has a number.
//!
//! * [`serve`] takes connections and ends them, [`places`] says how many there may be.
//! * [`paced`] is a connection whose other end must take what it is sent, [`body`] one that must say what it
//!   announced.
//! * [`address`] says who calls, also through a proxy, and [`host`] by which name.

mod address;
mod body;
mod host;
mod paced;
mod places;
mod serve;

use std::{net::IpAddr, time::Duration};

pub(crate) use address::ClientAddress;
pub use address::ForwardedBy;
pub(crate) use host::is_this_machine;
pub(crate) use places::{Place, Places};
pub(crate) use serve::serve;

/// How the server bears connections.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// How many connections at once; further ones wait until one ends.
    pub connections: usize,
    /// How many of them one address may have. Proxies that are named may have all.
    pub connections_each: usize,
    /// How long the head of a request may take to come, and how long a connection may lie idle. Programs
    /// that keep connections for later do so for 15 seconds or less.
    pub head_time: Duration,
    /// How many bytes the head of a request may have.
    pub head_size: usize,
    /// How long the body of a request may take to come.
    pub body_time: Duration,
    /// How long the other end may take nothing of what it is sent.
    pub stall_time: Duration,
    /// Proxies, which say in a header who calls. Nobody else is believed.
    pub proxies: Vec<IpAddr>,
    /// The header in which they say it.
    pub forwarded_by: ForwardedBy,
    /// How many calls with a wrong token in a row one address may make.
    pub wrong_tokens: u32,
    /// How long until it may make one more.
    pub wrong_token_every: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connections: 2_000,
            connections_each: 500,
            head_time: Duration::from_secs(20),
            head_size: 32 * 1024,
            body_time: Duration::from_secs(30),
            stall_time: Duration::from_secs(30),
            proxies: Vec::new(),
            forwarded_by: ForwardedBy::XForwardedFor,
            wrong_tokens: 30,
            wrong_token_every: Duration::from_secs(2),
        }
    }
}

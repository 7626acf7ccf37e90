//! The commands that speak with a job server: `glovebox submit`, `status`, `logs` and `cancel`.
//!
//! * [`address`] says where a token may be sent, [`token`] where it comes from.
//! * [`call`] is one call over HTTP, and how it failed; [`watch`] hears of changes.
//! * [`happened`] makes of a request what happened to it.

mod address;
mod call;
pub(super) mod cancel;
mod happened;
pub(super) mod logs;
pub(super) mod status;
pub(super) mod submit;
mod token;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;

use glovebox_protocol::{Job, JobRequest, PATH_JOB_REQUESTS};
use serde::{Serialize, de::DeserializeOwned};

use address::Address;
pub(super) use call::{Failed, http};

/// Which server, and who calls.
#[derive(clap::Args)]
pub(crate) struct Server {
    /// The job server, such as `https://jobs.example.org`.
    #[arg(long, value_name = "URL", env = "GLOVEBOX_SERVER", value_parser = Address::parse)]
    server: Address,

    /// A file that holds your token, readable by you alone.
    #[arg(long, value_name = "FILE", env = "GLOVEBOX_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

impl Server {
    /// One on this machine, and the file with a token for it.
    pub(super) fn on_loopback(address: SocketAddr, token_file: PathBuf) -> Self {
        Self {
            server: Address::on_loopback(address),
            token_file: Some(token_file),
        }
    }

    /// What anybody may read, and no token is sent for.
    pub(super) fn read<A: DeserializeOwned>(&self, path: &str) -> Result<A, Failed> {
        call::call(&self.server, path, None, None)
    }

    /// Asks for something to be done, as whoever the token speaks for.
    pub(super) fn ask<A: DeserializeOwned>(
        &self,
        path: &str,
        message: &impl Serialize,
    ) -> Result<A, Failed> {
        let body = serde_json::to_vec(message)
            .map_err(|_| Failed::environment("the message cannot be written"))?;
        let Some(file) = &self.token_file else {
            return Err(Failed::usage(
                "name the file that holds your token, with --token-file or GLOVEBOX_TOKEN_FILE",
            ));
        };
        let token = token::read(file)?;
        call::call(&self.server, path, Some(&body), Some(&token))
    }

    /// Where a request can be read.
    pub(super) fn address_of(&self, request: &JobRequest) -> String {
        self.server.of(&request.path)
    }
}

pub(super) fn path_of(number: i64) -> String {
    format!("{PATH_JOB_REQUESTS}/{number}")
}

/// A job as a line.
pub(super) fn line(job: &Job) -> String {
    let symbol = match job.state.as_str() {
        "succeeded" => '✔',
        "failed" => '✖',
        "running" => '◐',
        _ => '◌',
    };
    let (state, action, message) = (&job.state, &job.action, &job.status_message);
    format!("{symbol} {state:<10} {action}: {message}")
}

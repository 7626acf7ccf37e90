//! One call to the job server, and how it failed.

use std::time::Duration;

use glovebox_outbound::{self as outbound, Reach};
use glovebox_protocol::Refusal;
use serde::de::DeserializeOwned;
use ureq::http::HeaderValue;

use super::super::say::say;
use super::super::visible::visible;
use super::address::Address;
use crate::exit::Exit;

/// What is read at most of an answer.
const LONGEST_ANSWER: u64 = 16 << 20;

/// The server may have to read a repository first.
const PATIENCE: Duration = Duration::from_mins(3);

/// Why a call led to nothing.
pub(in super::super) struct Failed {
    exit: Exit,
    lines: Vec<String>,
}

impl Failed {
    /// Whoever typed the command can mend it.
    pub(super) fn usage(line: impl Into<String>) -> Self {
        Self::with(Exit::Usage, line)
    }

    /// It may work later.
    pub(super) fn environment(line: impl Into<String>) -> Self {
        Self::with(Exit::Environment, line)
    }

    fn with(exit: Exit, line: impl Into<String>) -> Self {
        Self {
            exit,
            lines: vec![line.into()],
        }
    }

    /// Whether it may work later.
    pub(super) fn may_pass(&self) -> bool {
        self.exit == Exit::Environment
    }

    /// Tells a person, and gives the exit code.
    pub(in super::super) fn tell(&self) -> Exit {
        for line in &self.lines {
            say(&visible(line));
        }
        self.exit
    }
}

/// Calls, with a body by POST and without by GET.
pub(super) fn call<A: DeserializeOwned>(
    server: &Address,
    path: &str,
    body: Option<&[u8]>,
    token: Option<&HeaderValue>,
) -> Result<A, Failed> {
    let http = http(server.is_local());
    let url = server.of(path);
    let base = server.base();
    let answer = match body {
        Some(body) => {
            let mut call = http.post(&url).content_type("application/json");
            if let Some(token) = token {
                call = call.header("authorization", token);
            }
            call.send(body)
        }
        None => http.get(&url).call(),
    };
    let mut answer =
        answer.map_err(|error| Failed::environment(format!("{base} does not answer: {error}")))?;
    let status = answer.status();
    let bytes = answer
        .body_mut()
        .with_config()
        .limit(LONGEST_ANSWER)
        .read_to_vec()
        .map_err(|error| Failed::environment(format!("{base} broke off: {error}")))?;
    let strange = |_| {
        Failed::environment(format!(
            "{base} answered {status} and nothing that is understood: check that it is a job server"
        ))
    };
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(strange);
    }
    let refusal: Refusal = serde_json::from_slice(&bytes).map_err(strange)?;
    let exit = if status.is_server_error() {
        Exit::Environment
    } else {
        Exit::Failure
    };
    Err(refused(exit, refusal))
}

fn refused(exit: Exit, refusal: Refusal) -> Failed {
    let mut failed = Failed::with(exit, refusal.message);
    let problems = refusal.problems.into_iter().map(|problem| {
        let (line, column) = (problem.line, problem.column);
        format!("project.yaml:{line}:{column}: {}", problem.message)
    });
    failed.lines.extend(problems);
    failed
}

/// What calls: over TLS, or without leaving this machine; never led elsewhere.
pub(in super::super) fn http(is_local: bool) -> ureq::Agent {
    let config = outbound::settings(Reach::of(is_local), "glovebox").timeout_global(Some(PATIENCE));
    config.build().new_agent()
}

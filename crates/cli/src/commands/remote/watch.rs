//! Hearing that a job request changed, by server-sent events.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::{Duration, Instant};

use glovebox_protocol::PATH_EVENTS;

use super::address::Address;
use super::call;

/// How long one stream lasts; another is opened after it. It is shorter than any call may take.
const SECONDS: u64 = 60;

/// What is read at most of one stream: an event has few bytes.
const LONGEST: u64 = 1 << 20;

/// A stream that ends sooner, and said nothing, is not worth opening another at once.
const SHORT: Duration = Duration::from_secs(1);

/// A stream of events about one request.
pub(super) struct Watch {
    lines: BufReader<std::io::Take<ureq::BodyReader<'static>>>,
    opened: Instant,
    heard: bool,
}

impl Watch {
    /// Opens one, if the server has a place for it.
    pub(super) fn open(server: &Address, number: i64) -> Option<Self> {
        let url = server.of(&format!("{PATH_EVENTS}/{number}?wait_seconds={SECONDS}"));
        let answer = call::http(server.is_local()).get(&url).call().ok()?;
        if answer.status() != 200 {
            return None;
        }
        let body = answer.into_body().into_reader();
        Some(Self {
            lines: BufReader::new(body.take(LONGEST)),
            opened: Instant::now(),
            heard: false,
        })
    }

    /// Waits until something changed; false once the stream has ended.
    pub(super) fn wait(&mut self) -> bool {
        let mut line = String::new();
        loop {
            line.clear();
            match self.lines.read_line(&mut line) {
                Ok(1..)
                    if line.starts_with("event: changed") || line.starts_with("event:changed") =>
                {
                    self.heard = true;
                    return true;
                }
                Ok(1..) => {}
                Ok(0) | Err(_) => return false,
            }
        }
    }

    /// Whether it ended too soon to tell anything.
    pub(super) fn was_short(&self) -> bool {
        !self.heard && self.opened.elapsed() < SHORT
    }
}

//! Calling the job server.

mod error;

use std::time::Duration;

use glovebox_outbound::{self as outbound, Reach};
use glovebox_protocol::{Answer, Ask, PATH_ASK, PATH_REPORT, Report, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::HeaderValue;

pub(crate) use error::CallError;

use crate::settings::{ServerUrl, Token};

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How much longer than it was told to wait the server may take to answer an ask.
const SLACK: Duration = Duration::from_secs(15);

/// The longest answer that is read, in bytes: hundreds of tasks.
const MOST_BYTES: u64 = 1 << 20;

/// The job server, as one agent calls it.
pub(crate) struct Server {
    http: ureq::Agent,
    ask_url: String,
    report_url: String,
    authorization: HeaderValue,
}

impl Server {
    /// Nothing is sent yet.
    pub(crate) fn new(url: &ServerUrl, token: &Token) -> Result<Self, CallError> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.secret()))
            .map_err(|_| CallError::Token)?;
        authorization.set_sensitive(true);
        let config = outbound::settings(Reach::of(url.is_loopback()), "glovebox-agent")
            .timeout_connect(Some(CONNECT))
            .timeout_resolve(Some(CONNECT));
        Ok(Self {
            http: config.build().new_agent(),
            ask_url: url.of(PATH_ASK),
            report_url: url.of(PATH_REPORT),
            authorization,
        })
    }

    /// Asks for tasks; takes as long as the ask says that the server may wait, and a little more.
    pub(crate) fn ask(&self, ask: &Ask) -> Result<Answer, CallError> {
        let wait = Duration::from_secs(ask.wait_seconds.into());
        self.call(&self.ask_url, ask, wait + SLACK)
    }

    /// Says what happened to a task, within a time.
    pub(crate) fn report(&self, report: &Report, within: Duration) -> Result<Verdict, CallError> {
        self.call(&self.report_url, report, within)
    }

    fn call<A: DeserializeOwned>(
        &self,
        url: &str,
        message: &impl Serialize,
        within: Duration,
    ) -> Result<A, CallError> {
        let body = serde_json::to_vec(message).map_err(|_| CallError::Message)?;
        let mut response = self
            .http
            .post(url)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .config()
            .timeout_global(Some(within))
            .build()
            .send(&body[..])
            .map_err(CallError::unreachable)?;
        let status = response.status();
        match status.as_u16() {
            200 => {}
            401 | 403 => return Err(CallError::Refused),
            300..=399 => return Err(CallError::Redirected),
            status => return Err(CallError::Status(status)),
        }
        let answer = response
            .body_mut()
            .with_config()
            .limit(MOST_BYTES)
            .read_to_vec()
            .map_err(CallError::unreachable)?;
        serde_json::from_slice(&answer).map_err(|_| CallError::Answer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;
    use crate::folder::write_whole;

    #[test]
    fn a_server_that_speaks_no_tls_hears_no_token() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heard = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}");
            String::from_utf8_lossy(&bytes[..read]).into_owned()
        });
        let url = ServerUrl::parse(&format!("https://localhost:{}", address.port())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write_whole(folder.path(), "token", b"the-token").unwrap();
        let server = Server::new(&url, &Token::read(&path).unwrap()).unwrap();
        let ask = Ask {
            agent: "a".to_owned(),
            slots: 1,
            holds: Vec::new(),
            wait_seconds: 1,
        };
        let error = server.ask(&ask).unwrap_err();
        assert!(matches!(error, CallError::Unreachable(_)), "{error}");
        let heard = heard.join().unwrap();
        assert!(heard.starts_with('\u{16}') && !heard.contains("the-token"));
    }
}

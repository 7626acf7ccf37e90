//! The address that a ledger's paths are appended to.

use std::net::IpAddr;

use ureq::http::Uri;

/// Where a ledger is published, without a slash at its end.
///
/// What comes from there is believed for its signature alone, but others need not know who copies it, and
/// a call must not be led elsewhere: so it is TLS, or this machine.
#[derive(Debug, Clone)]
pub(super) struct Prefix {
    base: String,
    is_local: bool,
}

impl Prefix {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let none = "it is no address: write https://, a host, and a path such as /ledger";
        let uri: Uri = text.parse().map_err(|_| none)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(none.to_owned());
        };
        if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') {
            return Err("give https://, a host and a path, and nothing else".to_owned());
        }
        let host = authority.host();
        let number = host.trim_start_matches('[').trim_end_matches(']');
        let is_local =
            host == "localhost" || number.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if scheme != "https" && !(scheme == "http" && is_local) {
            return Err("it has to begin with https://".to_owned());
        }
        let path = uri.path().trim_end_matches('/');
        Ok(Self {
            base: format!("{scheme}://{authority}{path}"),
            is_local,
        })
    }

    /// The address of a file.
    pub(super) fn of(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_nobody_in_between_reads_are_called() {
        for (text, of) in [
            (
                "https://jobs.example.org/ledger",
                Some("https://jobs.example.org/ledger/checkpoint"),
            ),
            (
                "https://jobs.example.org/a/b/",
                Some("https://jobs.example.org/a/b/checkpoint"),
            ),
            (
                "https://jobs.example.org",
                Some("https://jobs.example.org/checkpoint"),
            ),
            (
                "http://127.0.0.1:8000/ledger",
                Some("http://127.0.0.1:8000/ledger/checkpoint"),
            ),
            ("http://jobs.example.org/ledger", None),
            ("http://127.0.0.1@jobs.example.org/ledger", None),
            ("https://jobs.example.org/ledger?x=1", None),
            ("https://jobs.example.org/ledger#x", None),
            ("file:///srv/ledger", None),
            ("jobs.example.org/ledger", None),
            ("", None),
        ] {
            let found = Prefix::parse(text).map(|prefix| prefix.of("checkpoint"));
            assert_eq!(found.ok().as_deref(), of, "{text}");
        }
    }
}

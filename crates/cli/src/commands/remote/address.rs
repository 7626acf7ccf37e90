//! The address of the job server.

use std::net::{IpAddr, SocketAddr};

use ureq::http::Uri;

/// A server that a token may be sent to: by TLS, or without leaving this machine.
#[derive(Debug, Clone)]
pub(super) struct Address {
    base: String,
    is_local: bool,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let none = "it is no address: write https:// and a host";
        let uri: Uri = text.parse().map_err(|_| none)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(none.to_owned());
        };
        if authority.as_str().contains('@') || uri.path() != "/" || uri.query().is_some() {
            return Err("give https:// and the host alone".to_owned());
        }
        let host = authority.host();
        let number = host.trim_start_matches('[').trim_end_matches(']');
        let is_local =
            host == "localhost" || number.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if scheme != "https" && !(scheme == "http" && is_local) {
            return Err(
                "it has to begin with https://, as anything else would show your token to the network"
                    .to_owned(),
            );
        }
        Ok(Self {
            base: format!("{scheme}://{authority}"),
            is_local,
        })
    }

    /// A server on this machine.
    pub(super) fn on_loopback(address: SocketAddr) -> Self {
        Self {
            base: format!("http://{address}"),
            is_local: true,
        }
    }

    /// The address of a path, which begins with a slash.
    pub(super) fn of(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The server without a path.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_only_sent_where_nobody_listens() {
        let cases = [
            ("https://jobs.example.org", true),
            ("https://jobs.example.org:8443/", true),
            ("http://127.0.0.1:8000", true),
            ("http://[::1]:8000", true),
            ("http://localhost", true),
            ("http://jobs.example.org", false),
            ("http://127.0.0.1:80@jobs.example.org", false),
            ("http://localhost.example.org", false),
            ("https://jobs.example.org/path", false),
            ("jobs.example.org", false),
            ("", false),
        ];
        for (text, is_right) in cases {
            assert_eq!(Address::parse(text).is_ok(), is_right, "{text}");
        }
    }
}

//! The address of the job server.

use std::net::IpAddr;

use ureq::http::Uri;

use super::error::SettingsError;

/// The address of a job server that a token may be sent to: by TLS, or without leaving this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    base: String,
    is_loopback: bool,
}

impl ServerUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let wrong = SettingsError::Server;
        let uri: Uri = text
            .parse()
            .map_err(|_| wrong("it is no address: write `https://` and a host"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong("it is no address: write `https://` and a host"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("it names a user: the token has a file of its own"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(wrong("it has a path: give the host alone"));
        }
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host == "localhost"
            || address
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        match scheme {
            "https" => {}
            "http" if is_loopback => {}
            _ => {
                return Err(wrong(
                    "it has to begin with `https://`: anything else would show the token to the network",
                ));
            }
        }
        Ok(Self {
            base: format!("{scheme}://{authority}"),
            is_loopback,
        })
    }

    /// The address of a path, which begins with a slash.
    pub(crate) fn of(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_only_sent_where_nobody_listens() {
        for (text, is_right) in [
            ("https://jobs.example.org", true),
            ("https://jobs.example.org:8443/", true),
            ("http://127.0.0.1:8000", true),
            ("http://[::1]:8000", true),
            ("http://localhost:8000", true),
            ("http://jobs.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("http://localhost.example.org", false),
            ("https://someone@jobs.example.org", false),
            ("https://jobs.example.org/path", false),
            ("https://jobs.example.org/?a=b", false),
            ("ftp://jobs.example.org", false),
            ("jobs.example.org", false),
            ("", false),
        ] {
            assert_eq!(ServerUrl::parse(text).is_ok(), is_right, "{text}");
        }
        let url = ServerUrl::parse("https://jobs.example.org/").unwrap();
        assert_eq!(url.of("/a"), "https://jobs.example.org/a");
    }
}

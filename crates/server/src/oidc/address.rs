//! Whom the server calls: a provider, over TLS.

use std::net::IpAddr;

use ureq::http::Uri;

/// An address that the server may call: `https`, or on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    text: String,
    is_loopback: bool,
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let host = authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host == "localhost"
            || bare
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback());
        let is_safe = match uri.scheme_str()? {
            "https" => true,
            "http" => is_loopback,
            _ => false,
        };
        let is_plain = !authority.as_str().contains('@') && !text.contains('#');
        (is_safe && is_plain).then(|| Self {
            text: text.to_owned(),
            is_loopback,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_where_somebody_could_listen() {
        let cases = [
            ("https://id.example.org", true),
            ("https://id.example.org/realms/one?a=b", true),
            ("http://127.0.0.1:9000/", true),
            ("http://[::1]:9000/", true),
            ("http://localhost:9000", true),
            ("http://id.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("https://someone@id.example.org", false),
            ("https://id.example.org/#a", false),
            ("ftp://id.example.org", false),
            ("file:///etc/passwd", false),
            ("//id.example.org", false),
            ("id.example.org", false),
            ("", false),
        ];
        for (text, wanted) in cases {
            assert_eq!(Address::parse(text).is_some(), wanted, "{text}");
        }
    }
}

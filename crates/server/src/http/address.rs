//! Who calls: the other end of the connection, or whom a proxy that is named says.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use super::HttpSettings;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header in which proxies say who calls. One that they do not set themselves could say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, of RFC 7239.
    Forwarded,
}

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// As far as it is known.
    pub(crate) ip: IpAddr,
    proxies_named: bool,
}

impl ClientAddress {
    /// Who made a call, with these headers, at the other end of this connection.
    pub(super) fn of(peer: SocketAddr, headers: &HeaderMap, settings: &HttpSettings) -> Self {
        let is_proxy = |ip: IpAddr| settings.proxies.contains(&ip);
        let mut ip = peer.ip().to_canonical();
        if is_proxy(ip) {
            // Each proxy adds, at the end, from whom it has the call: what stands before the first that is
            // no proxy of ours is hearsay, as is all before something that is no address.
            for said in said(headers, settings.forwarded_by).into_iter().rev() {
                let Some(before) = said else { break };
                ip = before;
                if !is_proxy(ip) {
                    break;
                }
            }
        }
        Self {
            ip,
            proxies_named: !settings.proxies.is_empty(),
        }
    }

    /// What limits go by: an address, or the network of one that can choose among very many.
    ///
    /// None where it stands for everybody: the server is behind a proxy on this machine that no setting
    /// names. Limiting it would let one caller lock all others out.
    pub(crate) fn key(self) -> Option<IpAddr> {
        if self.ip.is_loopback() && !self.proxies_named {
            return None;
        }
        Some(match self.ip {
            IpAddr::V4(_) => self.ip,
            IpAddr::V6(ip) => {
                let network = u128::from(ip) >> 64 << 64;
                Ipv6Addr::from(network).into()
            }
        })
    }
}

/// Every call has it; one that does not came through no connection, and counts as of this machine.
impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self {
            ip: IpAddr::from([127, 0, 0, 1]),
            proxies_named: false,
        }))
    }
}

/// What a header says, in its order; none for what is no address.
fn said(headers: &HeaderMap, by: ForwardedBy) -> Vec<Option<IpAddr>> {
    let name = match by {
        ForwardedBy::XForwardedFor => X_FORWARDED_FOR,
        ForwardedBy::Forwarded => header::FORWARDED,
    };
    let lines = headers.get_all(name).into_iter();
    lines
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(|part| match by {
            ForwardedBy::XForwardedFor => address(part.trim()),
            ForwardedBy::Forwarded => part
                .split(';')
                .find_map(|pair| {
                    let (key, value) = pair.split_once('=')?;
                    let value = value.trim().trim_matches('"');
                    key.trim().eq_ignore_ascii_case("for").then_some(value)
                })
                .and_then(address),
        })
        .collect()
}

/// An address, perhaps with a port, perhaps in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let ip = bare
        .unwrap_or(text)
        .parse::<IpAddr>()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address that stands for whoever calls over a connection from `peer` with these lines.
    fn client(peer: &str, by: ForwardedBy, lines: &[&'static str]) -> String {
        let settings = HttpSettings {
            proxies: vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()],
            forwarded_by: by,
            ..HttpSettings::default()
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            for name in [X_FORWARDED_FOR, header::FORWARDED] {
                let is_set = (name == X_FORWARDED_FOR) == (by == ForwardedBy::XForwardedFor);
                let value = if is_set { *line } else { "for=6.6.6.6" };
                headers.append(name, value.parse().unwrap());
            }
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
        ClientAddress::of(peer, &headers, &settings).ip.to_string()
    }

    #[test]
    fn only_proxies_that_are_named_are_believed() {
        let cases: [(&str, &[&'static str], &str); 11] = [
            ("9.9.9.9", &["1.1.1.1"], "9.9.9.9"),
            ("::ffff:9.9.9.9", &["1.1.1.1"], "9.9.9.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1"], "1.1.1.1"),
            ("::ffff:10.0.0.1", &["1.1.1.1:99"], "1.1.1.1"),
            // Whoever calls wrote the first.
            ("10.0.0.1", &["5.5.5.5, 1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["5.5.5.5", "1.1.1.1,10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", &["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
            ("10.0.0.1", &["1.1.1.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["[2001:db8::1]:80"], "2001:db8::1"),
        ];
        for (peer, lines, expected) in cases {
            let found = client(peer, ForwardedBy::XForwardedFor, lines);
            assert_eq!(found, expected, "{peer} {lines:?}");
        }
        let cases: [(&[&'static str], &str); 5] = [
            (&["for=1.1.1.1"], "1.1.1.1"),
            (
                &["for=5.5.5.5, by=x;FOR=\"1.1.1.1:5\";proto=https"],
                "1.1.1.1",
            ),
            (&["For=\"[2001:db8::1]\""], "2001:db8::1"),
            (&["for=1.1.1.1, proto=https"], "10.0.0.1"),
            (&["for=_hidden"], "10.0.0.1"),
        ];
        for (lines, expected) in cases {
            let found = client("10.0.0.1", ForwardedBy::Forwarded, lines);
            assert_eq!(found, expected, "{lines:?}");
        }
    }

    #[test]
    fn a_network_of_very_many_addresses_counts_as_one() {
        let key = |ip: &str, proxies_named| {
            let ip = ip.parse().unwrap();
            let client = ClientAddress { ip, proxies_named };
            client.key().map(|key| key.to_string())
        };
        assert_eq!(
            key("2001:db8:1:2:3:4:5:6", false).unwrap(),
            "2001:db8:1:2::"
        );
        assert_eq!(key("9.9.9.9", false).unwrap(), "9.9.9.9");
        assert_eq!(key("127.0.0.1", true).unwrap(), "127.0.0.1");
        assert_eq!(key("127.0.0.1", false), None);
        assert_eq!(key("::1", false), None);
    }
}

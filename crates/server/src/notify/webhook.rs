//! Telling another program, by a call that it can check.
//!
//! Headers and signature are those of the Standard Webhooks specification (`standardwebhooks.com`), for which
//! there are libraries in many languages: HMAC-SHA256 over id, time and body.

use std::{net::IpAddr, time::Duration};

use data_encoding::BASE64;
use glovebox_outbound::{self as outbound, Reach};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use super::{CannotNotify, Told, digest::Digest, secret};
use crate::{clock, settings::WebhookSettings};

/// How long a call may take in all.
const LONGEST: Duration = Duration::from_secs(15);

/// What is read at most of an answer, in bytes: nothing in it counts.
const ANSWER: u64 = 4 * 1024;

/// Shorter keys are guessed; the specification asks for 24 bytes.
const SHORTEST_KEY: usize = 24;

/// How secrets of the specification begin; what follows is base64.
const PREFIX: &str = "whsec_";

pub(super) struct Webhook {
    http: ureq::Agent,
    url: String,
    key: Hmac<Sha256>,
}

impl Webhook {
    pub(super) fn new(settings: &WebhookSettings) -> Result<Self, CannotNotify> {
        let is_local = check(&settings.url)?;
        let secret = secret::read(&settings.secret_file)?;
        let key = match secret.strip_prefix(PREFIX) {
            Some(encoded) => BASE64.decode(encoded.as_bytes()).ok(),
            None => Some(secret.into_bytes()),
        };
        let key = key
            .filter(|key| key.len() >= SHORTEST_KEY)
            .and_then(|key| Hmac::new_from_slice(&key).ok())
            .ok_or_else(|| CannotNotify::Secret {
                path: settings.secret_file.clone(),
                reason: format!("it should hold at least {SHORTEST_KEY} bytes, such as openssl rand -hex 32 prints"),
            })?;
        let config = outbound::settings(Reach::of(is_local), "glovebox-server")
            .timeout_global(Some(LONGEST))
            // A proxy would resolve the name itself, and the check of the address be for nothing.
            .proxy(None)
            .build();
        let resolver = Resolving {
            which: match (is_local, settings.allow_private) {
                (true, _) => Which::Loopback,
                (false, true) => Which::Any,
                (false, false) => Which::Public,
            },
            names: DefaultResolver::default(),
        };
        Ok(Self {
            http: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver),
            url: settings.url.clone(),
            key,
        })
    }

    /// Calls, and holds up a thread meanwhile.
    pub(super) fn tell(&self, digest: &Digest) -> Told {
        let body = match serde_json::to_vec(digest) {
            Ok(body) => body,
            Err(error) => return Told::Never(error.to_string()),
        };
        let time = clock::now().0 / 1000;
        let id = format!("msg_{}", digest.id);
        let mut mac = self.key.clone();
        mac.update(format!("{id}.{time}.").as_bytes());
        mac.update(&body);
        let signature = BASE64.encode(&mac.finalize().into_bytes());
        let called = self
            .http
            .post(&self.url)
            .content_type("application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", time.to_string())
            .header("webhook-signature", format!("v1,{signature}"))
            .send(&body[..]);
        match called {
            Ok(mut answer) if answer.status().is_success() => {
                // It was taken, whatever else is said. The connection is not used again if that is much.
                let _ = answer.body_mut().with_config().limit(ANSWER).read_to_vec();
                Told::Done
            }
            Ok(answer) => Told::Again(format!("it answers {}", answer.status().as_u16())),
            Err(error) => Told::Again(error.to_string()),
        }
    }
}

/// Whether an address is one of this machine; an error if nothing may be sent there.
fn check(url: &str) -> Result<bool, CannotNotify> {
    let bad = |reason: &str| CannotNotify::Webhook {
        reason: reason.to_owned(),
    };
    let uri: Uri = url.parse().map_err(|_| bad("its address is none"))?;
    let authority = uri
        .authority()
        .ok_or_else(|| bad("its address has no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad("its address holds a user name: leave it out"));
    }
    let host = authority.host();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = host == "localhost" || number.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(is_local),
        Some("http") if is_local => Ok(true),
        _ => Err(bad(
            "its address has to begin with https://, unless it is on this machine",
        )),
    }
}

/// Which addresses may be called.
#[derive(Debug, Clone, Copy)]
enum Which {
    Loopback,
    Public,
    Any,
}

impl Which {
    fn permits(self, address: IpAddr) -> bool {
        match self {
            Self::Loopback => address.is_loopback(),
            Self::Public => is_public(address),
            Self::Any => !address.is_unspecified() && !address.is_multicast(),
        }
    }
}

/// Looks names up, and leaves out addresses that may not be called: whoever answers for a name must not
/// choose a machine of the inside. What is connected to is what was looked at here.
#[derive(Debug)]
struct Resolving {
    which: Which,
    names: DefaultResolver,
}

impl Resolver for Resolving {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let mut permitted = self.empty();
        for address in found.iter().filter(|found| self.which.permits(found.ip())) {
            permitted.push(*address);
        }
        if permitted.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(permitted)
    }
}

/// Whether an address is one of the internet at large.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special = a == 0 || a >= 240 || (a, b, c) == (192, 0, 0);
            let benchmark = a == 198 && (18..20).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation()
                || shared
                || special
                || benchmark)
        }
        // Global unicast is 2000::/3. What embeds an IPv4 address may lead inside.
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            first & 0xe000 == 0x2000
                && first != 0x2002
                && !(first == 0x2001 && (second == 0 || second == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_at_large_is_public() {
        let cases = [
            ("93.184.215.14", true),
            ("172.32.0.1", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2a00:1450:4001::1", true),
            ("::1", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::a00:1", false),
            ("2002:a00:1::", false),
            ("2001:0:a00::", false),
            ("fd00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
        ];
        for (text, wanted) in cases {
            assert_eq!(is_public(text.parse().unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn an_address_of_the_inside_is_not_called() {
        let config = ureq::Agent::config_builder().build();
        let time = NextTimeout::default();
        let cases = [
            (Which::Public, "https://10.1.2.3/", false),
            (Which::Public, "https://127.0.0.1/", false),
            (Which::Public, "https://localhost/", false),
            (Which::Public, "https://93.184.215.14/", true),
            (Which::Any, "https://10.1.2.3/", true),
            (Which::Any, "https://0.0.0.0/", false),
            (Which::Loopback, "http://127.0.0.1:9000/", true),
            (Which::Loopback, "http://10.1.2.3/", false),
        ];
        for (which, url, wanted) in cases {
            let names = DefaultResolver::default();
            let resolving = Resolving { which, names };
            let found = resolving.resolve(&url.parse().unwrap(), &config, time);
            assert_eq!(found.is_ok(), wanted, "{which:?} {url}");
        }
    }

    #[test]
    fn nothing_is_sent_in_the_clear_but_on_this_machine() {
        let cases = [
            ("https://hooks.example.org/a", Some(false)),
            ("https://127.0.0.1:8443/a", Some(true)),
            ("http://127.0.0.1:9000/a", Some(true)),
            ("http://[::1]:9000/", Some(true)),
            ("http://localhost/", Some(true)),
            ("http://hooks.example.org/", None),
            ("http://localhost.example.org/", None),
            ("https://user:secret@hooks.example.org/", None),
            ("ftp://127.0.0.1/", None),
            ("/path", None),
            ("", None),
        ];
        for (url, wanted) in cases {
            assert_eq!(check(url).ok(), wanted, "{url}");
        }
    }
}

//! Passkeys: `WebAuthn`, level 2, as far as it takes to sign somebody in.
//!
//! The browser signs, with a key that never leaves its authenticator, a challenge that this server made a
//! moment ago, and says for which site and whether the authenticator knew its user. Attestation (who built the
//! authenticator) is not asked for, and people without a passkey lose nothing.
//!
//! * [`challenge`] is what is to be signed, once. [`client_data`] is what the browser says it signed, and
//!   [`authenticator_data`] what the authenticator does.
//! * [`key`] verifies; [`cbor`] reads the little of CBOR that keys and authenticators use.
//!
//! The library for it rests on `OpenSSL`. What is needed is small, and signatures are verified by ring.

mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod key;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::token::{NewToken, NoRandomness};
use authenticator_data::AuthenticatorData;
use challenge::Challenges;
pub(crate) use challenge::Purpose;
use client_data::ClientData;
pub(crate) use key::KINDS;
use key::Key;

/// The longest answer of an authenticator that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Why a passkey is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPasskey {
    #[error("it cannot be read")]
    Unreadable,
    #[error("it answers something else than was asked")]
    Challenge,
    #[error("it is for another site")]
    Site,
    #[error("it has not made sure who uses it")]
    User,
    #[error("it has a key of a kind that is not taken")]
    Key,
    #[error("its signature is wrong")]
    Signature,
    #[error("it was used fewer times than is known: somebody may have copied it")]
    Copied,
}

/// What is kept of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    key: Key,
    /// How often it was used, where it counts that; otherwise 0.
    count: u32,
}

/// A passkey that was just made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its name, in base64url.
    pub(crate) credential_id: String,
    pub(crate) record: Record,
}

/// What a browser sends when it has made a passkey, in base64url.
#[derive(Debug, Deserialize)]
pub(crate) struct Creation {
    client_data: String,
    attestation_object: String,
}

/// What a browser sends when it has used one, in base64url.
#[derive(Debug, Deserialize)]
pub(crate) struct Assertion {
    pub(crate) credential_id: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: String,
}

/// The passkeys of one site.
#[derive(Debug)]
pub(crate) struct Passkeys {
    origin: String,
    site: String,
    challenges: Challenges,
}

impl Passkeys {
    /// For a site that people reach at an origin. None where browsers make no passkeys: they take them for
    /// names of hosts alone, over TLS or on this machine.
    pub(crate) fn new(origin: &str) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let host = rest.split(':').next()?;
        let is_name = !host.is_empty() && !host.ends_with(|c: char| c.is_ascii_digit());
        let is_safe = scheme == "https" || host == "localhost";
        (is_name && is_safe && !rest.starts_with('[')).then(|| Self {
            origin: origin.to_owned(),
            site: host.to_owned(),
            challenges: Challenges::default(),
        })
    }

    /// The name of the site, as authenticators know it.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// Something to be signed once, for one purpose.
    pub(crate) fn challenge(&self, purpose: Purpose) -> Result<NewToken, NoRandomness> {
        let challenge = NewToken::make()?;
        self.challenges.give(&challenge, purpose);
        Ok(challenge)
    }

    /// What authenticators know a person by: nothing that says who it is.
    pub(crate) fn handle(&self, person: i64) -> String {
        let digest = Sha256::new()
            .chain_update(b"glovebox user of a passkey\0")
            .chain_update(&self.site)
            .chain_update(b"\0")
            .chain_update(person.to_be_bytes())
            .finalize();
        BASE64URL_NOPAD.encode(&digest)
    }

    /// The passkey that a browser has just made for a purpose.
    pub(crate) fn made(&self, sent: &Creation, purpose: Purpose) -> Result<Made, BadPasskey> {
        let client_data = decoded(&sent.client_data)?;
        self.asked_for(&client_data, "webauthn.create", purpose)?;
        let object = decoded(&sent.attestation_object)?;
        let data = authenticator_data::of_attestation(&object)?;
        let data = AuthenticatorData::parse(&data)?;
        self.is_right(&data)?;
        let made = data.made.ok_or(BadPasskey::Unreadable)?;
        Ok(Made {
            credential_id: BASE64URL_NOPAD.encode(made.id),
            record: Record {
                key: Key::parse(&made.key)?,
                count: data.count,
            },
        })
    }

    /// Whether a browser has used a passkey of a person now; what is to be kept of it from then on.
    pub(crate) fn used(
        &self,
        sent: &Assertion,
        person: i64,
        record: &Record,
    ) -> Result<Record, BadPasskey> {
        let client_data = decoded(&sent.client_data)?;
        self.asked_for(&client_data, "webauthn.get", Purpose::SignIn)?;
        let bytes = decoded(&sent.authenticator_data)?;
        let data = AuthenticatorData::parse(&bytes)?;
        self.is_right(&data)?;
        if sent.user_handle != self.handle(person) {
            return Err(BadPasskey::User);
        }
        let mut signed = bytes.clone();
        signed.extend_from_slice(&Sha256::digest(&client_data));
        if !record.key.verify(&signed, &decoded(&sent.signature)?) {
            return Err(BadPasskey::Signature);
        }
        let counts = record.count != 0 || data.count != 0;
        if counts && data.count <= record.count {
            return Err(BadPasskey::Copied);
        }
        Ok(Record {
            key: record.key.clone(),
            count: data.count,
        })
    }

    /// Whether the browser says that it was asked this, here and for this. The question is used up.
    fn asked_for(&self, text: &[u8], kind: &str, purpose: Purpose) -> Result<(), BadPasskey> {
        let said = ClientData::parse(text)?;
        if !self.challenges.take(&said.challenge, purpose) || said.kind != kind {
            return Err(BadPasskey::Challenge);
        }
        if said.origin != self.origin || said.is_within_another {
            return Err(BadPasskey::Site);
        }
        Ok(())
    }

    fn is_right(&self, data: &AuthenticatorData<'_>) -> Result<(), BadPasskey> {
        if data.site_hash != Sha256::digest(&self.site).as_slice() {
            return Err(BadPasskey::Site);
        }
        if !(data.user_present && data.user_verified) {
            return Err(BadPasskey::User);
        }
        Ok(())
    }
}

impl Record {
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn of_text(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, BadPasskey> {
    if text.len() > LONGEST {
        return Err(BadPasskey::Unreadable);
    }
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| BadPasskey::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_hosts_with_names() {
        let cases = [
            ("https://jobs.example.org", Some("jobs.example.org")),
            ("https://jobs.example.org:8443", Some("jobs.example.org")),
            ("http://localhost:8000", Some("localhost")),
            ("http://jobs.example.org", None),
            ("http://127.0.0.1:8000", None),
            ("https://10.0.0.1", None),
            ("https://[::1]:8000", None),
            ("jobs.example.org", None),
            ("https://", None),
        ];
        for (origin, wanted) in cases {
            let found = Passkeys::new(origin);
            assert_eq!(found.as_ref().map(Passkeys::site), wanted, "{origin}");
        }
    }

    #[test]
    fn what_authenticators_know_people_by_says_not_who_they_are() {
        let here = Passkeys::new("https://jobs.example.org").unwrap();
        let there = Passkeys::new("https://other.example.org").unwrap();
        assert_eq!(here.handle(1), here.handle(1));
        assert_ne!(here.handle(1), here.handle(2));
        assert_ne!(here.handle(1), there.handle(1));
    }
}

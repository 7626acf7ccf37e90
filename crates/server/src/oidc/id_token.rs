//! Whom a token is about, and whether that is so: signed by the provider, for this server, for this sign-in,
//! and of now (OpenID Connect Core 1.0, section 3.1.3.7).

use data_encoding::BASE64URL_NOPAD;
use glovebox_jobs::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::keys::{Algorithm, KeySet};

/// Longer tokens are not read, in bytes.
const LONGEST: usize = 16 * 1024;

/// Longer names of people are none, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// By how many seconds clocks may differ.
const SLACK: f64 = 60.0;

/// A token is shown as soon as it is made: how many seconds old it may be.
const OLDEST: f64 = 600.0;

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadToken {
    #[error("it cannot be read")]
    Unreadable,
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    #[error("its signature is not the provider's")]
    Signature,
    #[error("another provider made it")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it is of another time")]
    Time,
    #[error("it is about another sign-in")]
    Nonce,
    #[error("it names nobody")]
    Subject,
}

/// What the provider says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its own name for them, which never changes.
    pub(crate) subject: String,
    /// Their address, if the provider has made sure that it is theirs.
    pub(crate) verified_email: Option<String>,
    /// Their name for people.
    pub(crate) full_name: Option<String>,
    /// What they would like to be called here.
    pub(crate) username: Option<String>,
}

/// What a token must say.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client_id: &'e str,
    pub(super) nonce: &'e str,
    pub(super) now: Timestamp,
}

/// A token that was read, and not yet believed.
#[derive(Debug)]
pub(super) struct IdToken<'t> {
    algorithm: Algorithm,
    key: Option<String>,
    signed: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
    preferred_username: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl<'t> IdToken<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, BadToken> {
        if text.len() > LONGEST {
            return Err(BadToken::Unreadable);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(BadToken::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(BadToken::Unreadable)?;
        let header: Header = decoded(header)?;
        // What is critical and unknown may change what all else means.
        if header.crit.is_some() {
            return Err(BadToken::Algorithm);
        }
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes());
        Ok(Self {
            algorithm: Algorithm::from_word(&header.alg).ok_or(BadToken::Algorithm)?,
            key: header.kid,
            signed,
            claims,
            signature: signature.map_err(|_| BadToken::Unreadable)?,
        })
    }

    /// The name of the key that it says it is signed with.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Whom it is about, if it is true.
    pub(super) fn known(&self, keys: &KeySet, expected: &Expected<'_>) -> Result<Known, BadToken> {
        let text = self.signed.as_bytes();
        if !keys.verify(self.algorithm, self.key_id(), text, &self.signature) {
            return Err(BadToken::Signature);
        }
        let claims: Claims = decoded(self.claims)?;
        claims.known(expected)
    }
}

impl Claims {
    fn known(self, expected: &Expected<'_>) -> Result<Known, BadToken> {
        if self.iss != expected.issuer {
            return Err(BadToken::Issuer);
        }
        let ours = |id: &String| id == expected.client_id;
        let is_ours = match &self.aud {
            Audience::One(one) => ours(one),
            // Of several, the one that asked is named.
            Audience::Many(many) => {
                many.iter().any(ours) && (many.len() == 1 || self.azp.is_some())
            }
        };
        if !is_ours || !self.azp.as_ref().is_none_or(ours) {
            return Err(BadToken::Audience);
        }
        let now = expected.now.0 as f64 / 1000.0;
        let is_of_now = self.exp > now - SLACK
            && (now - OLDEST..=now + SLACK).contains(&self.iat)
            && self.nbf.is_none_or(|from| from <= now + SLACK);
        if !is_of_now {
            return Err(BadToken::Time);
        }
        let nonce = self.nonce.unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(BadToken::Nonce);
        }
        if !(1..=LONGEST_SUBJECT).contains(&self.sub.len())
            || self.sub.chars().any(char::is_control)
        {
            return Err(BadToken::Subject);
        }
        // A word that looks like yes is none.
        let is_verified = self.email_verified == Some(Value::Bool(true));
        Ok(Known {
            subject: self.sub,
            verified_email: self
                .email
                .filter(|_| is_verified)
                .and_then(|text| crate::admin::email(&text)),
            full_name: self.name,
            username: self.preferred_username,
        })
    }
}

fn decoded<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, BadToken> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes());
    let bytes = bytes.map_err(|_| BadToken::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| BadToken::Unreadable)
}

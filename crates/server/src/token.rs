//! Tokens of backends and people, and names drawn at random.
//!
//! A token has 256 random bits, so it cannot be guessed and needs no slow hash. It is shown once, when it
//! is made; what is kept is its SHA-256, from which it cannot be had back.

use std::fmt;

use data_encoding::{BASE32, BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// A token that was just made, to be shown to whom it is for. It is not kept anywhere.
#[derive(Clone)]
pub struct NewToken(String);

impl NewToken {
    pub(crate) fn make() -> Result<Self, NoRandomness> {
        Ok(Self(BASE64URL_NOPAD.encode(&random::<32>()?)))
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }

    /// The token: 43 characters of base64url. Show it once and keep it nowhere.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Never shows the token, so that it cannot get into a log by accident.
impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewToken(…)")
    }
}

/// The SHA-256 of a token, in lower-case hexadecimal.
#[derive(Clone)]
pub(crate) struct TokenHash(String);

impl TokenHash {
    pub(crate) fn of(token: &str) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(token)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that was kept, in a time that tells nothing of where they differ.
    pub(crate) fn is(&self, kept: &str) -> bool {
        self.0.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

/// A name between systems: 16 characters of lower-case base32, of 80 random bits.
pub(crate) fn random_name() -> Result<String, NoRandomness> {
    Ok(BASE32.encode(&random::<10>()?).to_ascii_lowercase())
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_alone_and_never_printed() {
        let token = NewToken::make().unwrap();
        assert_eq!(token.reveal().len(), 43);
        let kept = token.hash();
        assert!(TokenHash::of(token.reveal()).is(kept.as_str()));
        assert!(!TokenHash::of("another").is(kept.as_str()));
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn names_are_what_the_planning_of_jobs_takes() {
        let name = random_name().unwrap();
        assert_eq!(name.len(), 16);
        assert!(
            name.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        );
        assert_ne!(name, random_name().unwrap());
    }
}

//! What an authenticator says (`WebAuthn`, section 6.1): for which site, whether somebody was there and known to
//! it, how often it was used, and, once, the key that it made.

use super::{BadPasskey, cbor::Value};

/// The longest name of a passkey, in bytes.
const LONGEST_ID: usize = 1023;

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const MAY_BE_COPIED: u8 = 1 << 3;
const IS_COPIED: u8 = 1 << 4;
const HAS_KEY: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// What an authenticator says.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'b> {
    /// The SHA-256 of the site's name.
    pub(super) site_hash: &'b [u8],
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
    pub(super) count: u32,
    pub(super) made: Option<MadeKey<'b>>,
}

/// A key that it made.
#[derive(Debug)]
pub(super) struct MadeKey<'b> {
    pub(super) id: &'b [u8],
    pub(super) key: Value<'b>,
}

/// The authenticator's data out of an attestation that says nothing about who built it.
pub(super) fn of_attestation(object: &[u8]) -> Result<Vec<u8>, BadPasskey> {
    let object = Value::read_whole(object)?;
    let part = |name| object.get(&Value::Text(name));
    if part("fmt") != Some(&Value::Text("none")) || part("attStmt") != Some(&Value::Map(Vec::new()))
    {
        return Err(BadPasskey::Unreadable);
    }
    let data = part("authData").and_then(Value::bytes);
    data.map(<[u8]>::to_vec).ok_or(BadPasskey::Unreadable)
}

impl<'b> AuthenticatorData<'b> {
    pub(super) fn parse(bytes: &'b [u8]) -> Result<Self, BadPasskey> {
        let wrong = BadPasskey::Unreadable;
        let (site_hash, rest) = bytes.split_at_checked(32).ok_or(wrong)?;
        let (&[flags], rest) = rest.split_first_chunk().ok_or(wrong)?;
        let (&count, mut rest) = rest.split_first_chunk::<4>().ok_or(wrong)?;
        let is = |flag| flags & flag != 0;
        if is(IS_COPIED) && !is(MAY_BE_COPIED) {
            return Err(wrong);
        }
        let mut made = None;
        if is(HAS_KEY) {
            // Who built it stands first, and is not asked for.
            let (_, after) = rest.split_at_checked(16).ok_or(wrong)?;
            let (&length, after) = after.split_first_chunk().ok_or(wrong)?;
            let length = usize::from(u16::from_be_bytes(length));
            if !(1..=LONGEST_ID).contains(&length) {
                return Err(wrong);
            }
            let (id, after) = after.split_at_checked(length).ok_or(wrong)?;
            let (key, after) = Value::read(after)?;
            made = Some(MadeKey { id, key });
            rest = after;
        }
        if is(HAS_EXTENSIONS) {
            (_, rest) = Value::read(rest)?;
        }
        if !rest.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            site_hash,
            user_present: is(PRESENT),
            user_verified: is(VERIFIED),
            count: u32::from_be_bytes(count),
            made,
        })
    }
}

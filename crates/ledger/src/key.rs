//! Keys that sign notes and that verify them: <https://c2sp.org/signed-note>.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// What says that a key is one of Ed25519.
const ED25519_KIND: u8 = 0x01;

/// What a signing key begins with when it is written.
const PRIVATE: &str = "PRIVATE+KEY+";

/// The longest name of a key, in bytes.
const LONGEST_NAME: usize = 255;

/// Why a text is not the key that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It has not the three parts.
    #[error(
        "it is no key: a verifier key looks like example.org/ledger+1a2b3c4d+AQ… and is one line"
    )]
    Shape,
    /// Its name cannot stand in a signature.
    #[error("a key's name is 1 to 255 bytes without spaces, control characters and '+'")]
    Name,
    /// It is of another kind than Ed25519.
    #[error("the key is not one of Ed25519, the only kind that is read here")]
    Kind,
    /// Its number is not that of its name and bytes.
    #[error("the key was copied wrongly: its number does not fit its name and bytes")]
    Number,
}

/// A public key that verifies signatures, with the name that signs: `name+number+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl VerifierKey {
    fn new(name: &str, public: [u8; 32]) -> Result<Self, KeyFault> {
        let is_unfit = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(is_unfit) {
            return Err(KeyFault::Name);
        }
        let mut named = name.as_bytes().to_vec();
        named.extend([b'\n', ED25519_KIND]);
        named.extend(public);
        let mut id = [0; 4];
        id.copy_from_slice(&digest(&SHA256, &named).as_ref()[..4]);
        Ok(Self {
            name: name.to_owned(),
            id,
            public,
        })
    }

    /// Whose signatures it verifies; also the origin of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&self) -> [u8; 4] {
        self.id
    }

    pub(crate) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}

impl FromStr for VerifierKey {
    type Err = KeyFault;

    fn from_str(text: &str) -> Result<Self, KeyFault> {
        let (name, id, public) = parts(text)?;
        let key = Self::new(name, public)?;
        if key.id == id {
            Ok(key)
        } else {
            Err(KeyFault::Number)
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.name, self.id, &self.public))
    }
}

/// A private key that signs, with its name.
pub struct Signer {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl Signer {
    /// The key with these 32 secret bytes.
    pub(crate) fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, KeyFault> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyFault::Shape)?;
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| KeyFault::Shape)?;
        let verifier = VerifierKey::new(name, public)?;
        Ok(Self { pair, verifier })
    }

    /// Reads a signing key as Go's `sumdb/note` writes it: `PRIVATE+KEY+name+number+key`.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyFault> {
        let rest = text.strip_prefix(PRIVATE).ok_or(KeyFault::Shape)?;
        let (name, id, seed) = parts(rest)?;
        let signer = Self::from_seed(name, seed)?;
        if signer.verifier.id == id {
            Ok(signer)
        } else {
            Err(KeyFault::Number)
        }
    }

    /// What [`Signer::parse`] reads. It is a secret.
    pub(crate) fn secret_text(&self, seed: &[u8; 32]) -> String {
        let key = written(&self.verifier.name, self.verifier.id, seed);
        format!("{PRIVATE}{key}")
    }

    /// The key that verifies what this one signs: it may be given to everybody.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

fn parts(text: &str) -> Result<(&str, [u8; 4], [u8; 32]), KeyFault> {
    // The last part is base64 and may itself hold a '+'.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyFault::Shape);
    };
    let id = HEXLOWER_PERMISSIVE.decode(id.as_bytes());
    let id = id.ok().and_then(|id| id.try_into().ok());
    let key = BASE64.decode(key.as_bytes()).ok();
    let (Some(id), Some(key)) = (id, key) else {
        return Err(KeyFault::Shape);
    };
    let Some((&kind, key)) = key.split_first() else {
        return Err(KeyFault::Shape);
    };
    if kind != ED25519_KIND {
        return Err(KeyFault::Kind);
    }
    Ok((name, id, key.try_into().map_err(|_| KeyFault::Shape)?))
}

fn written(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let mut typed = vec![ED25519_KIND];
    typed.extend(key);
    let (id, key) = (HEXLOWER.encode(&id), BASE64.encode(&typed));
    format!("{name}+{id}+{key}")
}

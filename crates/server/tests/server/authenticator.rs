//! An authenticator with a passkey, played: it says what it is told to say.

use data_encoding::BASE64URL_NOPAD;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The site of these tests.
pub(crate) const ORIGIN: &str = "https://jobs.example.org";
const SITE: &str = "jobs.example.org";

/// Somebody was there, and known to it.
pub(crate) const PRESENT: u8 = 0b001;
pub(crate) const VERIFIED: u8 = 0b100;
const HAS_KEY: u8 = 1 << 6;

pub(crate) enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub(crate) struct Authenticator {
    pub(crate) id: Vec<u8>,
    pub(crate) key: Key,
}

/// What it says; what tests change.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) kind: &'static str,
    pub(crate) challenge: String,
    pub(crate) origin: &'static str,
    pub(crate) within_another: bool,
    pub(crate) site: &'static str,
    pub(crate) flags: u8,
    pub(crate) count: u32,
    pub(crate) format: &'static str,
    pub(crate) handle: String,
    /// Stands after the authenticator's data.
    pub(crate) more: Vec<u8>,
}

impl Said {
    /// What is right, to a question of the server.
    pub(crate) fn to(options: &Value) -> Self {
        let challenge = options["challenge"].as_str().unwrap().to_owned();
        Self {
            kind: "webauthn.get",
            challenge,
            origin: ORIGIN,
            within_another: false,
            site: SITE,
            flags: PRESENT | VERIFIED,
            count: 0,
            format: "none",
            handle: options["user"]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            more: Vec::new(),
        }
    }

    fn client_data(&self) -> Vec<u8> {
        let said = json!({
            "type": self.kind, "challenge": self.challenge, "origin": self.origin,
            "crossOrigin": self.within_another,
        });
        said.to_string().into_bytes()
    }

    fn data(&self, key: &[u8]) -> Vec<u8> {
        let mut data = Sha256::digest(self.site).to_vec();
        data.push(self.flags | if key.is_empty() { 0 } else { HAS_KEY });
        data.extend(self.count.to_be_bytes());
        data.extend(key);
        data.extend(&self.more);
        data
    }
}

impl Authenticator {
    pub(crate) fn of_p256(id: &[u8]) -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap();
        Self {
            id: id.to_vec(),
            key: Key::P256(key),
        }
    }

    pub(crate) fn of_ed25519(id: &[u8]) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        Self {
            id: id.to_vec(),
            key: Key::Ed25519(key),
        }
    }

    /// The fields of the form that adds it.
    pub(crate) fn creation(&self, said: &Said) -> Vec<(&'static str, String)> {
        self.creation_with(said, &self.public_key())
    }

    /// The same, with another text for the key.
    pub(crate) fn creation_with(&self, said: &Said, key: &[u8]) -> Vec<(&'static str, String)> {
        let mut made = vec![0; 16];
        made.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        made.extend(&self.id);
        made.extend(key);
        let data = said.data(&made);
        let mut object = vec![0xa3];
        object.extend(text("fmt"));
        object.extend(text(said.format));
        object.extend(text("attStmt"));
        object.push(0xa0);
        object.extend(text("authData"));
        object.push(0x59);
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        vec![
            ("client_data", encoded(&said.client_data())),
            ("attestation_object", encoded(&object)),
        ]
    }

    /// The fields of the form that signs somebody in by it.
    pub(crate) fn assertion(&self, said: &Said) -> Vec<(&'static str, String)> {
        let (data, client_data) = (said.data(&[]), said.client_data());
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = match &self.key {
            Key::P256(key) => {
                let signature = key.sign(&SystemRandom::new(), &signed).unwrap();
                signature.as_ref().to_vec()
            }
            Key::Ed25519(key) => key.sign(&signed).as_ref().to_vec(),
        };
        vec![
            ("credential_id", encoded(&self.id)),
            ("client_data", encoded(&client_data)),
            ("authenticator_data", encoded(&data)),
            ("signature", encoded(&signature)),
            ("user_handle", said.handle.clone()),
        ]
    }

    /// Its public key, as COSE writes it.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let point = key.public_key().as_ref();
                let mut map = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
                map.extend(&point[1..33]);
                map.extend([0x22, 0x58, 0x20]);
                map.extend(&point[33..]);
                map
            }
            Key::Ed25519(key) => {
                let mut map = vec![0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
                map.extend(key.public_key().as_ref());
                map
            }
        }
    }
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// A short text in CBOR.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x60 | u8::try_from(text.len()).unwrap()];
    bytes.extend(text.as_bytes());
    bytes
}

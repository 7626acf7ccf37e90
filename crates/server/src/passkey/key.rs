//! The public key of a passkey (COSE, RFC 9052), of a kind that browsers make.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};

use super::{BadPasskey, cbor::Value};

/// The kinds that browsers are asked for, as COSE numbers them: the first that their authenticator has.
pub(crate) const KINDS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key, in base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Key {
    /// A point of P-256, uncompressed.
    Es256(String),
    Ed25519(String),
    Rs256 {
        n: String,
        e: String,
    },
}

impl Key {
    pub(super) fn parse(map: &Value<'_>) -> Result<Self, BadPasskey> {
        let number = |name| map.get(&Value::Number(name)).and_then(Value::number);
        let bytes = |name, size: usize| {
            let bytes = map.get(&Value::Number(name)).and_then(Value::bytes);
            bytes
                .filter(|bytes| size == 0 || bytes.len() == size)
                .ok_or(BadPasskey::Key)
        };
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        // The kind, the algorithm, and the curve.
        match (number(1), number(3), number(-1)) {
            (Some(2), Some(ES256), Some(1)) => {
                let mut point = vec![4];
                point.extend_from_slice(bytes(-2, 32)?);
                point.extend_from_slice(bytes(-3, 32)?);
                Ok(Self::Es256(text(&point)))
            }
            (Some(1), Some(EDDSA), Some(6)) => Ok(Self::Ed25519(text(bytes(-2, 32)?))),
            (Some(3), Some(RS256), None) => Ok(Self::Rs256 {
                n: text(bytes(-1, 0)?),
                e: text(bytes(-2, 0)?),
            }),
            _ => Err(BadPasskey::Key),
        }
    }

    pub(super) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let verified = match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes(point))
                .verify(text, signature),
            Self::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, bytes(key)).verify(text, signature)
            }
            Self::Rs256 { n, e } => {
                let (n, e) = (bytes(n), bytes(e));
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
            }
        };
        verified.is_ok()
    }
}

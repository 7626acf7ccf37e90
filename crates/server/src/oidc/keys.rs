//! The keys that a provider signs with.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use super::OidcError;

/// More than any provider has.
const MOST: usize = 64;

/// How tokens may be signed. There is no other way, and none at all is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A key. What it is decides how it verifies, and not what a token says.
#[derive(Debug)]
struct Key {
    name: Option<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256([u8; 65]),
}

/// The keys of a provider.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Deserialize)]
struct Said {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads the keys that can verify here; others are left out.
    pub(super) fn parse(text: &[u8]) -> Result<Self, OidcError> {
        let unread = || OidcError::Provider("its keys cannot be read");
        let said: Said = serde_json::from_slice(text).map_err(|_| unread())?;
        let keys = said.keys.into_iter().take(MOST);
        let keys: Vec<Key> = keys
            .filter_map(|key| serde_json::from_value(key).ok())
            .filter_map(Key::of)
            .collect();
        if keys.is_empty() {
            return Err(OidcError::Provider("it has no key of RS256 or ES256"));
        }
        Ok(Self(keys))
    }

    /// Whether there is one of a name; of a token without a name, any will do.
    pub(super) fn has(&self, name: Option<&str>) -> bool {
        name.is_none() || self.0.iter().any(|key| key.name.as_deref() == name)
    }

    /// Whether one of the keys signed a text. Where the token names a key, it is that one.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        name: Option<&str>,
        text: &[u8],
        signature: &[u8],
    ) -> bool {
        let named =
            |key: &&Key| name.is_none() || key.name.is_none() || key.name.as_deref() == name;
        self.0
            .iter()
            .filter(named)
            .any(|key| key.verify(algorithm, text, signature))
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Self> {
        if jwk.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| BASE64URL_NOPAD.decode(text?.as_bytes()).ok();
        let (kind, algorithm) = match jwk.kty.as_str() {
            "RSA" => {
                let unpadded = |bytes: Vec<u8>| {
                    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
                    bytes[zeros..].to_vec()
                };
                let (n, e) = (unpadded(bytes(jwk.n)?), unpadded(bytes(jwk.e)?));
                (Kind::Rsa { n, e }, "RS256")
            }
            "EC" if jwk.crv.as_deref() == Some("P-256") => {
                let (x, y) = (bytes(jwk.x)?, bytes(jwk.y)?);
                if (x.len(), y.len()) != (32, 32) {
                    return None;
                }
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&x);
                point[33..].copy_from_slice(&y);
                (Kind::P256(point), "ES256")
            }
            _ => return None,
        };
        if jwk.alg.is_some_and(|alg| alg != algorithm) {
            return None;
        }
        Some(Self {
            name: jwk.kid,
            kind,
        })
    }

    fn verify(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        match (&self.kind, algorithm) {
            (Kind::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
                .is_ok(),
            (Kind::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(text, signature)
                    .is_ok()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Made by another program: a text, its signature, and the modulus of the key.
    const TEXT: &[u8] = b"eyJhbGciOiJSUzI1NiIsImtpZCI6Im9uZSJ9.e30";
    const SIGNATURE: &str = "\
        WHO94rYITQckJRFrrIBprlX_LG64Vuf2J8vNtonfOwB1zRab8XqUTxRR5erBjSS4-8s7lm3LKsPGxDxuUX8jrNlt\
        Gt8KPErblz-Ji9PXHlIoor_nnS1-GNwikAX_IbPSjyugzSX6D-zUt8kKtcp8SGDd7lsTr4GF9tp2m1wTY4g0KSm1\
        RPoZsZY5sJRl7LZP0ISWPAP9U7xgV-IBulQxoC21L5-R-6sPSA-v-xsVdr26NmGF8zLpVcBWpIHNEb8cOg54-QKr\
        ift2WZhTh0wOcBm6NbCiYYuiQ38x1UGQWX0BtUDnpBFmcl2yCbfLNYt1YHP6L_Dkx-JkDvz8yC_brQ";
    const MODULUS: &str = "\
        2-BngHh1Ek_OgdpnNcwXie2yWt8Suk7ruunBc1rtZNgk8igAILG7zJkQdsz1RUeTqNOrFdP-ZiSTz7vOYQBq4kNX\
        oC0faULWEV_untTeiAnx77OpE3MIPxGBdKWplDhHxetZIkvmEysL2DWK7SjZqovmJSkd3KTJxLcPVGmItqV34Kwz\
        XhT17uuyL5a8hcduYrNblPvoJNO7K6_DFKY9mFpLUsjsCwIxJ6B4iFKP8_be72Y3OH3NTVk6hPzgblG1rX41wakE\
        zSpayazj0fXlhabfnBwwviN2As5Sc4zOdvUCaGC3dYyHuxQRtnr-iOJrWnGmhqkT5o4OeOrOh2z6cQ";

    fn set(changes: &[(&str, Value)]) -> Result<KeySet, OidcError> {
        let mut key = json!({ "kty": "RSA", "kid": "one", "n": MODULUS, "e": "AQAB" });
        for (name, value) in changes {
            key[*name] = value.clone();
        }
        KeySet::parse(
            json!({ "keys": [key, { "kty": "oct", "k": "AA" }] })
                .to_string()
                .as_bytes(),
        )
    }

    #[test]
    fn a_signature_of_rsa_is_verified_by_the_key_that_made_it_and_no_other() {
        use Algorithm::{Es256, Rs256};

        let signature = BASE64URL_NOPAD.decode(SIGNATURE.as_bytes()).unwrap();
        let mut wrong = signature.clone();
        wrong[40] ^= 1;
        let keys = set(&[]).unwrap();
        let verified = |algorithm, name, text: &[u8], signature: &[u8]| {
            keys.verify(algorithm, name, text, signature)
        };
        assert!(verified(Rs256, Some("one"), TEXT, &signature));
        assert!(verified(Rs256, None, TEXT, &signature));
        assert!(!verified(Rs256, Some("two"), TEXT, &signature));
        assert!(!verified(Es256, Some("one"), TEXT, &signature));
        assert!(!verified(Rs256, Some("one"), b"e30.e30", &signature));
        assert!(!verified(Rs256, Some("one"), TEXT, &wrong));
        assert!(!verified(Rs256, Some("one"), TEXT, b""));
    }

    #[test]
    fn keys_that_are_for_something_else_are_left_out() {
        let cases = [
            (vec![("use", json!("sig")), ("alg", json!("RS256"))], true),
            (vec![("use", json!("enc"))], false),
            (vec![("alg", json!("RSA-OAEP"))], false),
            (vec![("alg", json!("HS256"))], false),
            (vec![("kty", json!("oct"))], false),
            (vec![("kty", json!("EC")), ("crv", json!("P-256"))], false),
            (vec![("n", json!("not base64!"))], false),
            (vec![("n", Value::Null)], false),
        ];
        for (changes, wanted) in cases {
            assert_eq!(set(&changes).is_ok(), wanted, "{changes:?}");
        }
        for text in [&b"{}"[..], b"{\"keys\":[]}", b"{\"keys\":[1]}", b"no JSON"] {
            assert!(KeySet::parse(text).is_err());
        }
        // One that is too weak verifies nothing.
        let keys = set(&[("n", json!("AQAB"))]).unwrap();
        assert!(!keys.verify(Algorithm::Rs256, None, TEXT, &[1, 0, 1]));
    }
}

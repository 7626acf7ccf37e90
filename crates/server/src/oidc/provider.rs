//! What the provider says of itself, and its keys: fetched when they are needed, and kept for a while.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::{OidcError, address::Address, call::Calls, keys::KeySet};

/// How long what it said counts.
const FRESH: Duration = Duration::from_hours(1);

/// How soon it is asked again: after a failure, and for a key that was not there.
const AGAIN: Duration = Duration::from_secs(10);

/// What is below the issuer's address.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What the provider says of itself.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: Address,
    pub(super) token_endpoint: Address,
    jwks_uri: Address,
    /// Whether the secret goes into a header, as is usual, or into the form.
    pub(super) takes_basic: bool,
    /// Whether it names itself when it sends a browser back.
    pub(super) names_itself: bool,
}

/// The provider.
pub(super) struct Provider {
    issuer: String,
    calls: Calls,
    metadata: Mutex<Kept<Metadata>>,
    keys: Mutex<Kept<KeySet>>,
}

/// Something that was fetched, and when that was last tried.
struct Kept<T> {
    value: Option<(Instant, Arc<T>)>,
    tried: Option<Instant>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            value: None,
            tried: None,
        }
    }
}

impl<T> Kept<T> {
    fn fresh(&self) -> Option<Arc<T>> {
        let (at, value) = self.value.as_ref()?;
        (at.elapsed() < FRESH).then(|| Arc::clone(value))
    }

    /// Whether it is too soon to ask again.
    fn was_tried(&self) -> bool {
        self.tried.is_some_and(|at| at.elapsed() < AGAIN)
    }

    fn keep(&mut self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        self.value = Some((Instant::now(), Arc::clone(&value)));
        value
    }
}

impl Provider {
    pub(super) fn new(issuer: &str, address: &Address) -> Self {
        Self {
            issuer: issuer.to_owned(),
            calls: Calls::new(address),
            metadata: Mutex::default(),
            keys: Mutex::default(),
        }
    }

    pub(super) fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What it says of itself. Those who come while it is asked wait for the same answer.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let mut kept = self.metadata.lock().await;
        if let Some(value) = kept.fresh() {
            return Ok(value);
        }
        if kept.was_tried() {
            return Err(OidcError::Call("it failed a moment ago".to_owned()));
        }
        kept.tried = Some(Instant::now());
        let base = self.issuer.trim_end_matches('/');
        let address = Address::parse(&format!("{base}{WELL_KNOWN}"))
            .ok_or(OidcError::Provider("its address cannot be called"))?;
        let answer = self.calls.get(&address).await?;
        let metadata = Metadata::parse(&answer, &self.issuer)?;
        kept.tried = None;
        Ok(kept.keep(metadata))
    }

    /// Its keys, with that of a name if it has it. A name that is not known is looked for, but not again
    /// and again: anybody could make names up.
    pub(super) async fn keys(
        &self,
        metadata: &Metadata,
        name: Option<&str>,
    ) -> Result<Arc<KeySet>, OidcError> {
        let mut kept = self.keys.lock().await;
        if let Some(keys) = kept.fresh()
            && (keys.has(name) || kept.was_tried())
        {
            return Ok(keys);
        }
        if kept.was_tried() {
            return Err(OidcError::Call("it failed a moment ago".to_owned()));
        }
        kept.tried = Some(Instant::now());
        let answer = self.calls.get(&metadata.jwks_uri).await?;
        let keys = KeySet::parse(&answer)?;
        Ok(kept.keep(keys))
    }
}

impl Metadata {
    fn parse(text: &[u8], issuer: &str) -> Result<Self, OidcError> {
        #[derive(Deserialize)]
        struct Said {
            issuer: String,
            authorization_endpoint: String,
            token_endpoint: String,
            jwks_uri: String,
            token_endpoint_auth_methods_supported: Option<Vec<String>>,
            #[serde(default)]
            authorization_response_iss_parameter_supported: bool,
        }
        let said: Said = serde_json::from_slice(text)
            .map_err(|_| OidcError::Provider("its description cannot be read"))?;
        // Otherwise somebody else's description would be taken for this provider's.
        if said.issuer != issuer {
            return Err(OidcError::Provider(
                "it calls itself otherwise than the settings do",
            ));
        }
        let address = |text: &str| {
            Address::parse(text).ok_or(OidcError::Provider("it names an address without TLS"))
        };
        let takes_basic = said
            .token_endpoint_auth_methods_supported
            .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        Ok(Self {
            authorization_endpoint: address(&said.authorization_endpoint)?,
            token_endpoint: address(&said.token_endpoint)?,
            jwks_uri: address(&said.jwks_uri)?,
            takes_basic,
            names_itself: said.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(changes: &[(&str, serde_json::Value)]) -> Vec<u8> {
        let mut said = serde_json::json!({
            "issuer": "https://id.example.org/",
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": "https://id.example.org/token",
            "jwks_uri": "https://id.example.org/keys",
        });
        for (name, value) in changes {
            said[*name] = value.clone();
        }
        said.to_string().into_bytes()
    }

    #[test]
    fn a_description_is_that_of_the_provider_and_leads_nowhere_without_tls() {
        let cases = [
            (said(&[]), true),
            (said(&[("issuer", "https://id.example.org".into())]), false),
            (said(&[("issuer", "https://evil.example/".into())]), false),
            (
                said(&[("token_endpoint", "http://id.example.org/token".into())]),
                false,
            ),
            (said(&[("jwks_uri", "file:///etc/passwd".into())]), false),
            (
                said(&[("authorization_endpoint", "javascript:alert(1)".into())]),
                false,
            ),
            (said(&[("jwks_uri", serde_json::Value::Null)]), false),
            (b"not JSON".to_vec(), false),
        ];
        for (text, wanted) in cases {
            let parsed = Metadata::parse(&text, "https://id.example.org/");
            assert_eq!(parsed.is_ok(), wanted, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        let methods = "token_endpoint_auth_methods_supported";
        for (value, wanted) in [
            (serde_json::json!(["client_secret_post"]), false),
            (
                serde_json::json!(["client_secret_post", "client_secret_basic"]),
                true,
            ),
        ] {
            let parsed = Metadata::parse(&said(&[(methods, value)]), "https://id.example.org/");
            assert_eq!(parsed.unwrap().takes_basic, wanted);
        }
    }
}

//! Signing in by a provider of identities: OpenID Connect, with the authorisation code flow and PKCE.
//!
//! The browser is sent to the provider with a state that is known to it and to this server alone, and comes
//! back with a code. The server exchanges it for a token that the provider signed, and believes what it
//! says only if it is about this sign-in, for this server, by this provider, and of now.
//!
//! * [`address`] says whom the server calls at all, [`call`] does so.
//! * [`provider`] keeps what the provider says of itself, [`keys`] are those it signs with.
//! * [`id_token`] says whom a token is about, [`pending`] which sign-ins are under way.
//!
//! The protocol is small, and the library for it would bring 38 crates, among them a second implementation of
//! RSA that leaks its timing; signatures are checked by ring, as those of TLS are.

mod address;
mod call;
mod id_token;
mod keys;
mod pending;
mod provider;

use std::fmt;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

pub(crate) use id_token::Known;
pub(crate) use pending::{Begun, LASTS};

use crate::{
    clock,
    token::{NewToken, NoRandomness},
};
use address::Address;
use id_token::{BadToken, Expected, IdToken};
use pending::Pending;
use provider::{Metadata, Provider};

/// The path that the provider sends browsers back to. It is to be entered at the provider.
pub(crate) const CALLBACK: &str = "/sign-in/provider/callback";

/// A provider of identities, as the settings name it.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// Its address, exactly as the provider writes it: `https`, or `http` on this machine for tests.
    pub issuer: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// What proves to the provider that it is this server.
    pub client_secret: ClientSecret,
    /// What the button says.
    pub button: String,
    /// Whether people whom nobody entered get an account, which may do nothing. Otherwise they are told
    /// to ask for one.
    pub admit_unknown: bool,
}

/// A secret that is never printed.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret, out of a file that only the server may read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// Why settings name no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer must be an https address without a user, a query or a fragment")]
pub struct BadIssuer;

/// Why somebody is not signed in by the provider.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    #[error("the answer belongs to no sign-in of this browser")]
    NotBegun,
    #[error("the answer comes from another provider")]
    OtherIssuer,
    #[error("the provider did not sign them in")]
    Denied,
    #[error("the provider cannot be called: {0}")]
    Call(String),
    #[error("the provider says of itself what cannot be: {0}")]
    Provider(&'static str),
    #[error("the provider's token proves nothing: {0}")]
    Token(#[from] BadToken),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What the provider sends back by the browser.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Returned {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

/// The provider, and the sign-ins that are under way.
pub(crate) struct Oidc {
    settings: OidcSettings,
    redirect: String,
    provider: Provider,
    pending: Pending,
}

impl Oidc {
    /// For a server that people reach at an origin. Nothing is called yet.
    pub(crate) fn new(settings: OidcSettings, origin: &str) -> Result<Self, BadIssuer> {
        let issuer = Address::parse(&settings.issuer).ok_or(BadIssuer)?;
        if settings.issuer.contains(['?', '#']) {
            return Err(BadIssuer);
        }
        Ok(Self {
            provider: Provider::new(&settings.issuer, &issuer),
            redirect: format!("{origin}{CALLBACK}"),
            pending: Pending::default(),
            settings,
        })
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    pub(crate) fn button(&self) -> &str {
        &self.settings.button
    }

    pub(crate) fn admits_unknown(&self) -> bool {
        self.settings.admit_unknown
    }

    /// Begins a sign-in that goes on to a path: the address to send the browser to, and what it keeps.
    pub(crate) async fn begin(&self, next: &str) -> Result<(String, NewToken), OidcError> {
        let metadata = self.provider.metadata().await?;
        let (state, browser) = (NewToken::make()?, NewToken::make()?);
        let (nonce, verifier) = (NewToken::make()?, NewToken::make()?);
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.reveal()));
        let endpoint = metadata.authorization_endpoint.as_str();
        let fields = [
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &self.redirect),
            ("scope", "openid email profile"),
            ("state", state.reveal()),
            ("nonce", nonce.reveal()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let join = if endpoint.contains('?') { '&' } else { '?' };
        let address = format!("{endpoint}{join}{}", form(&fields));
        let begun = Begun {
            nonce: nonce.reveal().to_owned(),
            verifier: verifier.reveal().to_owned(),
            next: next.to_owned(),
        };
        self.pending.begin(&state, &browser, begun);
        Ok((address, browser))
    }

    /// Ends a sign-in: whom the provider says it is, and the path that they go on to.
    pub(crate) async fn finish(
        &self,
        returned: &Returned,
        browser: &str,
    ) -> Result<(Known, String), OidcError> {
        let state = returned.state.as_deref().ok_or(OidcError::NotBegun)?;
        let begun = self
            .pending
            .take(state, browser)
            .ok_or(OidcError::NotBegun)?;
        let metadata = self.provider.metadata().await?;
        match &returned.iss {
            Some(issuer) if *issuer != self.settings.issuer => return Err(OidcError::OtherIssuer),
            None if metadata.names_itself => return Err(OidcError::OtherIssuer),
            _ => {}
        }
        let (None, Some(code)) = (&returned.error, &returned.code) else {
            return Err(OidcError::Denied);
        };
        let text = self.exchange(&metadata, code, &begun).await?;
        let token = IdToken::parse(&text)?;
        let keys = self.provider.keys(&metadata, token.key_id()).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &begun.nonce,
            now: clock::now(),
        };
        Ok((token.known(&keys, &expected)?, begun.next))
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        begun: &Begun,
    ) -> Result<String, OidcError> {
        #[derive(Deserialize)]
        struct Tokens {
            id_token: String,
        }
        let (id, secret) = (&self.settings.client_id, &self.settings.client_secret.0);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", &begun.verifier),
        ];
        let basic = if metadata.takes_basic {
            let pair = format!("{}:{}", encoded(id), encoded(secret));
            Some(format!("Basic {}", BASE64.encode(pair.as_bytes())))
        } else {
            fields.extend([("client_id", id.as_str()), ("client_secret", secret)]);
            None
        };
        let calls = self.provider.calls();
        let answer = calls
            .post(&metadata.token_endpoint, form(&fields), basic)
            .await?;
        let tokens: Tokens = serde_json::from_slice(&answer)
            .map_err(|_| OidcError::Provider("it gives no token"))?;
        Ok(tokens.id_token)
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    crate::web::encoded(text)
}

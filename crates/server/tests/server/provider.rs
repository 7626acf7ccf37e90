//! A provider of identities, played on the loopback interface.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use glovebox_server::{ClientSecret, OidcSettings};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::browser::Browser;

const CLIENT: &str = "glovebox";
const SECRET: &str = "a secret: with + and %";

/// The code that it gives out.
pub(crate) const CODE: &str = "the-code";

pub(crate) struct Provider {
    pub(crate) issuer: String,
    key: EcdsaKeyPair,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

/// What it answers with.
#[derive(Default)]
struct Shared {
    issuer: String,
    keys: Value,
    challenge: String,
    redirect: String,
    token: String,
    names_itself: bool,
}

/// What the server asked of it by the browser.
pub(crate) struct Asked {
    pub(crate) state: String,
    pub(crate) nonce: String,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = new_key();
        let point = key.public_key().as_ref();
        let keys = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "alg": "ES256",
            "x": BASE64URL_NOPAD.encode(&point[1..33]),
            "y": BASE64URL_NOPAD.encode(&point[33..]),
        }] });
        let shared = Arc::new(Mutex::new(Shared {
            issuer: issuer.clone(),
            keys,
            ..Shared::default()
        }));
        let played = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other: the server calls it a few times.
                let _ = answer(stream, &played).await;
            }
        });
        Self {
            issuer,
            key,
            shared,
            task,
        }
    }

    pub(crate) fn settings(&self, admit_unknown: bool) -> OidcSettings {
        OidcSettings {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: ClientSecret::new(SECRET),
            button: "Sign in with the institute".to_owned(),
            admit_unknown,
        }
    }

    /// Whether it says which provider it is when it sends a browser back.
    pub(crate) fn names_itself(&self) {
        self.shared.lock().unwrap().names_itself = true;
    }

    /// Lets a browser begin, as by the button, and sees what it is sent with.
    pub(crate) async fn begin(&self, browser: &mut Browser, next: &str) -> Asked {
        let sent = browser
            .get(&format!("/sign-in/provider/?next={next}"))
            .await;
        let location = sent.header("location").expect("an address").to_owned();
        assert_eq!(sent.status, 303);
        let (endpoint, query) = location.split_once('?').unwrap();
        assert_eq!(endpoint, format!("{}/authorize", self.issuer));
        let mut fields = fields(query);
        let mut take = |name| fields.remove(name).unwrap_or_default();
        assert_eq!(take("response_type"), "code");
        assert_eq!(take("client_id"), CLIENT);
        assert_eq!(take("scope"), "openid email profile");
        assert_eq!(take("code_challenge_method"), "S256");
        let mut shared = self.shared.lock().unwrap();
        shared.challenge = take("code_challenge");
        shared.redirect = take("redirect_uri");
        Asked {
            state: take("state"),
            nonce: take("nonce"),
        }
    }

    /// What a token of it says of somebody.
    pub(crate) fn claims(&self, asked: &Asked, subject: &str) -> Value {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        json!({
            "iss": self.issuer, "sub": subject, "aud": CLIENT, "nonce": asked.nonce,
            "iat": now, "exp": now + 300,
        })
    }

    /// A token with a signature of it.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        signed_by(&self.key, header, claims)
    }

    /// What it gives for the code.
    pub(crate) fn gives(&self, token: String) {
        self.shared.lock().unwrap().token = token;
    }

    /// Sends the browser back with the code, and a token that says so behind it.
    pub(crate) async fn sends_back(
        &self,
        browser: &mut Browser,
        asked: &Asked,
        claims: &Value,
    ) -> crate::http::Answered {
        self.gives(self.signed(&header(), claims));
        browser.get(&back(&asked.state)).await
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The path by which it sends a browser back.
pub(crate) fn back(state: &str) -> String {
    format!("/sign-in/provider/callback?code={CODE}&state={state}")
}

pub(crate) fn header() -> Value {
    json!({ "alg": "ES256", "kid": "one", "typ": "JWT" })
}

pub(crate) fn new_key() -> EcdsaKeyPair {
    let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap()
}

pub(crate) fn signed_by(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

async fn answer(mut stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let (head, body) = loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        read.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = named(head, "content-length").map_or(0, |text| text.parse().unwrap());
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    let (status, body) = said(&head, &body, &shared.lock().unwrap());
    let body = body.to_string();
    let text = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

fn said(head: &str, body: &str, shared: &Shared) -> (u16, Value) {
    let issuer = &shared.issuer;
    let line = head.lines().next().unwrap_or_default();
    match line.rsplit_once(' ').map(|(call, _)| call) {
        Some("GET /.well-known/openid-configuration") => {
            let said = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "authorization_response_iss_parameter_supported": shared.names_itself,
            });
            (200, said)
        }
        Some("GET /keys") => (200, shared.keys.clone()),
        Some("POST /token") => {
            let fields = fields(body);
            let pair = "glovebox:a%20secret%3A%20with%20%2B%20and%20%25";
            let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
            let verifier = fields.get("code_verifier").map_or("", String::as_str);
            let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier));
            let is_right = named(head, "authorization") == Some(&basic)
                && challenge == shared.challenge
                && fields["grant_type"] == "authorization_code"
                && fields["code"] == CODE
                && fields["redirect_uri"] == shared.redirect;
            if is_right {
                (
                    200,
                    json!({ "id_token": shared.token, "token_type": "Bearer" }),
                )
            } else {
                (400, json!({ "error": "invalid_grant" }))
            }
        }
        _ => (404, Value::Null),
    }
}

fn named<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn fields(text: &str) -> HashMap<String, String> {
    serde_html_form::from_str(text).unwrap()
}

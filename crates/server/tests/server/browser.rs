//! What a browser does: it keeps cookies, and sends forms that stand in pages.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use crate::{
    http::{Answered, call_with},
    place::Place,
};

pub(crate) struct Browser {
    server: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The address that a proxy says it is at.
    pub(crate) at: &'static str,
}

impl Browser {
    pub(crate) fn new(place: &Place) -> Self {
        Self {
            server: place.address(),
            cookies: BTreeMap::new(),
            at: "198.51.100.1",
        }
    }

    /// One in which a person is signed in by an address that was given to them.
    pub(crate) async fn by_link(place: &Place, username: &str) -> Self {
        let mut browser = Self::new(place);
        let answered = browser.post(&link(place, username).await, &[]).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answered {
        self.call("GET", path, "").await
    }

    /// Sends a form as it is.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.call("POST", path, &body).await
    }

    /// Sends a form with the proof that stands in this browser's pages.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let page = self.get("/").await;
        let (_, rest) = page
            .body
            .split_once("name=\"proof\" value=\"")
            .expect("somebody is signed in");
        let proof = rest.split('"').next().unwrap().to_owned();
        let mut all = fields.to_vec();
        all.push(("proof", &proof));
        self.post(path, &all).await
    }

    pub(crate) async fn sign_in(&mut self, username: &str, password: &str) -> Answered {
        let fields = [("username", username), ("password", password)];
        self.post("/sign-in/", &fields).await
    }

    /// Whose name stands in the pages; none for nobody's.
    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.get("/").await.body.contains("action=\"/sign-out/\"")
    }

    async fn call(&mut self, method: &str, path: &str, body: &str) -> Answered {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = format!("Cookie: {}", pairs.join("; "));
        let form = "Content-Type: application/x-www-form-urlencoded";
        let at = format!("X-Forwarded-For: {}", self.at);
        let headers = [form, "Accept: text/html", &at, &cookies];
        let headers = if self.cookies.is_empty() {
            &headers[..3]
        } else {
            &headers[..]
        };
        let answered = call_with(self.server, method, path, headers, body).await;
        for line in answered.head.lines() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let pair = value.trim().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answered
    }
}

/// The path of a page that signs somebody in once.
pub(crate) async fn link(place: &Place, username: &str) -> String {
    let admin = place.admin().await;
    let token = admin
        .create_sign_in_link(username, Duration::from_mins(5))
        .await;
    format!("/sign-in/{}/", token.unwrap().reveal())
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(one).collect()
}

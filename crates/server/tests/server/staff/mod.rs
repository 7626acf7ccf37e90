//! The staff area, in the browsers of people with different roles.

mod changes;
mod lists;
mod visibility;

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use glovebox_server::{NewGrant, Role};

use crate::{
    http::{Answered, call_with},
    place::Place,
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// What a form carries: names and values.
type Fields<'f> = &'f [(&'f str, &'f str)];

/// Somebody's browser.
struct Browser {
    server: SocketAddr,
    /// The header with it.
    cookie: Option<String>,
    proof: String,
}

impl Browser {
    /// Of nobody who is signed in.
    fn of_visitor(place: &Place) -> Self {
        Self {
            server: place.address(),
            cookie: None,
            proof: "none".to_owned(),
        }
    }

    /// Of a new person with roles, signed in. A role for projects is for that of the place.
    async fn of(place: &Place, username: &str, roles: &[Role]) -> Self {
        let admin = place.admin().await;
        admin.create_person(username, username).await.unwrap();
        for &role in roles {
            let grant = NewGrant {
                username: username.to_owned(),
                role,
                project: (!role.is_for_everywhere()).then(|| "sick-notes".to_owned()),
                from: None,
                until: None,
            };
            admin.grant_role(&grant).await.unwrap();
        }
        let lasts = Duration::from_mins(1);
        let token = admin.create_sign_in_link(username, lasts).await.unwrap();
        let mut browser = Self::of_visitor(place);
        let path = format!("/sign-in/{}/", token.reveal());
        let answered = browser.post(&path, &[]).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        let cookie = answered.header("set-cookie").unwrap();
        let pair = cookie.split(';').next().unwrap();
        browser.cookie = Some(format!("Cookie: {pair}"));
        let home = browser.get("/").await;
        let proof = between(&home.body, "name=\"proof\" value=\"", "\"");
        proof.clone_into(&mut browser.proof);
        browser
    }

    async fn get(&self, path: &str) -> Answered {
        call_with(self.server, "GET", path, &self.headers(&[]), "").await
    }

    /// Sends a form of ours.
    async fn post(&self, path: &str, fields: Fields<'_>) -> Answered {
        self.post_with(&self.proof, path, fields).await
    }

    async fn post_with(&self, proof: &str, path: &str, fields: Fields<'_>) -> Answered {
        let mut body = format!("proof={}", encoded(proof));
        for (name, value) in fields {
            let _ = write!(body, "&{name}={}", encoded(value));
        }
        call_with(self.server, "POST", path, &self.headers(&[FORM]), &body).await
    }

    /// Sends a form that is taken, and gives the page it leads to.
    async fn change(&self, path: &str, fields: Fields<'_>) -> String {
        let answered = self.post(path, fields).await;
        assert_eq!(answered.status, 303, "{path}: {}", answered.body);
        let page = self.get(answered.header("location").unwrap()).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(page.body.contains("role=\"status\""), "{}", page.body);
        page.body
    }

    fn headers<'h>(&'h self, more: &[&'h str]) -> Vec<&'h str> {
        self.cookie
            .as_deref()
            .into_iter()
            .chain(more.iter().copied())
            .collect()
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}

/// What stands between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).expect("what stands before");
    rest.split_once(after).expect("what stands after").0
}

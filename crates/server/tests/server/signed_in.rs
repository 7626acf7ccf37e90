//! Somebody who is signed in, and fills in forms.

use std::time::Duration;

use crate::{
    http::{Answered, call_with},
    place::Place,
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

pub(crate) struct Browser {
    cookie: String,
    proof: String,
}

impl Browser {
    pub(crate) async fn sign_in(place: &Place, username: &str) -> Self {
        let admin = place.admin().await;
        let lasts = Duration::from_mins(5);
        let token = admin.create_sign_in_link(username, lasts).await.unwrap();
        let path = format!("/sign-in/{}/", token.reveal());
        let answered = call_with(place.address(), "POST", &path, &[FORM], "").await;
        let cookie = answered.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap();
        let mut browser = Self {
            cookie: format!("Cookie: {cookie}"),
            proof: String::new(),
        };
        let home = browser.get(place, "/").await.body;
        let (_, rest) = home.split_once("name=\"proof\" value=\"").expect("a form");
        rest.split('"')
            .next()
            .unwrap()
            .clone_into(&mut browser.proof);
        browser
    }

    pub(crate) async fn get(&self, place: &Place, path: &str) -> Answered {
        call_with(place.address(), "GET", path, &[&self.cookie], "").await
    }

    /// Sends a form with the proof that it is theirs.
    pub(crate) async fn send(
        &self,
        place: &Place,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answered {
        let mut fields = fields.to_vec();
        fields.push(("proof", &self.proof));
        self.send_unproved(place, path, &fields).await
    }

    pub(crate) async fn send_unproved(
        &self,
        place: &Place,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answered {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let headers = [FORM, self.cookie.as_str()];
        call_with(place.address(), "POST", path, &headers, &body.join("&")).await
    }
}

/// Text as it stands in an address or a form.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

/// The value of a field that people do not see.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).expect("such a field");
    rest.split('"').next().unwrap().to_owned()
}

/// Fails with the whole page if a part is not in it.
#[track_caller]
pub(crate) fn has(page: &Answered, part: &str) {
    assert!(
        page.body.contains(part),
        "`{part}` is not in\n{}",
        page.body
    );
}

/// Fails with the whole page if a part is in it.
#[track_caller]
pub(crate) fn lacks(page: &Answered, part: &str) {
    assert!(!page.body.contains(part), "`{part}` is in\n{}", page.body);
}

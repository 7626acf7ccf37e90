//! Passkeys: added, used, and what those try who have none.

use serde_json::Value;

use crate::{
    authenticator::{Authenticator, ORIGIN, PRESENT, Said, VERIFIED, encoded},
    browser::Browser,
    http::Answered,
    place::{Place, everywhere},
};

/// A place that people reach by a name.
async fn named(mut place: Place) -> Place {
    place.public_origin = Some(ORIGIN.to_owned());
    place.stop().await;
    place.start().await;
    place
}

/// What the server asks a browser that is to make a passkey.
async fn to_add(browser: &mut Browser) -> Said {
    let options: Value = browser.get("/settings/passkeys/options").await.json();
    assert_eq!(options["attestation"], "none");
    assert_eq!(
        options["authenticatorSelection"]["userVerification"],
        "required"
    );
    Said {
        kind: "webauthn.create",
        ..Said::to(&options)
    }
}

/// What the server asks a browser that signs somebody in.
async fn to_use(browser: &mut Browser, handle: &str) -> Said {
    let options: Value = browser.get("/sign-in/passkey/options").await.json();
    assert_eq!(options["userVerification"], "required");
    assert!(options.get("allowCredentials").is_none());
    Said {
        handle: handle.to_owned(),
        ..Said::to(&options)
    }
}

async fn send(
    browser: &mut Browser,
    path: &str,
    fields: &[(&'static str, String)],
    name: Option<&str>,
) -> Answered {
    let mut all: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    if let Some(name) = name {
        all.push(("name", name));
        return browser.submit(path, &all).await;
    }
    browser.post(path, &all).await
}

/// Adds a passkey to a person's account, and gives what authenticators know them by.
async fn add(place: &Place, username: &str, passkey: &Authenticator) -> String {
    let mut browser = Browser::by_link(place, username).await;
    let said = to_add(&mut browser).await;
    let fields = passkey.creation(&said);
    let added = send(&mut browser, "/settings/passkeys/", &fields, Some("a key")).await;
    assert_eq!(added.status, 303, "{}", added.body);
    said.handle
}

#[tokio::test]
async fn a_passkey_is_added_used_renamed_and_removed() {
    everywhere(async |place| {
        let place = named(place).await;
        place.person("checker", None).await;
        for (number, passkey) in [
            Authenticator::of_p256(b"one of p256"),
            Authenticator::of_ed25519(b"one of ed25519"),
        ]
        .iter()
        .enumerate()
        {
            let handle = add(&place, "researcher", passkey).await;
            let mut browser = Browser::new(&place);
            for count in [1, 2, 7] {
                let said = Said {
                    count,
                    ..to_use(&mut browser, &handle).await
                };
                let mut fields = passkey.assertion(&said);
                fields.push(("next", "/event-log/".to_owned()));
                let answered = send(&mut browser, "/sign-in/passkey/", &fields, None).await;
                assert_eq!(
                    answered.header("location"),
                    Some("/event-log/"),
                    "{}",
                    answered.body
                );
            }
            assert!(browser.is_signed_in().await);
            let page = browser.get("/settings/").await.body;
            let (before, _) = page.split_once("/rename/").unwrap();
            let (_, id) = before.rsplit_once('/').unwrap();
            let path = |what: &str| format!("/settings/passkeys/{id}/{what}/");
            let mut other = Browser::by_link(&place, "checker").await;
            let named = [("name", "the <blue> one")];
            for what in ["rename", "remove"] {
                let answered = other.submit(&path(what), &named).await;
                assert_eq!(answered.status, 404, "{what}");
            }
            let renamed = browser.submit(&path("rename"), &named).await;
            assert_eq!(renamed.status, 303);
            let page = browser.get("/settings/?done=passkey-renamed").await.body;
            assert!(page.contains("the &#60;blue&#62; one"), "{number}: {page}");
            let nameless = browser.submit(&path("rename"), &[("name", "")]).await;
            assert_eq!(nameless.status, 422);
            assert_eq!(browser.submit(&path("remove"), &[]).await.status, 303);
            let mut later = Browser::new(&place);
            let said = Said {
                count: 8,
                ..to_use(&mut later, &handle).await
            };
            let fields = passkey.assertion(&said);
            let answered = send(&mut later, "/sign-in/passkey/", &fields, None).await;
            assert_eq!(answered.status, 403);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_not_signed_here_and_now_by_the_key_signs_nobody_in() {
    type Change = fn(&mut Said);
    let changes: [(&str, Change); 14] = [
        ("another kind", |said| said.kind = "webauthn.create"),
        ("another site's page", |said| {
            said.origin = "https://evil.example";
        }),
        ("a part of the site", |said| {
            said.origin = "https://a.jobs.example.org";
        }),
        ("without TLS", |said| {
            said.origin = "http://jobs.example.org";
        }),
        ("within another page", |said| said.within_another = true),
        ("another site's key", |said| said.site = "evil.example"),
        ("nobody there", |said| said.flags = VERIFIED),
        ("nobody known", |said| said.flags = PRESENT),
        ("copied, and cannot be", |said| said.flags |= 1 << 4),
        ("as often as before", |said| said.count = 5),
        ("less often", |said| said.count = 4),
        ("no longer counted", |said| said.count = 0),
        ("somebody else", |said| said.handle = encoded(&[7; 32])),
        ("nobody", |said| said.handle.clear()),
    ];
    everywhere(async |place| {
        let place = named(place).await;
        let passkey = Authenticator::of_p256(b"the passkey");
        let handle = add(&place, "researcher", &passkey).await;
        let mut browser = Browser::new(&place);
        let sign_in = "/sign-in/passkey/";
        let first = Said {
            count: 5,
            ..to_use(&mut browser, &handle).await
        };
        let answered = send(&mut browser, sign_in, &passkey.assertion(&first), None).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        browser.cookies.clear();
        let good = async |browser: &mut Browser| Said {
            count: 6,
            ..to_use(browser, &handle).await
        };
        for (name, change) in changes {
            let mut said = good(&mut browser).await;
            change(&mut said);
            let answered = send(&mut browser, sign_in, &passkey.assertion(&said), None).await;
            assert_eq!(answered.status, 403, "{name}");
        }
        // A challenge that was used, one that was never given, and one for adding a passkey.
        let mut owner = Browser::by_link(&place, "researcher").await;
        for challenge in [
            first.challenge,
            encoded(&[1; 32]),
            to_add(&mut owner).await.challenge,
        ] {
            let said = Said {
                challenge,
                ..good(&mut browser).await
            };
            let answered = send(&mut browser, sign_in, &passkey.assertion(&said), None).await;
            assert_eq!(answered.status, 403);
        }
        // Another key under the same name, and another name.
        let other = Authenticator::of_p256(b"the passkey");
        let unknown = Authenticator::of_p256(b"unknown");
        for forger in [&other, &unknown] {
            let said = good(&mut browser).await;
            let answered = send(&mut browser, sign_in, &forger.assertion(&said), None).await;
            assert_eq!(answered.status, 403);
        }
        // What was signed, changed after that, or unreadable.
        for (field, value) in [
            ("client_data", "e30"),
            ("client_data", "not base64!"),
            ("authenticator_data", ""),
            ("authenticator_data", &"A".repeat(100)),
            ("signature", ""),
            ("signature", "AAAA"),
        ] {
            let said = good(&mut browser).await;
            let mut fields = passkey.assertion(&said);
            for (name, found) in &mut fields {
                if *name == field {
                    value.clone_into(found);
                }
            }
            let answered = send(&mut browser, sign_in, &fields, None).await;
            assert_eq!(answered.status, 403, "{field} {value}");
        }
        assert!(!browser.is_signed_in().await);
        // After all that, it still works.
        let said = good(&mut browser).await;
        let answered = send(&mut browser, sign_in, &passkey.assertion(&said), None).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_no_passkey_of_this_session_is_not_added() {
    type Change = fn(&mut Said);
    let changes: [(&str, Change); 8] = [
        ("another kind", |said| said.kind = "webauthn.get"),
        ("another site's page", |said| {
            said.origin = "https://evil.example";
        }),
        ("another site's key", |said| said.site = "evil.example"),
        ("nobody known", |said| said.flags = PRESENT),
        ("a builder that vouches", |said| said.format = "packed"),
        ("something after it", |said| said.more = vec![0]),
        ("an extension that ends early", |said| {
            said.flags |= 1 << 7;
            said.more = vec![0xa1];
        }),
        ("a challenge that nobody gave", |said| {
            said.challenge = encoded(&[1; 32]);
        }),
    ];
    everywhere(async |place| {
        let place = named(place).await;
        let path = "/settings/passkeys/";
        let passkey = Authenticator::of_p256(b"the passkey");
        let mut browser = Browser::by_link(&place, "researcher").await;
        for (name, change) in changes {
            let mut said = to_add(&mut browser).await;
            change(&mut said);
            let answered = send(&mut browser, path, &passkey.creation(&said), Some("a key")).await;
            assert_eq!(answered.status, 422, "{name}: {}", answered.body);
        }
        // Keys of another kind, too short, and none.
        let good = passkey.public_key();
        let mut of_p384 = good.clone();
        of_p384[6] = 2;
        let mut weak = good.clone();
        weak[4] = 0x39;
        for key in [&of_p384[..], &weak, &good[..40], &[0xa0], &[]] {
            let said = to_add(&mut browser).await;
            let fields = passkey.creation_with(&said, key);
            let answered = send(&mut browser, path, &fields, Some("a key")).await;
            assert_eq!(answered.status, 422, "{key:?}");
        }
        // A challenge of another session of the same person.
        let mut other = Browser::by_link(&place, "researcher").await;
        let said = to_add(&mut other).await;
        let answered = send(&mut browser, path, &passkey.creation(&said), Some("a key")).await;
        assert_eq!(answered.status, 422);
        // A name is one person's passkey.
        add(&place, "researcher", &passkey).await;
        place.person("checker", None).await;
        let mut checker = Browser::by_link(&place, "checker").await;
        let said = to_add(&mut checker).await;
        let answered = send(&mut checker, path, &passkey.creation(&said), Some("a key")).await;
        assert_eq!(answered.status, 422, "{}", answered.body);
        let mut nobody = Browser::new(&place);
        assert_eq!(nobody.get("/settings/passkeys/options").await.status, 401);
        place
    })
    .await;
}

#[tokio::test]
async fn a_server_without_a_name_has_no_passkeys() {
    everywhere(async |place| {
        let mut browser = Browser::by_link(&place, "researcher").await;
        assert_eq!(browser.get("/sign-in/passkey/options").await.status, 404);
        assert_eq!(browser.get("/settings/passkeys/options").await.status, 404);
        for path in ["/sign-in/", "/settings/"] {
            let page = browser.get(path).await.body;
            assert!(!page.contains("passkey"), "{path}: {page}");
        }
        place
    })
    .await;
}

//! Signing in by a provider of identities, and what those try who are not who they say.

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    http::call_with,
    place::{Place, everywhere},
    provider::{CODE, Provider, back, header, new_key, signed_by},
};

const KNOWN: &str = "someone@example.org";

/// A place whose server knows a provider, and a person whose address staff entered.
async fn with_provider(mut place: Place, provider: &Provider, admit_unknown: bool) -> Place {
    let admin = place.admin().await;
    admin
        .create_person_with_email("someone", "Someone", KNOWN)
        .await
        .unwrap();
    place.oidc = Some(provider.settings(admit_unknown));
    place.stop().await;
    place.start().await;
    place
}

/// The claims with others in their place.
fn changed(mut claims: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        } else {
            claims[*name] = value.clone();
        }
    }
    claims
}

fn verified() -> [(&'static str, Value); 2] {
    [("email", json!(KNOWN)), ("email_verified", json!(true))]
}

#[tokio::test]
async fn a_person_comes_back_signed_in_where_they_were() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        let place = with_provider(place, &provider, false).await;
        let mut browser = Browser::new(&place);
        let page = browser.get("/sign-in/?next=/event-log/").await.body;
        assert!(
            page.contains("href=\"/sign-in/provider/?next=%2Fevent-log%2F\""),
            "{page}"
        );
        let asked = provider.begin(&mut browser, "/event-log/").await;
        let claims = changed(provider.claims(&asked, "1234"), &verified());
        let answered = provider.sends_back(&mut browser, &asked, &claims).await;
        assert_eq!(
            answered.header("location"),
            Some("/event-log/"),
            "{}",
            answered.body
        );
        assert!(browser.is_signed_in().await);
        // From now on it is the identity that counts.
        let mut later = Browser::new(&place);
        let asked = provider.begin(&mut later, "//evil.example").await;
        let claims = changed(
            provider.claims(&asked, "1234"),
            &[("email", json!("other@example.org"))],
        );
        let answered = provider.sends_back(&mut later, &asked, &claims).await;
        assert_eq!(answered.header("location"), Some("/"), "{}", answered.body);
        let settings = later.get("/settings/").await.body;
        assert!(
            settings.contains("value=\"someone@example.org\""),
            "{settings}"
        );
        assert!(
            settings.contains("by a provider of identities"),
            "{settings}"
        );
        let audit = place.audit().await.into_iter();
        let said: Vec<_> = audit
            .filter(|(actor, _, _)| actor == "someone")
            .map(|(_, what, _)| what)
            .collect();
        assert_eq!(said, ["identity_linked", "signed_in", "signed_in"]);
        place
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_about_this_sign_in_signs_nobody_in() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        let place = with_provider(place, &provider, false).await;
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let cases = [
            ("nonce", json!("AAAA")),
            ("nonce", Value::Null),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
            ("aud", json!(["glovebox", "another"])),
            ("aud", json!([])),
            ("azp", json!("another")),
            ("iss", json!("https://evil.example")),
            ("iss", json!(format!("{}/", provider.issuer))),
            ("exp", json!(now - 120)),
            ("exp", Value::Null),
            ("iat", json!(now + 600)),
            ("iat", json!(now - 3600)),
            ("nbf", json!(now + 600)),
            ("sub", json!("")),
            ("sub", json!("x".repeat(256))),
            ("sub", Value::Null),
        ];
        for (name, value) in cases {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let claims = changed(provider.claims(&asked, "1234"), &verified());
            let claims = changed(claims, &[(name, value.clone())]);
            let answered = provider.sends_back(&mut browser, &asked, &claims).await;
            assert_eq!(answered.status, 403, "{name} {value}");
            assert!(!browser.is_signed_in().await, "{name} {value}");
        }
        // And with what is allowed to differ.
        for (name, value) in [
            ("aud", json!(["glovebox"])),
            ("azp", json!("glovebox")),
            ("exp", json!(now as f64 + 0.5)),
        ] {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let claims = changed(provider.claims(&asked, "1234"), &verified());
            let claims = changed(claims, &[(name, value)]);
            let answered = provider.sends_back(&mut browser, &asked, &claims).await;
            assert_eq!(answered.status, 303, "{name}: {}", answered.body);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_signature_counts_only_if_it_is_the_providers() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        let place = with_provider(place, &provider, false).await;
        let other = new_key();
        let with = |changes: &[(&str, Value)]| changed(header(), changes);
        let unsigned = |token: String| {
            let (text, _) = token.rsplit_once('.').unwrap();
            format!("{text}.")
        };
        let forged: Vec<(&str, String)> = {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let claims = changed(provider.claims(&asked, "1234"), &verified());
            let good = provider.signed(&header(), &claims);
            vec![
                (
                    "none",
                    unsigned(provider.signed(&with(&[("alg", json!("none"))]), &claims)),
                ),
                (
                    "None",
                    unsigned(provider.signed(&with(&[("alg", json!("None"))]), &claims)),
                ),
                (
                    "HS256",
                    provider.signed(&with(&[("alg", json!("HS256"))]), &claims),
                ),
                (
                    "RS256",
                    provider.signed(&with(&[("alg", json!("RS256"))]), &claims),
                ),
                (
                    "crit",
                    provider.signed(&with(&[("crit", json!(["b64"]))]), &claims),
                ),
                ("unsigned", unsigned(good.clone())),
                ("another key", signed_by(&other, &header(), &claims)),
                (
                    "another name",
                    provider.signed(&with(&[("kid", json!("two"))]), &claims),
                ),
                ("two parts", good.rsplit_once('.').unwrap().0.to_owned()),
                ("long", format!("{good}{}", "A".repeat(20_000))),
                ("empty", String::new()),
            ]
        };
        for (name, token) in forged {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            provider.gives(token);
            let answered = browser.get(&back(&asked.state)).await;
            assert_eq!(answered.status, 403, "{name}");
            assert!(!browser.is_signed_in().await, "{name}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_is_good_once_and_in_the_browser_that_began_it() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        provider.names_itself();
        let place = with_provider(place, &provider, false).await;
        let issuer = provider.issuer.replace(':', "%3A").replace('/', "%2F");
        // What is added to the address by which the browser comes back, and whether that is right.
        let cases = [
            (format!("&iss={issuer}"), 303),
            // Mixed up with another provider, which names itself, or does not.
            ("&iss=https%3A%2F%2Fevil.example".to_owned(), 403),
            (String::new(), 403),
            (format!("&iss={issuer}&error=access_denied"), 403),
            (format!("&iss={issuer}&state=AAAA"), 403),
        ];
        for (added, status) in cases {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let claims = changed(provider.claims(&asked, "1234"), &verified());
            provider.gives(provider.signed(&header(), &claims));
            let path = format!("{}{added}", back(&asked.state));
            assert_eq!(browser.get(&path).await.status, status, "{added}");
            // Whatever came of it, it is used up.
            let cookies = browser.cookies.clone();
            assert_eq!(browser.get(&path).await.status, 403, "{added}");
            assert_eq!(browser.cookies, cookies);
        }
        let mut victim = Browser::new(&place);
        let mut attacker = Browser::new(&place);
        let asked = provider.begin(&mut attacker, "/").await;
        let claims = changed(provider.claims(&asked, "1234"), &verified());
        provider.gives(provider.signed(&header(), &claims));
        let path = format!("{}&iss={issuer}", back(&asked.state));
        // The attacker's code, in a browser that began nothing, and in one that began something else.
        assert_eq!(victim.get(&path).await.status, 403);
        provider.begin(&mut victim, "/").await;
        assert_eq!(victim.get(&path).await.status, 403);
        assert!(!victim.is_signed_in().await);
        let mut wrong = Browser::new(&place);
        let asked = provider.begin(&mut wrong, "/").await;
        let path = back(&asked.state).replace(CODE, "another-code");
        assert_eq!(wrong.get(&format!("{path}&iss={issuer}")).await.status, 403);
        place
    })
    .await;
}

#[tokio::test]
async fn an_identity_leads_to_a_person_only_by_what_is_known() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        let place = with_provider(place, &provider, false).await;
        let admin = place.admin().await;
        let mut researcher = Browser::by_link(&place, "researcher").await;
        let fields = [("full_name", "R"), ("email", "mine@example.org")];
        assert_eq!(
            researcher
                .submit("/settings/profile/", &fields)
                .await
                .status,
            303
        );
        let yes = json!(true);
        // Who it is, the address, whether it is verified, and whether they are signed in.
        let cases = [
            ("a", Value::Null, Value::Null, 403, "no account"),
            (
                "a",
                json!("nobody@example.org"),
                yes.clone(),
                403,
                "no account",
            ),
            ("a", json!(KNOWN), Value::Null, 403, "no account"),
            ("a", json!(KNOWN), json!(false), 403, "no account"),
            ("a", json!(KNOWN), json!("true"), 403, "no account"),
            // Somebody wrote it into their own settings.
            (
                "a",
                json!("mine@example.org"),
                yes.clone(),
                403,
                "no account",
            ),
            ("a", json!("Someone@Example.ORG"), yes.clone(), 303, ""),
            // The address has changed hands.
            ("b", json!(KNOWN), yes.clone(), 403, "somebody else"),
            ("a", Value::Null, Value::Null, 303, ""),
        ];
        for (subject, email, verified, status, said) in cases {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let changes = [("email", email.clone()), ("email_verified", verified)];
            let claims = changed(provider.claims(&asked, subject), &changes);
            let answered = provider.sends_back(&mut browser, &asked, &claims).await;
            assert_eq!(answered.status, status, "{subject} {email}");
            assert!(answered.body.contains(said), "{subject} {email}");
        }
        let linked = admin.link_identity("researcher", &provider.issuer, "c");
        linked.await.unwrap();
        let again = admin.link_identity("someone", &provider.issuer, "c");
        assert!(again.await.is_err());
        let mut browser = Browser::new(&place);
        let asked = provider.begin(&mut browser, "/").await;
        let claims = provider.claims(&asked, "c");
        let answered = provider.sends_back(&mut browser, &asked, &claims).await;
        assert_eq!(answered.status, 303);
        place
    })
    .await;
}

#[tokio::test]
async fn who_admits_everybody_gives_them_an_account_that_may_do_nothing() {
    everywhere(async |place| {
        let provider = Provider::start().await;
        let place = with_provider(place, &provider, true).await;
        // What they would like to be called, and whether they can be.
        let cases = [
            ("1", json!("new.person"), 303),
            ("2", json!("new.person"), 403),
            ("3", json!("researcher"), 403),
            ("4", json!("../staff"), 403),
            ("5", Value::Null, 403),
            ("1", json!("renamed"), 303),
        ];
        for (subject, username, status) in cases {
            let mut browser = Browser::new(&place);
            let asked = provider.begin(&mut browser, "/").await;
            let changes = [
                ("preferred_username", username.clone()),
                ("name", json!("New <Person>")),
            ];
            let claims = changed(provider.claims(&asked, subject), &changes);
            let answered = provider.sends_back(&mut browser, &asked, &claims).await;
            assert_eq!(answered.status, status, "{subject} {username}");
            if status == 303 {
                let page = browser.get("/").await.body;
                assert!(page.contains("New &#60;Person&#62;"), "{page}");
            }
        }
        place
    })
    .await;
}

#[tokio::test]
async fn other_sites_begin_nothing_and_without_a_provider_nobody_does() {
    everywhere(async |mut place| {
        let path = "/sign-in/provider/?next=/event-log/";
        let none = call_with(place.address(), "GET", path, &["Accept: text/html"], "").await;
        assert_eq!(none.status, 404);
        let provider = Provider::start().await;
        place = with_provider(place, &provider, false).await;
        for (site, to) in [
            ("cross-site", "/sign-in/?next="),
            ("same-site", "/sign-in/?next="),
            ("same-origin", &provider.issuer),
            ("none", &provider.issuer),
        ] {
            let line = format!("Sec-Fetch-Site: {site}");
            let answered = call_with(place.address(), "GET", path, &[&line], "").await;
            let location = answered.header("location").unwrap();
            assert!(location.starts_with(to), "{site}: {location}");
        }
        // A provider that is not there is said to be so.
        drop(provider);
        let gone = Provider::start().await;
        place.oidc = Some(gone.settings(false));
        drop(gone);
        place.stop().await;
        place.start().await;
        let answered = call_with(place.address(), "GET", path, &[], "").await;
        assert_eq!(answered.status, 502);
        assert!(answered.body.contains("could not be asked"));
        place
    })
    .await;
}

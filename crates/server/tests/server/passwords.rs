//! Signing in with a password, choosing one, and guessing.

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use glovebox_server::AdminError;

use crate::{
    browser::{Browser, link},
    place::everywhere,
};

const GOOD: &str = "a bucket of green rain";
const BETTER: &str = "nine quiet lamps & a = sign";

#[tokio::test]
async fn a_link_leads_to_a_password_and_that_to_signing_in() {
    everywhere(async |place| {
        let mut first = Browser::new(&place);
        let answered = first.post(&link(&place, "researcher").await, &[]).await;
        assert_eq!(answered.header("location"), Some("/settings/"));
        // There is none that could be typed.
        assert_eq!(
            Browser::new(&place).sign_in("researcher", "").await.status,
            403
        );
        // The new one, the new one again, and what is said.
        let cases = [
            ("", "", 422, "at least 12"),
            ("elevenchars", "elevenchars", 422, "at least 12"),
            (GOOD, BETTER, 422, "not the same"),
            ("passwordpassword", "passwordpassword", 422, "guessed first"),
            (
                "the researcher rains",
                "the researcher rains",
                422,
                "user name",
            ),
            (&"long".repeat(33), &"long".repeat(33), 422, "at most 128"),
            (GOOD, GOOD, 303, ""),
        ];
        for (new, again, status, said) in cases {
            let fields = [("new", new), ("again", again)];
            let answered = first.submit("/settings/password/", &fields).await;
            assert_eq!(answered.status, status, "{new}");
            assert!(answered.body.contains(said), "{new}: {}", answered.body);
        }
        let mut second = Browser::new(&place);
        let before = second.sign_in("researcher", GOOD).await;
        assert_eq!((before.status, before.header("location")), (303, Some("/")));
        assert!(second.is_signed_in().await);
        // Signing in again, the old session of this browser is over.
        let old = second.cookies.clone();
        second.sign_in("researcher", GOOD).await;
        assert_ne!(second.cookies, old);
        let mut stale = Browser::new(&place);
        stale.cookies = old;
        assert!(!stale.is_signed_in().await);
        place
    })
    .await;
}

#[tokio::test]
async fn who_changes_a_password_knows_it_and_ends_what_it_had_opened() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin.set_password("researcher", GOOD).await.unwrap();
        let unknown = admin.set_password("nobody", GOOD).await;
        assert!(matches!(unknown, Err(AdminError::NotFound { .. })));
        let short = admin.set_password("researcher", "short").await;
        assert!(matches!(short, Err(AdminError::BadPassword(_))));
        let (mut here, mut there) = (Browser::new(&place), Browser::new(&place));
        for browser in [&mut here, &mut there] {
            assert_eq!(browser.sign_in("researcher", GOOD).await.status, 303);
        }
        let open = link(&place, "researcher").await;
        for (current, status) in [("", 422), ("a bucket of green rai", 422), (GOOD, 303)] {
            let fields = [("current", current), ("new", BETTER), ("again", BETTER)];
            let answered = here.submit("/settings/password/", &fields).await;
            assert_eq!(answered.status, status, "{current}");
        }
        assert!(here.is_signed_in().await);
        assert!(!there.is_signed_in().await);
        assert_eq!(there.post(&open, &[]).await.status, 403);
        assert_eq!(there.sign_in("researcher", GOOD).await.status, 403);
        assert_eq!(there.sign_in("researcher", BETTER).await.status, 303);
        // Whoever has lost it comes by a link and need not know it.
        let mut lost = Browser::by_link(&place, "researcher").await;
        let fields = [("new", GOOD), ("again", GOOD)];
        let answered = lost.submit("/settings/password/", &fields).await;
        assert_eq!(answered.status, 303);
        // Once: whoever finds that browser open does not.
        let fields = [("new", BETTER), ("again", BETTER)];
        let answered = lost.submit("/settings/password/", &fields).await;
        assert_eq!(answered.status, 422, "{}", answered.body);
        let page = lost.get("/settings/").await.body;
        assert!(page.contains("name=\"current\""), "{page}");
        assert!(!here.is_signed_in().await);
        place
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_answered_alike() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin.set_password("researcher", GOOD).await.unwrap();
        admin.create_person("checker", "A checker").await.unwrap();
        let mut said = Vec::new();
        // Of the four, the last has no password.
        for (name, password) in [
            ("researcher", "a bucket of grey rain"),
            ("researchers", GOOD),
            ("Researcher", GOOD),
            ("checker", GOOD),
        ] {
            let mut browser = Browser::new(&place);
            let answered = browser.sign_in(name, password).await;
            assert_eq!(answered.header("set-cookie"), None, "{name}");
            said.push((answered.status, answered.body.replace(name, "NAME")));
        }
        assert_eq!(said[0].0, 403);
        assert!(said.iter().all(|one| *one == said[0]), "{said:#?}");
        assert!(!said[0].1.contains("grey rain"));
        place
    })
    .await;
}

#[tokio::test]
async fn signing_in_leads_to_pages_of_this_site_only() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin.set_password("researcher", GOOD).await.unwrap();
        let cases = [
            ("/event-log/?status=failed", "/event-log/?status=failed"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("https:evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/\t/evil.example", "/"),
            ("/\r\nLocation: https://evil.example", "/"),
        ];
        for (next, wanted) in cases {
            let mut browser = Browser::new(&place);
            let fields = [
                ("username", "researcher"),
                ("password", GOOD),
                ("next", next),
            ];
            let answered = browser.post("/sign-in/", &fields).await;
            assert_eq!(answered.header("location"), Some(wanted), "{next:?}");
        }
        let mut browser = Browser::new(&place);
        let led = browser.get("/settings/").await;
        let to = led.header("location").unwrap();
        assert_eq!((led.status, to), (303, "/sign-in/?next=%2Fsettings%2F"));
        let page = browser.get(to).await;
        assert!(page.body.contains("name=\"next\" value=\"/settings/\""));
        let evil = browser.get("/sign-in/?next=//evil.example").await;
        assert!(
            evil.body.contains("name=\"next\" value=\"/\""),
            "{}",
            evil.body
        );
        place
    })
    .await;
}

#[tokio::test]
async fn a_password_of_older_costs_is_hashed_anew_when_it_is_typed() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin.set_password("researcher", BETTER).await.unwrap();
        let cheap = Params::new(1024, 1, 1, Some(32)).unwrap();
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
        let hash = cheap.hash_password_with_salt(GOOD.as_bytes(), b"a salt of sixteen");
        let old = format!("UPDATE password SET hash = '{}'", hash.unwrap());
        place.sql(&old).await;
        for (password, status, is_old) in
            [(BETTER, 403, true), (GOOD, 303, false), (GOOD, 303, false)]
        {
            let answered = Browser::new(&place).sign_in("researcher", password).await;
            assert_eq!(answered.status, status);
            let found = place.text("SELECT hash AS text FROM password").await;
            assert_eq!(found.contains("m=1024"), is_old, "{found}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin.set_password("researcher", GOOD).await.unwrap();
        admin.create_person("checker", "A checker").await.unwrap();
        admin.set_password("checker", GOOD).await.unwrap();
        let mut browser = Browser::new(&place);
        for number in 0..10 {
            let guess = format!("guess number {number}");
            assert_eq!(browser.sign_in("researcher", &guess).await.status, 403);
        }
        // Also the right one is not looked at.
        let answered = browser.sign_in("researcher", GOOD).await;
        assert_eq!(answered.status, 429);
        let seconds: u64 = answered.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        let when = format!("Try again in {seconds} seconds");
        assert!(answered.body.contains(&when), "{}", answered.body);
        // Nobody else waits, and an address that was given still opens.
        assert_eq!(browser.sign_in("checker", GOOD).await.status, 303);
        Browser::by_link(&place, "researcher").await;
        place
    })
    .await;
}

#[tokio::test]
async fn whoever_tries_many_names_or_links_has_to_wait() {
    everywhere(async |mut place| {
        let admin = place.admin().await;
        admin.set_password("researcher", GOOD).await.unwrap();
        place.http.proxies = vec![[127, 0, 0, 1].into()];
        place.public_origin = Some("https://jobs.example.org".to_owned());
        place.stop().await;
        place.start().await;
        let mut guesser = Browser::new(&place);
        // Each takes a password's time, in which a few more may come.
        let mut refused = 0;
        for number in 0..60 {
            let answered = match number % 2 {
                0 => guesser.sign_in(&format!("name-{number}"), GOOD).await,
                _ => guesser.post("/sign-in/a-link-that-is-none/", &[]).await,
            };
            refused += usize::from(answered.status == 429);
            assert!([403, 429].contains(&answered.status), "{}", answered.status);
        }
        assert!(refused >= 10, "{refused}");
        for path in ["/sign-in/passkey/options", "/sign-in/passkey/options"] {
            // One of them may come as the next place is free.
            guesser.get(path).await;
        }
        let answered = guesser.get("/sign-in/passkey/options").await;
        assert_eq!(answered.status, 429, "{}", answered.body);
        // Whoever is elsewhere is not held up, and may be right as often as they like.
        let mut other = Browser::new(&place);
        other.at = "198.51.100.2";
        for _ in 0..31 {
            assert_eq!(
                other
                    .post(&link(&place, "researcher").await, &[])
                    .await
                    .status,
                303
            );
        }
        assert_eq!(other.sign_in("researcher", GOOD).await.status, 303);
        place
    })
    .await;
}

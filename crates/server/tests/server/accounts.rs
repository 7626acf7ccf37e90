//! What people change about their own account.

use std::time::Duration;

use glovebox_protocol::PATH_JOB_REQUESTS;
use glovebox_server::{AdminError, Scope};

use crate::{
    browser::Browser,
    http::post,
    place::{Place, everywhere},
    study::asked,
};

/// The token that a page shows once.
fn shown_token(page: &str) -> &str {
    let (_, rest) = page.split_once("<p><code>").expect("a token");
    rest.split("</code>").next().unwrap()
}

/// The numbers of the tokens that a page lists.
fn token_ids(page: &str) -> Vec<String> {
    let parts = page.split("/settings/tokens/").skip(1);
    parts
        .filter_map(|part| part.split_once("/revoke/"))
        .map(|(id, _)| id.to_owned())
        .filter(|id| id.parse::<i64>().is_ok())
        .collect()
}

async fn audited(place: &Place, by: &str) -> Vec<String> {
    let said = place.audit().await.into_iter();
    said.filter(|(actor, _, _)| actor == by)
        .map(|(_, what, _)| what)
        .collect()
}

#[tokio::test]
async fn people_change_their_name_and_address() {
    everywhere(async |place| {
        let mut browser = Browser::by_link(&place, "researcher").await;
        let long = "x".repeat(201);
        let cases = [
            ("", "", 422),
            ("a\nb", "", 422),
            ("a \u{202e}rehcraeser", "", 422),
            (long.as_str(), "", 422),
            ("A researcher", "no address", 422),
            ("A researcher", "a@b@example.org", 422),
            ("A researcher", "a@example.org\r\nBcc: b@example.org", 422),
            ("A researcher", "A <a@example.org>", 422),
            ("A <b>bold</b> researcher", "Someone@Example.org", 303),
        ];
        for (full_name, email, status) in cases {
            let fields = [("full_name", full_name), ("email", email)];
            let answered = browser.submit("/settings/profile/", &fields).await;
            assert_eq!(answered.status, status, "{full_name} {email}");
        }
        let page = browser.get("/settings/?done=profile").await;
        for wanted in [
            "A &#60;b&#62;bold&#60;/b&#62; researcher",
            "value=\"someone@example.org\"",
            "are saved",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        assert_eq!(
            audited(&place, "researcher").await,
            ["signed_in", "profile_changed"]
        );
        // What somebody wrote themself keeps nobody from an address that is known to be theirs.
        let admin = place.admin().await;
        let mine = "someone@example.org";
        admin
            .create_person_with_email("owner", "The owner", mine)
            .await
            .unwrap();
        let again = admin.create_person_with_email("other", "Another", mine);
        assert!(matches!(again.await, Err(AdminError::Exists { .. })));
        let known = admin.set_email("researcher", Some(mine)).await;
        assert!(matches!(known, Err(AdminError::Exists { .. })));
        place
    })
    .await;
}

#[tokio::test]
async fn people_make_and_revoke_their_own_tokens() {
    everywhere(async |place| {
        place.person("checker", None).await;
        let mut browser = Browser::by_link(&place, "researcher").await;
        let mut other = Browser::by_link(&place, "checker").await;
        let cases = [
            ("", "jobs", "90"),
            ("a\tb", "jobs", "90"),
            ("laptop", "staff", "90"),
            ("laptop", "", "90"),
            ("laptop", "jobs", "0"),
            ("laptop", "jobs", "366"),
            ("laptop", "jobs", "-1"),
            ("laptop", "jobs", "many"),
        ];
        for (name, scope, days) in cases {
            let fields = [("name", name), ("scope", scope), ("days", days)];
            let answered = browser.submit("/settings/tokens/", &fields).await;
            assert_eq!(answered.status, 422, "{name:?} {scope} {days}");
        }
        let mut tokens = Vec::new();
        for (name, scope) in [("laptop", "jobs"), ("looking", "read")] {
            let fields = [("name", name), ("scope", scope), ("days", "365")];
            let page = browser.submit("/settings/tokens/", &fields).await;
            assert_eq!(page.status, 200);
            tokens.push(shown_token(&page.body).to_owned());
        }
        let wanted = asked("tpp", &["count"]);
        for (token, status) in [(&tokens[0], 201), (&tokens[1], 403)] {
            assert_eq!(place.create(token, &wanted).await.status, status);
        }
        let page = browser.get("/settings/").await.body;
        for token in &tokens {
            assert!(!page.contains(token.as_str()), "a token is shown once");
        }
        assert!(
            page.contains("laptop") && page.contains("looking"),
            "{page}"
        );
        // Newest first; the third was made by an operator, and was never used.
        let ids = token_ids(&page);
        assert_eq!(ids.len(), 3, "{page}");
        assert_eq!(page.matches(">never</td>").count(), 1, "{page}");
        let revoke = format!("/settings/tokens/{}/revoke/", ids[1]);
        assert_eq!(other.submit(&revoke, &[]).await.status, 404);
        assert_eq!(browser.submit(&revoke, &[]).await.status, 303);
        assert_eq!(browser.submit(&revoke, &[]).await.status, 404);
        let refused = post(place.address(), PATH_JOB_REQUESTS, &tokens[0], &wanted);
        assert_eq!(refused.await.status, 401);
        assert_eq!(
            audited(&place, "researcher").await[1..],
            [
                "personal_token_created",
                "personal_token_created",
                "job_request_created",
                "personal_token_revoked"
            ]
        );
        place
    })
    .await;
}

#[tokio::test]
async fn nobody_has_more_tokens_than_they_could_look_after() {
    everywhere(async |place| {
        let mut browser = Browser::by_link(&place, "researcher").await;
        for _ in 0..49 {
            place
                .token("researcher", Scope::Read, Duration::from_hours(1))
                .await;
        }
        let fields = [("name", "one more"), ("scope", "read"), ("days", "1")];
        let answered = browser.submit("/settings/tokens/", &fields).await;
        assert_eq!(answered.status, 422);
        assert!(answered.body.contains("revoke one first"));
        place
    })
    .await;
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_end_it() {
    everywhere(async |place| {
        let mut all = Vec::new();
        for _ in 0..21 {
            all.push(Browser::by_link(&place, "researcher").await);
        }
        // One more than anybody has: the first is over.
        assert!(!all[0].is_signed_in().await);
        assert!(all[1].is_signed_in().await);
        let page = all[20].get("/settings/").await.body;
        assert_eq!(page.matches("by an address that was given").count(), 20);
        assert_eq!(page.matches("<strong>here</strong>").count(), 1);
        let path = "/settings/sessions/end-others/";
        assert_eq!(all[20].post(path, &[]).await.status, 403);
        assert!(all[1].is_signed_in().await);
        assert_eq!(all[20].submit(path, &[]).await.status, 303);
        assert!(all[20].is_signed_in().await);
        assert!(!all[1].is_signed_in().await);
        place
    })
    .await;
}

#[tokio::test]
async fn settings_are_changed_by_their_owner_alone() {
    everywhere(async |place| {
        let mut nobody = Browser::new(&place);
        let mut somebody = Browser::by_link(&place, "researcher").await;
        for path in [
            "/settings/profile/",
            "/settings/password/",
            "/settings/tokens/",
            "/settings/tokens/1/revoke/",
            "/settings/sessions/end-others/",
        ] {
            assert_eq!(nobody.post(path, &[]).await.status, 401, "{path}");
            // Without the proof that the form stood in their page.
            assert_eq!(somebody.post(path, &[]).await.status, 403, "{path}");
        }
        assert_eq!(audited(&place, "researcher").await, ["signed_in"]);
        place
    })
    .await;
}

//! What is changed in the staff area: what it does, what is said when it cannot be done, and what is kept.

use glovebox_protocol::{Ask, PATH_ASK};
use glovebox_server::Role;

use super::{Browser, Fields, between};
use crate::{
    http::post,
    place::{Place, everywhere},
    study::asked,
};

async fn boss(place: &Place) -> Browser {
    let roles = [Role::StaffAreaAdministrator, Role::ServiceAdministrator];
    Browser::of(place, "boss", &roles).await
}

/// A form that is refused: the word of the summary's link, and what the page keeps.
async fn refused(browser: &Browser, path: &str, fields: &[(&str, &str)], at: &str) -> String {
    let answered = browser.post(path, fields).await;
    assert_eq!(answered.status, 422, "{path} {fields:?}");
    let summary = between(&answered.body, "role=\"alert\"", "</div>");
    assert!(summary.contains(&format!("href=\"#{at}\"")), "{summary}");
    assert!(answered.body.contains(&format!("id=\"{at}\"")), "{at}");
    answered.body
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept() {
    everywhere(async |place| {
        let boss = boss(&place).await;
        let before = place.audit().await.len();
        let new = "/staff/new-organisation/";
        let again = [("slug", "institute"), ("name", "<Again>")];
        let page = refused(&boss, new, &again, "new-slug").await;
        assert!(page.contains("value=\"&#60;Again&#62;\""), "{page}");
        assert!(page.contains("value=\"institute\""));
        assert!(page.contains("aria-invalid=\"true\""));
        let long = "x".repeat(1001);
        let cases: &[(&str, Fields<'_>, &str)] = &[
            (new, &[("slug", "x"), ("name", " ")], "new-name"),
            (new, &[("slug", "../x"), ("name", "X")], "new-slug"),
            (
                "/staff/new-project/",
                &[("organisation", "nowhere"), ("slug", "x"), ("name", "X")],
                "new-organisation",
            ),
            (
                "/staff/new-workspace/",
                &[
                    ("project", "nowhere"),
                    ("slug", "x"),
                    ("repo_url", "https://example.org/x"),
                    ("branch", "main"),
                ],
                "new-project",
            ),
            (
                "/staff/new-workspace/",
                &[
                    ("project", "sick-notes"),
                    ("slug", "x"),
                    ("repo_url", "ext::sh"),
                    ("branch", "main"),
                ],
                "new-repo_url",
            ),
            (
                "/staff/new-workspace/",
                &[
                    ("project", "sick-notes"),
                    ("slug", "x"),
                    ("repo_url", "https://example.org/x"),
                    ("branch", "--x"),
                ],
                "new-branch",
            ),
            (
                "/staff/workspaces/long-covid/purpose/",
                &[("purpose", &long)],
                "purpose-purpose",
            ),
            (
                "/staff/new-backend/",
                &[("slug", "tpp"), ("name", "TPP")],
                "new-slug",
            ),
            (
                "/staff/new-user/",
                &[("slug", "x"), ("name", "X"), ("email", "x@y@z")],
                "new-email",
            ),
            (
                "/staff/projects/sick-notes/grant/",
                &[("username", "nobody"), ("role", "project_developer")],
                "grant-username",
            ),
            (
                "/staff/projects/sick-notes/grant/",
                &[("username", "researcher"), ("role", "output_checker")],
                "grant-role",
            ),
            (
                "/staff/projects/sick-notes/grant/",
                &[("username", "researcher"), ("role", "root")],
                "grant-role",
            ),
            (
                "/staff/users/researcher/grant/",
                &[("role", "project_developer")],
                "grant-role",
            ),
            (
                "/staff/users/researcher/grant/",
                &[("role", "output_checker"), ("from", "2020-01-01")],
                "grant-from",
            ),
            (
                "/staff/users/researcher/grant/",
                &[("role", "output_checker"), ("until", "2020-01-01")],
                "grant-until",
            ),
            (
                "/staff/backends/tpp/admit/",
                &[("username", "researcher"), ("until", "soon")],
                "admit-until",
            ),
            (
                "/staff/backends/tpp/dismiss/",
                &[("username", "nobody")],
                "dismiss",
            ),
            (
                "/staff/projects/sick-notes/grant/",
                &[("username", "\0"), ("role", "project_developer")],
                "grant-username",
            ),
            (
                "/staff/users/boss/revoke/",
                &[("role", "staff_area_administrator")],
                "revoke",
            ),
        ];
        for (path, fields, at) in cases {
            refused(&boss, path, fields, at).await;
        }
        assert_eq!(place.audit().await.len(), before, "something was done");
        place
    })
    .await;
}

#[tokio::test]
async fn a_study_is_set_up_and_run_by_people_who_were_entered_here() {
    everywhere(async |place| {
        let boss = boss(&place).await;
        let page = boss.change(
            "/staff/new-organisation/",
            &[("slug", "new"), ("name", "New")],
        );
        assert!(page.await.contains("<h1>New</h1>"));
        let page = boss.change("/staff/organisations/new/rename/", &[("name", "Newer")]);
        assert!(page.await.contains("<h1>Newer</h1>"));
        let project = [
            ("organisation", "new"),
            ("slug", "study"),
            ("name", "A study"),
        ];
        boss.change("/staff/new-project/", &project).await;
        let user = [
            ("slug", "newcomer"),
            ("name", "A newcomer"),
            ("email", "newcomer@example.org"),
        ];
        let page = boss.change("/staff/new-user/", &user).await;
        assert!(page.contains("newcomer@example.org"));

        let link = boss.post("/staff/users/newcomer/sign-in-link/", &[]).await;
        let path = format!("/sign-in/{}/", between(&link.body, "/sign-in/", "/</code>"));
        let visitor = Browser::of_visitor(&place);
        assert_eq!(visitor.post(&path, &[]).await.status, 303, "it signs in");
        assert_eq!(visitor.post(&path, &[]).await.status, 403, "once");
        let link = boss.post("/staff/users/newcomer/sign-in-link/", &[]).await;
        let path = format!("/sign-in/{}/", between(&link.body, "/sign-in/", "/</code>"));
        boss.change("/staff/users/newcomer/end-sessions/", &[])
            .await;
        assert_eq!(visitor.post(&path, &[]).await.status, 403, "it is over");

        // Roles and memberships with days: they hold from the first to the last.
        let token = place
            .token(
                "newcomer",
                glovebox_server::Scope::Jobs,
                std::time::Duration::from_hours(1),
            )
            .await;
        let status = async || {
            place
                .create(&token, &asked("tpp", &["cohort"]))
                .await
                .status
        };
        let grant = "/staff/projects/sick-notes/grant/";
        let role = [("username", "newcomer"), ("role", "project_developer")];
        let later = [
            &role[..],
            &[("from", "2999-01-01"), ("until", "2999-12-31")],
        ]
        .concat();
        let page = boss.change(grant, &later).await;
        assert!(
            page.contains("1 Jan 2999") && page.contains("31 Dec 2999"),
            "{page}"
        );
        boss.change("/staff/backends/tpp/admit/", &[("username", "newcomer")])
            .await;
        assert_eq!(status().await, 403, "not yet");
        boss.change(grant, &[&role[..], &[("until", "2999-12-31")]].concat())
            .await;
        assert_eq!(status().await, 201);
        let ask = "/staff/projects/sick-notes/revoke/?username=newcomer&role=project_developer";
        let page = boss.get(ask).await.body;
        assert!(page.contains("of newcomer in Sick notes?"), "{page}");
        let page = boss
            .change("/staff/projects/sick-notes/revoke/", &role)
            .await;
        assert!(page.contains("Who held one before"), "{page}");
        assert_eq!(status().await, 403);
        boss.change(grant, &role).await;
        boss.change("/staff/backends/tpp/dismiss/", &[("username", "newcomer")])
            .await;
        assert_eq!(status().await, 403);
        boss.change("/staff/backends/tpp/admit/", &[("username", "newcomer")])
            .await;
        assert_eq!(status().await, 201);
        boss.change("/staff/workspaces/long-covid/archive/", &[])
            .await;
        assert_eq!(status().await, 422);
        boss.change("/staff/workspaces/long-covid/unarchive/", &[])
            .await;
        boss.change("/staff/users/newcomer/end-tokens/", &[]).await;
        assert_eq!(status().await, 401);
        place
    })
    .await;
}

#[tokio::test]
async fn a_backend_is_made_switched_and_given_another_token() {
    everywhere(async |place| {
        let boss = boss(&place).await;
        let opens = async |token: &str| {
            let ask = Ask {
                agent: "agent-1".to_owned(),
                slots: 1,
                holds: Vec::new(),
                wait_seconds: 0,
            };
            post(place.address(), PATH_ASK, token, &ask).await.status
        };
        let made = boss
            .post("/staff/new-backend/", &[("slug", "new"), ("name", "New")])
            .await;
        assert_eq!(made.status, 200);
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let first = between(&made.body, "<code>", "</code>").to_owned();
        assert_eq!(opens(&first).await, 200);
        let page = boss.get("/staff/backends/new/").await.body;
        assert!(!page.contains(&first), "it is shown once");

        let page = boss.get("/staff/backends/new/renew-token/").await.body;
        assert!(page.contains("Renew the token of New?"), "{page}");
        let renewed = boss.post("/staff/backends/new/renew-token/", &[]).await;
        let second = between(&renewed.body, "<code>", "</code>").to_owned();
        assert_eq!((opens(&first).await, opens(&second).await), (401, 200));

        let word = async || {
            let page = boss.get("/staff/backends/new/").await.body;
            between(&page, "class=\"state ", "</span></dd>")
                .rsplit("</span> ")
                .next()
                .unwrap()
                .to_owned()
        };
        for (switch, wanted) in [
            ("pause", "paused"),
            ("resume", "active"),
            ("begin-maintenance", "database maintenance"),
            ("end-maintenance", "active"),
            ("deactivate", "at rest"),
            ("activate", "active"),
        ] {
            boss.change(&format!("/staff/backends/new/{switch}/"), &[])
                .await;
            assert_eq!(word().await, wanted, "{switch}");
        }
        let audit = place.audit().await;
        let kept = |what: &str| {
            let of_boss =
                |(actor, action, _): &&(String, String, String)| actor == "boss" && action == what;
            audit.iter().filter(of_boss).count()
        };
        assert_eq!(kept("backend_created"), 1);
        assert_eq!(kept("backend_token_renewed"), 1);
        assert_eq!(kept("backend_switched"), 4);
        assert_eq!(kept("backend_activity_changed"), 2);
        assert!(audit.iter().all(|(.., details)| !details.contains(&second)));
        place
    })
    .await;
}

#[tokio::test]
async fn nobody_signs_in_as_somebody_who_looks_after_the_service() {
    everywhere(async |place| {
        let boss = boss(&place).await;
        Browser::of(&place, "other", &[Role::StaffAreaAdministrator]).await;
        let admin = place.admin().await;
        admin.create_person("later", "later").await.unwrap();
        boss.change(
            "/staff/users/later/grant/",
            &[("role", "staff_area_administrator"), ("from", "2999-01-01")],
        )
        .await;
        let before = place.audit().await.len();
        for (username, status) in [
            ("boss", 403),
            ("other", 403),
            ("later", 403),
            ("researcher", 200),
        ] {
            let page = boss.get(&format!("/staff/users/{username}/")).await.body;
            let path = format!("/staff/users/{username}/sign-in-link/");
            assert_eq!(page.contains(&path), status == 200, "{username}");
            assert_eq!(
                page.contains("beside the server"),
                status == 403,
                "{username}"
            );
            let answered = boss.post(&path, &[]).await;
            assert_eq!(answered.status, status, "{username}");
            assert_eq!(
                answered.body.contains("/sign-in/"),
                status == 200,
                "{username}"
            );
        }
        assert_eq!(place.audit().await.len(), before + 1, "one was made");
        place
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays_and_one_who_was_revoked_is_out_at_once() {
    everywhere(async |place| {
        let boss = boss(&place).await;
        let role = [("role", "staff_area_administrator")];
        let last = boss.post("/staff/users/boss/revoke/", &role).await;
        assert_eq!(last.status, 422);
        assert!(
            last.body.contains("last staff area administrator"),
            "{}",
            last.body
        );
        let other = Browser::of(&place, "other", &[Role::StaffAreaAdministrator]).await;
        boss.change("/staff/users/other/revoke/", &role).await;
        assert_eq!(other.get("/staff/").await.status, 403);
        boss.change("/staff/users/other/grant/", &role).await;
        assert_eq!(other.get("/staff/").await.status, 200);
        other.change("/staff/users/boss/revoke/", &role).await;
        assert_eq!(boss.get("/staff/").await.status, 403);
        place
    })
    .await;
}

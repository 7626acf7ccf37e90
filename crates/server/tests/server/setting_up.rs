//! What those who run the service set up, and from when on it holds.

use std::time::{Duration, UNIX_EPOCH};

use glovebox_jobs::Timestamp;
use glovebox_protocol::{Ask, PATH_ASK};
use glovebox_server::{AdminError, NewBackend, NewGrant, NewWorkspace, Role};

use crate::{
    http::post,
    place::{Place, everywhere},
    study::asked,
};

fn in_future(by: Duration) -> Timestamp {
    let then = UNIX_EPOCH.elapsed().unwrap() + by;
    Timestamp(i64::try_from(then.as_millis()).unwrap())
}

async fn ask_status(place: &Place, token: &str) -> u16 {
    let ask = Ask {
        agent: "agent-1".to_owned(),
        slots: 1,
        holds: Vec::new(),
        wait_seconds: 0,
    };
    post(place.address(), PATH_ASK, token, &ask).await.status
}

#[tokio::test]
async fn a_role_holds_from_its_first_day_until_its_last() {
    everywhere(async |place| {
        let token = place.person("eve", None).await;
        let admin = place.admin().await;
        let grant = |from, until| NewGrant {
            username: "eve".to_owned(),
            role: Role::ProjectDeveloper,
            project: Some("sick-notes".to_owned()),
            from,
            until,
        };
        let later = Some(in_future(Duration::from_hours(1)));
        admin.grant_role(&grant(later, None)).await.unwrap();
        let status = async || {
            let asked = asked("tpp", &["cohort"]);
            place.create(&token, &asked).await.status
        };
        assert_eq!(status().await, 403, "not yet");
        let soon = Some(in_future(Duration::from_secs(2)));
        admin.grant_role(&grant(None, soon)).await.unwrap();
        assert_eq!(status().await, 201, "a running server sees it at once");
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        assert_eq!(status().await, 403, "no more");
        let past = Some(Timestamp(1));
        let refused = admin.grant_role(&grant(None, past)).await;
        assert!(matches!(refused, Err(AdminError::BadDates)), "{refused:?}");
        place
    })
    .await;
}

#[tokio::test]
async fn a_role_in_one_project_is_none_in_another() {
    everywhere(async |place| {
        let token = place.person("eve", None).await;
        let admin = place.admin().await;
        let other = admin.create_project("institute", "other", "Another");
        other.await.unwrap();
        let mut grant = NewGrant {
            username: "eve".to_owned(),
            role: Role::ProjectDeveloper,
            project: Some("other".to_owned()),
            from: None,
            until: None,
        };
        admin.grant_role(&grant).await.unwrap();
        let asked = asked("tpp", &["cohort"]);
        assert_eq!(place.create(&token, &asked).await.status, 403);
        grant.project = None;
        let refused = admin.grant_role(&grant).await;
        assert!(matches!(refused, Err(AdminError::OnlyInProjects(_))));
        grant.role = Role::DeploymentAdministrator;
        admin.grant_role(&grant).await.unwrap();
        assert_eq!(place.create(&token, &asked).await.status, 201, "everywhere");
        place
    })
    .await;
}

#[tokio::test]
async fn a_token_that_was_renewed_or_of_a_backend_at_rest_opens_nothing() {
    everywhere(async |place| {
        let admin = place.admin().await;
        assert_eq!(ask_status(&place, &place.tpp).await, 200);
        let renewed = admin.renew_backend_token("tpp").await.unwrap();
        assert_eq!(ask_status(&place, &place.tpp).await, 401);
        assert_eq!(ask_status(&place, renewed.reveal()).await, 200);
        admin.set_backend_active("tpp", false).await.unwrap();
        assert_eq!(ask_status(&place, renewed.reveal()).await, 401);
        let answered = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await;
        assert_eq!(answered.status, 422, "{}", answered.body);
        assert_eq!(ask_status(&place, &place.emis).await, 200);
        place
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused_and_leaves_nothing() {
    everywhere(async |place| {
        let admin = place.admin().await;
        let before = place.audit().await.len();
        let workspace = |name: &str, repo_url: &str, branch: &str| NewWorkspace {
            project: "sick-notes".to_owned(),
            name: name.to_owned(),
            repo_url: repo_url.to_owned(),
            branch: branch.to_owned(),
        };
        let repo = "https://example.org/a/b";
        let refused = [
            admin.create_organisation("institute", "Again").await,
            admin.create_organisation("../x", "X").await,
            admin.create_organisation("x", " ").await,
            admin.create_project("nowhere", "x", "X").await,
            admin
                .create_workspace(&workspace("LONG-COVID", repo, "main"))
                .await,
            admin
                .create_workspace(&workspace("x", "ext::sh", "main"))
                .await,
            admin.create_workspace(&workspace("x", repo, "--x")).await,
            admin.create_person("researcher", "A researcher").await,
            admin.create_person("a b", "A researcher").await,
            admin.set_backend_active("nowhere", true).await,
        ];
        for (place, refused) in refused.iter().enumerate() {
            assert!(refused.is_err(), "{place}");
        }
        assert!(matches!(&refused[0], Err(AdminError::Exists { .. })));
        assert!(matches!(&refused[3], Err(AdminError::NotFound { .. })));
        let backend = NewBackend {
            slug: "tpp".to_owned(),
            name: "TPP".to_owned(),
        };
        let refused = admin.create_backend(&backend).await;
        assert!(matches!(refused, Err(AdminError::Exists { .. })));
        assert_eq!(place.audit().await.len(), before);
        place
    })
    .await;
}

/// The rule of the field: letters, digits, hyphens and underscores; kept in small letters; one of a name.
#[tokio::test]
async fn a_workspace_has_a_name_that_fits_into_addresses() {
    everywhere(async |place| {
        let admin = place.admin().await;
        let cases = [
            ("another", Some("another")),
            ("Upper-Case_1", Some("upper-case_1")),
            ("UPPER-CASE_1", None),
            ("1", Some("1")),
            ("", None),
            ("a b", None),
            ("a/b", None),
            ("a.b", None),
            ("..", None),
            ("é", None),
            ("a\n", None),
            ("<b>", None),
        ];
        for (name, kept) in cases {
            let workspace = NewWorkspace {
                project: "sick-notes".to_owned(),
                name: name.to_owned(),
                repo_url: "https://github.com/an-institute/a-study".to_owned(),
                branch: "main".to_owned(),
            };
            let made = admin.create_workspace(&workspace).await;
            assert_eq!(made.is_ok(), kept.is_some(), "{name:?}: {made:?}");
            if let Some(kept) = kept {
                let page = crate::http::get(place.address(), &format!("/sick-notes/{kept}/")).await;
                assert_eq!(page.status, 200, "{name}");
            }
        }
        place
    })
    .await;
}

#[tokio::test]
async fn nothing_is_called_like_a_page() {
    everywhere(async |place| {
        let admin = place.admin().await;
        for word in [
            "event-log",
            "status",
            "static",
            "api",
            "events",
            "health",
            "job-requests",
            "jobs",
            "orgs",
            "organisations",
            "users",
            "sign-in",
            "sign-out",
            "settings",
            "staff",
            "ledger",
            "projects",
            "workspaces",
            "repo",
            "setup",
            "event-list",
            "Status",
            "EVENT-LOG",
        ] {
            let refused = admin.create_project("institute", word, "A project").await;
            let is_reserved = matches!(&refused, Err(AdminError::Reserved(name)) if name == word);
            assert!(is_reserved, "{word}: {refused:?}");
        }
        for word in ["statuses", "job", "my-event-log"] {
            admin
                .create_project("institute", word, "A project")
                .await
                .unwrap();
        }
        let workspace = NewWorkspace {
            project: "sick-notes".to_owned(),
            name: "Logs".to_owned(),
            repo_url: "https://github.com/an-institute/a-study".to_owned(),
            branch: "main".to_owned(),
        };
        let refused = admin.create_workspace(&workspace).await;
        assert!(
            matches!(refused, Err(AdminError::Reserved(_))),
            "{refused:?}"
        );
        // What has one segment or is followed by more leads to pages, whatever it is called.
        let routes = [
            "/",
            "/event-log/",
            "/organisations/",
            "/status/",
            "/sign-in/",
        ];
        for path in routes {
            let page = crate::http::get(place.address(), path).await;
            assert_eq!(page.status, 200, "{path}");
        }
        place
    })
    .await;
}

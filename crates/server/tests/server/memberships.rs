//! Who may run jobs on a backend, and what nobody may run any more.

use std::time::{Duration, UNIX_EPOCH};

use glovebox_jobs::Timestamp;
use glovebox_server::{AdminError, NewGrant, Role};

use crate::{
    http::Answered,
    place::{Place, everywhere},
    study::asked,
};

fn in_future(by: Duration) -> Timestamp {
    let then = UNIX_EPOCH.elapsed().unwrap() + by;
    Timestamp(i64::try_from(then.as_millis()).unwrap())
}

async fn ask(place: &Place, backend: &str) -> Answered {
    let asked = asked(backend, &["cohort"]);
    place.create(&place.researcher, &asked).await
}

#[tokio::test]
async fn running_jobs_takes_the_membership_of_the_backend_too() {
    everywhere(async |place| {
        let admin = place.admin().await;
        assert_eq!(ask(&place, "tpp").await.status, 201);
        admin.dismiss("researcher", "tpp").await.unwrap();
        let refused = ask(&place, "tpp").await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "forbidden".to_owned())
        );
        assert!(refused.body.contains("admit you"), "{}", refused.body);
        assert_eq!(ask(&place, "emis").await.status, 201, "another backend");

        let later = Some(in_future(Duration::from_hours(1)));
        admin.admit("researcher", "tpp", later, None).await.unwrap();
        assert_eq!(ask(&place, "tpp").await.status, 403, "not yet");
        admin.dismiss("researcher", "tpp").await.unwrap();
        let soon = Some(in_future(Duration::from_secs(2)));
        admin.admit("researcher", "tpp", None, soon).await.unwrap();
        assert_eq!(ask(&place, "tpp").await.status, 201);
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        assert_eq!(ask(&place, "tpp").await.status, 403, "no more");

        let again = admin.dismiss("researcher", "tpp").await;
        assert!(
            matches!(again, Err(AdminError::NotFound { .. })),
            "{again:?}"
        );
        let nowhere = admin.admit("researcher", "nowhere", None, None).await;
        assert!(matches!(nowhere, Err(AdminError::NotFound { .. })));
        let nobody = admin.admit("nobody", "tpp", None, None).await;
        assert!(matches!(nobody, Err(AdminError::NotFound { .. })));
        let past = admin.admit("researcher", "tpp", None, Some(Timestamp(1)));
        assert!(matches!(past.await, Err(AdminError::BadDates)));

        let audit = place.audit().await;
        let of_tpp = |action: &str| {
            let said = |(_, what, details): &&(String, String, String)| {
                what == action && details.contains("\"tpp\"")
            };
            audit.iter().filter(said).count()
        };
        // The first is that of the place.
        assert_eq!(
            (of_tpp("backend_admitted"), of_tpp("backend_dismissed")),
            (3, 2)
        );
        place
    })
    .await;
}

#[tokio::test]
async fn a_backend_does_not_give_the_role_that_a_project_asks_for() {
    everywhere(async |place| {
        let token = place.person("eve", None).await;
        let refused = place.create(&token, &asked("tpp", &["cohort"])).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("for a role"), "{}", refused.body);
        place
    })
    .await;
}

#[tokio::test]
async fn nothing_is_run_in_a_workspace_that_is_archived() {
    everywhere(async |place| {
        let admin = place.admin().await;
        admin
            .set_workspace_archived("long-covid", true)
            .await
            .unwrap();
        let refused = ask(&place, "tpp").await;
        assert_eq!(
            (refused.status, refused.code()),
            (422, "refused".to_owned())
        );
        assert!(refused.body.contains("archived"), "{}", refused.body);
        admin
            .set_workspace_archived("long-covid", false)
            .await
            .unwrap();
        assert_eq!(ask(&place, "tpp").await.status, 201);
        place
    })
    .await;
}

#[tokio::test]
async fn somebody_remains_who_may_see_the_staff_area() {
    everywhere(async |place| {
        let admin = place.admin().await;
        let role = Role::StaffAreaAdministrator;
        let until = Some(in_future(Duration::from_hours(1)));
        let later = Some(in_future(Duration::from_mins(30)));
        let grant = |username: &str, from, until| NewGrant {
            username: username.to_owned(),
            role,
            project: None,
            from,
            until,
        };
        admin
            .grant_role(&grant("researcher", None, None))
            .await
            .unwrap();
        for username in ["eve", "dora"] {
            admin.create_person(username, username).await.unwrap();
        }
        // One who is none yet does not count.
        admin
            .grant_role(&grant("dora", later, until))
            .await
            .unwrap();
        let last = admin.revoke_role("researcher", role, None).await;
        assert!(
            matches!(last, Err(AdminError::LastAdministrator)),
            "{last:?}"
        );
        admin.grant_role(&grant("eve", None, until)).await.unwrap();
        admin.revoke_role("researcher", role, None).await.unwrap();
        let last = admin.revoke_role("eve", role, None).await;
        assert!(
            matches!(last, Err(AdminError::LastAdministrator)),
            "{last:?}"
        );
        let none = admin.revoke_role("researcher", role, None).await;
        assert!(matches!(none, Err(AdminError::NotFound { .. })), "{none:?}");
        admin.revoke_role("dora", role, None).await.unwrap();
        place
    })
    .await;
}

#[tokio::test]
async fn of_two_administrators_who_take_the_role_from_each_other_one_remains() {
    everywhere(async |place| {
        let admin = place.admin().await;
        let role = Role::StaffAreaAdministrator;
        admin.create_person("eve", "eve").await.unwrap();
        for username in ["researcher", "eve"] {
            let grant = NewGrant {
                username: username.to_owned(),
                role,
                project: None,
                from: None,
                until: None,
            };
            admin.grant_role(&grant).await.unwrap();
        }
        let other = place.admin().await;
        let (one, two) = tokio::join!(
            admin.revoke_role("researcher", role, None),
            other.revoke_role("eve", role, None),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        place
    })
    .await;
}

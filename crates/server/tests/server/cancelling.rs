//! Cancelling in a browser.

use glovebox_server::Role;

use crate::{
    http::get,
    place::everywhere,
    signed_in::{Browser, has, lacks},
    study::{SUCCESS, stands},
};

const REQUEST: &str = "/sick-notes/long-covid/1/";
const CANCEL: &str = "/sick-notes/long-covid/1/cancel/";

#[tokio::test]
async fn it_is_asked_by_name_and_kept_who_and_when() {
    everywhere(async |place| {
        place.person("dora", Some(Role::ProjectDeveloper)).await;
        let developer = Browser::sign_in(&place, "dora").await;
        let request = place.created("tpp", &["run_all"]).await;
        let page = developer.get(&place, REQUEST).await;
        has(&page, &format!("href=\"{CANCEL}\">Cancel</a>"));

        let asks = developer.get(&place, CANCEL).await;
        has(&asks, "<h1>Cancel job request 1?</h1>");
        has(&asks, "These 3 jobs on TPP");
        for action in ["cohort", "count", "plot"] {
            has(&asks, &format!("<li>{action}</li>"));
        }
        assert_eq!(
            stands(&place.request(1).await, "plot").0,
            "pending",
            "asking does nothing"
        );

        let plot = request
            .jobs
            .iter()
            .find(|job| job.action == "plot")
            .unwrap();
        let job = format!("{REQUEST}{}/", plot.id);
        let of_row = format!("href=\"{}/cancel/\" aria-label=\"Cancel plot\"", plot.id);
        has(&page, &of_row);
        lacks(&get(place.address(), REQUEST).await, "/cancel/");
        has(&developer.get(&place, &job).await, "cancel/\">Cancel</a>");
        let path = format!("{job}cancel/");
        let asks = developer.get(&place, &path).await;
        has(&asks, "<h1>Cancel plot of job request 1?</h1>");
        let cancelled = developer.send(&place, &path, &[]).await;
        assert_eq!(cancelled.status, 303, "{}", cancelled.body);
        assert_eq!(cancelled.header("location"), Some(job.as_str()));
        let page = developer.get(&place, &job).await;
        has(&page, "<dt>Cancelled</dt><dd>by dora, <time");
        has(&page, "<button disabled>Cancel</button>");
        has(&page, "It has ended.");
        assert_eq!(stands(&place.request(1).await, "count").0, "pending");
        let page = developer.get(&place, REQUEST).await;
        lacks(&page, &of_row);
        has(&page, "aria-label=\"Cancel count\"");

        let cancelled = developer.send(&place, CANCEL, &[]).await;
        assert_eq!(cancelled.header("location"), Some(REQUEST));
        let request = place.request(1).await;
        assert!(
            request
                .jobs
                .iter()
                .all(|job| job.status_code == "cancelled_by_user")
        );
        let page = developer.get(&place, REQUEST).await;
        has(&page, "Cancelled by dora at ");
        has(&page, "<button disabled>Cancel</button>");
        has(&page, "All of it has ended.");
        has(
            &developer.get(&place, CANCEL).await,
            "There is nothing to cancel",
        );

        let deeds = place.audit().await;
        let cancels: Vec<_> = deeds
            .iter()
            .filter(|(_, what, _)| what == "jobs_cancelled")
            .collect();
        assert_eq!(cancels.len(), 2, "{deeds:?}");
        assert!(cancels.iter().all(|(who, ..)| who == "dora"));
        place
    })
    .await;
}

#[tokio::test]
async fn two_at_once_cancel_once_and_neither_sees_an_error() {
    everywhere(async |place| {
        place.person("dora", Some(Role::ProjectDeveloper)).await;
        let one = Browser::sign_in(&place, "researcher").await;
        let other = Browser::sign_in(&place, "dora").await;
        place.created("tpp", &["run_all"]).await;
        let (first, second) = tokio::join!(
            one.send(&place, CANCEL, &[]),
            other.send(&place, CANCEL, &[])
        );
        assert_eq!((first.status, second.status), (303, 303));
        assert_eq!(one.send(&place, CANCEL, &[]).await.status, 303, "again");
        let deeds = place.audit().await;
        let cancels = deeds.iter().filter(|(_, what, _)| what == "jobs_cancelled");
        assert_eq!(cancels.count(), 1, "{deeds:?}");
        place
    })
    .await;
}

/// The reference's table of who may cancel what: whoever asked and those whose role permits it, what has not
/// ended.
#[tokio::test]
async fn only_those_cancel_who_may() {
    everywhere(async |place| {
        for (username, role) in [
            ("eve", None),
            ("cora", Some(Role::ProjectCollaborator)),
            ("oscar", Some(Role::OutputChecker)),
            ("dora", Some(Role::ProjectDeveloper)),
            ("ada", Some(Role::DeploymentAdministrator)),
        ] {
            place.person(username, role).await;
        }
        let request = place.created("tpp", &["run_all"]).await;
        let task = place.take(&place.tpp).await;
        place.report(&place.tpp, &task.task, SUCCESS).await;
        // Who asked may always cancel, also without a role by now.
        let admin = place.admin().await;
        let project = Some("sick-notes");
        admin
            .revoke_role("researcher", Role::ProjectDeveloper, project)
            .await
            .unwrap();
        let ended = request
            .jobs
            .iter()
            .find(|job| job.action == task.action)
            .unwrap();
        let open = request
            .jobs
            .iter()
            .find(|job| job.action == "plot")
            .unwrap();

        for (username, may) in [
            ("eve", false),
            ("cora", false),
            ("oscar", false),
            ("dora", true),
            ("ada", true),
            ("researcher", true),
        ] {
            let browser = Browser::sign_in(&place, username).await;
            let page = browser.get(&place, REQUEST).await;
            assert_eq!(page.body.contains(CANCEL), may, "{username}: {}", page.body);
            let status = if may { 200 } else { 403 };
            assert_eq!(
                browser.get(&place, CANCEL).await.status,
                status,
                "{username}"
            );
            let path = format!("{REQUEST}{}/cancel/", open.id);
            assert_eq!(
                browser.get(&place, &path).await.status,
                status,
                "{username}"
            );
            if !may {
                assert_eq!(
                    browser.send(&place, CANCEL, &[]).await.status,
                    403,
                    "{username}"
                );
                assert_eq!(
                    browser.send(&place, &path, &[]).await.status,
                    403,
                    "{username}"
                );
            }
        }
        let visitor = get(place.address(), REQUEST).await;
        lacks(&visitor, CANCEL);
        assert_eq!(get(place.address(), CANCEL).await.status, 401);
        assert_eq!(stands(&place.request(1).await, "plot").0, "pending");

        let researcher = Browser::sign_in(&place, "researcher").await;
        assert_eq!(
            researcher.send_unproved(&place, CANCEL, &[]).await.status,
            403
        );
        for path in [
            "/sick-notes/long-covid/7/cancel/",
            "/sick-notes/long-covid/x/cancel/",
            "/sick-notes/elsewhere/1/cancel/",
            "/elsewhere/long-covid/1/cancel/",
            "/sick-notes/long-covid/1/nonsense/cancel/",
        ] {
            assert_eq!(
                researcher.send(&place, path, &[]).await.status,
                404,
                "{path}"
            );
            assert_eq!(researcher.get(&place, path).await.status, 404, "{path}");
        }
        // What has ended stays as it is.
        let path = format!("{REQUEST}{}/cancel/", ended.id);
        assert_eq!(researcher.send(&place, &path, &[]).await.status, 303);
        assert_eq!(stands(&place.request(1).await, &task.action).0, "succeeded");
        place
    })
    .await;
}

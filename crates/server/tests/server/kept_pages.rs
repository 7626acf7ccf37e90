//! Pages that are kept for a moment, and for whom.

use crate::{
    http::{call_with, get},
    place::everywhere,
    signing_in::sign_in,
    study::SUCCESS,
};

#[tokio::test]
async fn nobody_gets_a_page_that_was_made_for_somebody() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let cookie = sign_in(&place).await;
        let paths = [
            "/".to_owned(),
            "/event-log/".to_owned(),
            "/status/tpp/".to_owned(),
            "/sick-notes/long-covid/".to_owned(),
            format!("/sick-notes/long-covid/{}/", request.number),
        ];
        for path in &paths {
            for _ in 0..3 {
                let theirs = call_with(place.address(), "GET", path, &[&cookie], "").await;
                assert!(theirs.body.contains("Sign out"), "{path}");
                let visitor = get(place.address(), path).await;
                assert!(!visitor.body.contains("Sign out"), "{path}");
                assert!(!visitor.body.contains("name=\"proof\""), "{path}");
                assert!(
                    visitor.header("cache-control") == Some("no-store"),
                    "{path}"
                );
            }
        }
        place
    })
    .await;
}

#[tokio::test]
async fn what_changed_is_seen_at_once() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let page = format!("/sick-notes/long-covid/{}/", request.number);
        let paths = [page.as_str(), "/event-log/", "/sick-notes/long-covid/"];
        for path in paths {
            let body = get(place.address(), path).await.body;
            assert!(body.contains("◌</span> Waiting"), "{path}\n{body}");
        }
        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        for path in paths {
            let body = get(place.address(), path).await.body;
            assert!(body.contains("✔</span> Succeeded"), "{path}\n{body}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_crowd_is_answered_alike() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let path = format!("/sick-notes/long-covid/{}/", request.number);
        let address = place.address();
        let crowd: Vec<_> = (0..40)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(async move { get(address, &path).await })
            })
            .collect();
        let mut ids = std::collections::BTreeSet::new();
        for one in crowd {
            let answered = one.await.unwrap();
            assert_eq!(answered.status, 200);
            assert!(answered.body.contains("Job request"));
            ids.insert(answered.header("x-request-id").unwrap().to_owned());
        }
        assert_eq!(ids.len(), 40, "each call has an id of its own");
        place
    })
    .await;
}

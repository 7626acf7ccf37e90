//! The API as a whole: its document, its lists, and how it says no.

use std::time::{Duration, Instant};

use glovebox_protocol::{
    JobRequestPage, PATH_ASK, PATH_JOB_REQUESTS, PATH_OPENAPI, Refusal, WorkspaceStatuses, openapi,
};
use serde_json::Value;

use crate::{
    http::{call, call_with, get, post},
    place::{Place, everywhere},
    study::{SUCCESS, asked},
};

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    everywhere(async |place| {
        let answered = get(place.address(), PATH_OPENAPI).await;
        assert_eq!(answered.status, 200);
        assert_eq!(answered.header("content-type"), Some("application/json"));
        assert_eq!(answered.body, openapi());
        let document: Value = answered.json();
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        place
    })
    .await;
}

/// Each path as documented, with a method that is not: 405, and in `Allow` those that are.
#[tokio::test]
async fn every_documented_path_is_there_and_takes_no_other_method() {
    everywhere(async |place| {
        let document: Value = serde_json::from_str(&openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let path = path
                .replace("{number}", "1")
                .replace("{name}", "long-covid");
            let answered = call(place.address(), "DELETE", &path, None, None).await;
            assert_eq!(answered.status, 405, "{path}");
            assert_eq!(answered.code(), "bad_request", "{path}");
            let allow = answered.header("allow").unwrap_or_default();
            let mut allowed: Vec<String> = allow.split(',').map(str::to_lowercase).collect();
            allowed.retain(|method| method != "head");
            allowed.sort_unstable();
            let mut documented: Vec<&String> = item.as_object().unwrap().keys().collect();
            documented.sort_unstable();
            assert_eq!(allowed.iter().collect::<Vec<_>>(), documented, "{path}");
        }
        place
    })
    .await;
}

async fn listed(place: &Place, query: &str) -> Vec<i64> {
    let answered = get(place.address(), &format!("{PATH_JOB_REQUESTS}?{query}")).await;
    assert_eq!(answered.status, 200, "{query}: {}", answered.body);
    let page: JobRequestPage = answered.json();
    page.job_requests.iter().map(|row| row.number).collect()
}

#[tokio::test]
async fn requests_are_listed_page_by_page() {
    everywhere(async |place| {
        let first = place.created("tpp", &["count"]).await.number;
        let second = place.created("emis", &["cohort"]).await.number;
        let third = place.created("emis", &["plot"]).await.number;
        let cases = [
            ("", vec![third, second, first]),
            ("backend=tpp", vec![first]),
            ("backend=nowhere", vec![]),
            ("status=pending&backend=emis", vec![third, second]),
            ("status=failed", vec![]),
            (
                "workspace=long-covid&project=sick-notes",
                vec![third, second, first],
            ),
            ("created_by=nobody", vec![]),
            ("size=1", vec![third]),
        ];
        for (query, numbers) in cases {
            assert_eq!(listed(&place, query).await, numbers, "{query}");
        }
        let mut seen = Vec::new();
        let mut query = "size=2".to_owned();
        for _ in 0..2 {
            let path = format!("{PATH_JOB_REQUESTS}?{query}");
            let page: JobRequestPage = get(place.address(), &path).await.json();
            seen.extend(page.job_requests.iter().map(|row| row.number));
            query = match page.next {
                Some(next) => format!("size=2&before={next}"),
                None => break,
            };
        }
        assert_eq!(seen, [third, second, first]);
        let page: JobRequestPage = get(place.address(), PATH_JOB_REQUESTS).await.json();
        let row = page.job_requests.last().unwrap();
        assert_eq!((row.jobs.pending, row.jobs.failed), (2, 0));
        assert_eq!(row.created_by, "researcher");
        place
    })
    .await;
}

#[tokio::test]
async fn a_workspace_says_where_its_actions_stand() {
    everywhere(async |place| {
        let path = "/api/v1/workspaces/long-covid/statuses";
        let before: WorkspaceStatuses = get(place.address(), path).await.json();
        assert!(before.statuses.is_empty());
        let request = place.created("tpp", &["count"]).await;
        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        let now: WorkspaceStatuses = get(place.address(), path).await.json();
        assert_eq!(now.workspace, "long-covid");
        let stand: Vec<(&str, &str, &str)> = now
            .statuses
            .iter()
            .map(|status| {
                assert_eq!(status.job_request, request.number);
                (
                    status.action.as_str(),
                    status.backend.as_str(),
                    status.state.as_str(),
                )
            })
            .collect();
        assert_eq!(
            stand,
            [("cohort", "tpp", "succeeded"), ("count", "tpp", "pending")]
        );
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_not_as_documented_is_refused_in_json() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        let cases = [
            ("/api/v1/job-requests?size=0", 400),
            ("/api/v1/job-requests?size=201", 400),
            ("/api/v1/job-requests?size=1&size=2", 400),
            ("/api/v1/job-requests?before=0", 400),
            ("/api/v1/job-requests?before=9223372036854775808", 400),
            ("/api/v1/job-requests?status=done", 400),
            ("/api/v1/job-requests?backend=", 400),
            ("/api/v1/job-requests?backend=%00", 400),
            ("/api/v1/job-requests?worksapce=long-covid", 400),
            ("/api/v1/job-requests/0", 404),
            ("/api/v1/job-requests/01", 404),
            ("/api/v1/job-requests/+1", 404),
            ("/api/v1/job-requests/-1", 404),
            ("/api/v1/job-requests/9223372036854775807", 404),
            ("/api/v1/job-requests/9223372036854775808", 404),
            ("/api/v1/job-requests/", 404),
            ("/api/v1/workspaces/a%00b/statuses", 404),
            ("/api/v1/workspaces/%ff/statuses", 404),
            ("/api/nowhere/at/all/", 404),
            ("/events/job-requests/1?wait_seconds=601", 400),
            ("/events/job-requests/x", 404),
        ];
        for (path, status) in cases {
            // As a browser asks, which is answered in JSON below /api/ too.
            let accept = ["Accept: text/html"];
            let answered = call_with(place.address(), "GET", path, &accept, "").await;
            assert_eq!(answered.status, status, "{path}: {}", answered.body);
            assert!(!answered.json::<Refusal>().message.is_empty(), "{path}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_text_that_the_database_does_not_take_names_nothing() {
    everywhere(async |place| {
        let with = |workspace: &str, backend: &str| {
            let mut asked = asked(backend, &["cohort"]);
            workspace.clone_into(&mut asked.workspace);
            asked
        };
        for asked in [with("a\0b", "tpp"), with("long-covid", "tpp\0")] {
            let answered = place.create(&place.researcher, &asked).await;
            assert_eq!(answered.status, 404, "{asked:?}: {}", answered.body);
        }
        for path in ["/event-log/?workspace=%00", "/sick-notes/a%00b/"] {
            let status = get(place.address(), path).await.status;
            assert!([200, 404].contains(&status), "{path}: {status}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    everywhere(async |place| {
        let body = r#"{"agent":"agent-1","slots":0,"holds":[],"wait_seconds":0}"#;
        let too_large = format!("[{}]", " ".repeat(1024 * 1024));
        let cases = [
            ("application/json", body, 200),
            ("application/json; charset=utf-8", body, 200),
            ("text/plain", body, 415),
            ("application/x-www-form-urlencoded", body, 415),
            ("application/json", "{", 400),
            ("application/json", "\u{fffd}", 400),
            ("application/json", "", 400),
            ("application/json", too_large.as_str(), 413),
        ];
        for (kind, body, status) in cases {
            let headers = [
                format!("Authorization: Bearer {}", place.tpp),
                format!("Content-Type: {kind}"),
            ];
            let headers = headers.each_ref().map(String::as_str);
            let answered = call_with(place.address(), "POST", PATH_ASK, &headers, body).await;
            assert_eq!(answered.status, status, "{kind}: {}", answered.body);
            if status != 200 {
                assert!(!answered.json::<Refusal>().message.is_empty(), "{kind}");
            }
        }
        place
    })
    .await;
}

#[tokio::test]
async fn an_agent_keeps_to_the_bounds() {
    everywhere(async |place| {
        let cases = [
            (
                r#"{"agent":"a b","slots":0,"holds":[],"wait_seconds":0}"#,
                400,
            ),
            (
                r#"{"agent":"a","slots":10001,"holds":[],"wait_seconds":0}"#,
                400,
            ),
            (
                r#"{"agent":"a","slots":0,"holds":[],"wait_seconds":3601}"#,
                400,
            ),
            (
                r#"{"agent":"a","slots":0,"holds":["x-001"],"wait_seconds":0}"#,
                400,
            ),
            (
                r#"{"agent":"a","slots":0.0,"holds":["abcdefghij234567-001"],"wait_seconds":0}"#,
                200,
            ),
        ];
        for (body, status) in cases {
            let body: Value = serde_json::from_str(body).unwrap();
            let answered = post(place.address(), PATH_ASK, &place.tpp, &body).await;
            assert_eq!(answered.status, status, "{body}: {}", answered.body);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_stream_lasts_as_long_as_is_asked() {
    everywhere(async |place| {
        let number = place.created("tpp", &["cohort"]).await.number;
        let began = Instant::now();
        let path = format!("/events/job-requests/{number}?wait_seconds=1");
        let answered = get(place.address(), &path).await;
        assert_eq!(answered.status, 200);
        assert_eq!(answered.header("content-type"), Some("text/event-stream"));
        let lasted = began.elapsed();
        assert!(lasted > Duration::from_millis(900), "{lasted:?}");
        assert!(lasted < Duration::from_secs(15), "{lasted:?}");
        place
    })
    .await;
}

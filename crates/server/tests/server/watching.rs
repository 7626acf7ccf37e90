//! What those who only look see.

use std::time::Duration;

use glovebox_server::{Filter, Page};

use crate::{
    http::{get, open, read_until},
    place::everywhere,
    study::{PROJECT, SUCCESS},
};

#[tokio::test]
async fn who_watches_a_request_hears_of_each_change() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let path = format!("/events/job-requests/{}", request.number);
        let mut stream = open(place.address(), &path).await;
        let head = read_until(&mut stream, "\r\n\r\n", Duration::from_secs(5)).await;
        assert!(head.contains("text/event-stream"), "{head}");
        let task = place.take(&place.tpp).await.task;
        read_until(&mut stream, "event: changed", Duration::from_secs(5)).await;
        place.report(&place.tpp, &task, SUCCESS).await;
        read_until(&mut stream, "event: changed", Duration::from_secs(5)).await;
        assert_eq!(
            get(place.address(), "/events/job-requests/99").await.status,
            404
        );
        place
    })
    .await;
}

#[tokio::test]
async fn pages_find_all_they_need() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        let second = place.created("emis", &["cohort"]).await;
        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        let reader = place.reader();

        let view = reader.job_request(request.number).await.unwrap().unwrap();
        assert_eq!(view.organisation.name, "An institute");
        assert_eq!(view.project.slug, "sick-notes");
        assert_eq!(view.created_by.username, "researcher");
        assert_eq!(view.project_yaml, PROJECT);
        assert_eq!(view.jobs.len(), 2);
        assert!(view.jobs[0].job.started_at.is_some());
        assert_eq!(view.summary.jobs, [1, 0, 1, 0]);
        assert!(reader.job_request(99).await.unwrap().is_none());

        let of_emis = Filter {
            backends: vec!["emis".to_owned()],
            ..Filter::default()
        };
        let latest = reader
            .latest_requests(&of_emis, Page::default())
            .await
            .unwrap();
        assert_eq!(latest.rows.len(), 1);
        assert_eq!(latest.rows[0].number, second.number);
        let of_project = Filter {
            project: Some("sick-notes".to_owned()),
            workspace: Some("long-covid".to_owned()),
            created_by: Some("researcher".to_owned()),
            ..Filter::default()
        };
        let page = Page {
            before: None,
            size: 1,
            ..Page::default()
        };
        let first = reader.latest_requests(&of_project, page).await.unwrap();
        assert_eq!(first.next, Some(second.number));
        let page = Page {
            before: first.next,
            size: 1,
            ..Page::default()
        };
        let next = reader.latest_requests(&of_project, page).await.unwrap();
        assert_eq!((next.rows[0].number, next.next), (request.number, None));

        let workspace = reader.workspace("long-covid").await.unwrap().unwrap();
        assert_eq!(workspace.branch, "main");
        let last: Vec<(&str, &str, &str)> = workspace
            .last_jobs
            .iter()
            .map(|last| {
                (
                    last.action.as_str(),
                    last.backend.as_str(),
                    last.state.as_str(),
                )
            })
            .collect();
        assert_eq!(
            last,
            [
                ("cohort", "tpp", "succeeded"),
                ("cohort", "emis", "pending"),
                ("count", "tpp", "pending"),
            ]
        );
        let backends = reader.backends().await.unwrap();
        assert_eq!(backends[1].slug, "tpp");
        assert_eq!((backends[1].pending, backends[1].running), (1, 0));
        assert!(backends[1].last_seen_at.is_some());
        assert!(backends[0].last_seen_at.is_none());
        place
    })
    .await;
}

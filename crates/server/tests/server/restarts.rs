//! A server that ends in the middle of everything.

use std::time::{Duration, Instant};

use glovebox_protocol::{Happened, Verdict};
use glovebox_server::Switch;

use crate::{
    place::everywhere,
    study::{SUCCESS, stands},
};

#[tokio::test]
async fn a_restart_loses_nothing() {
    everywhere(async |mut place| {
        let request = place.created("tpp", &["run_all"]).await;
        let cohort = place.take(&place.tpp).await.task;
        let before = place.request(request.number).await;
        place.kill().await;
        place.start().await;
        assert_eq!(place.request(request.number).await, before);

        // The agent was at work all the while, and goes on.
        let goes_on = place.report(&place.tpp, &cohort, Happened::GoesOn).await;
        assert_eq!(goes_on, Verdict::Noted);
        let told = place.ask(&place.tpp, 5, &[&cohort], 0).await;
        assert!(told.begin.is_empty() && told.stop.is_empty(), "{told:?}");
        assert_eq!(
            place.report(&place.tpp, &cohort, SUCCESS).await,
            Verdict::Noted
        );

        place.stop().await;
        place.start().await;
        let begun = place.ask(&place.tpp, 5, &[], 0).await.begin;
        assert_eq!(begun.len(), 2, "those that waited for it");
        for task in &begun {
            assert_eq!(
                place.report(&place.tpp, &task.task, SUCCESS).await,
                Verdict::Noted
            );
        }
        assert_eq!(place.request(request.number).await.status, "succeeded");
        place
    })
    .await;
}

#[tokio::test]
async fn what_failed_before_a_restart_is_known_after_it() {
    everywhere(async |mut place| {
        let request = place.created("tpp", &["count"]).await;
        let cohort = place.take(&place.tpp).await.task;
        place.kill().await;
        place.start().await;
        let failed = Happened::Ended(glovebox_protocol::Ended::Failed(
            glovebox_protocol::Reason::NonzeroExit,
        ));
        place.report(&place.tpp, &cohort, failed).await;
        let now = place.request(request.number).await;
        assert_eq!(stands(&now, "count").1, "dependency_failed");
        place
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stops_lets_those_who_wait_go() {
    everywhere(async |mut place| {
        let began = Instant::now();
        let address = place.address();
        let token = place.tpp.clone();
        let waiting = tokio::spawn(async move {
            let ask = glovebox_protocol::Ask {
                agent: "agent-1".to_owned(),
                slots: 1,
                holds: Vec::new(),
                wait_seconds: 30,
            };
            crate::http::post(address, glovebox_protocol::PATH_ASK, &token, &ask).await
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        place.stop().await;
        assert_eq!(waiting.await.unwrap().status, 200);
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{:?}",
            began.elapsed()
        );
        place
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_is_paused_stays_so() {
    everywhere(async |mut place| {
        let request = place.created("tpp", &["cohort"]).await;
        let queue = place.operations().queue("tpp").await.unwrap();
        assert_eq!(queue[0].0, request.jobs[0].id);
        let pause = place.operations().switch("tpp", Switch::Pause, "ops");
        pause.await.unwrap();
        assert!(place.ask(&place.tpp, 1, &[], 0).await.begin.is_empty());
        place.kill().await;
        place.start().await;
        assert!(place.ask(&place.tpp, 1, &[], 0).await.begin.is_empty());
        let now = place.request(request.number).await;
        assert_eq!(stands(&now, "cohort").1, "paused");
        assert!(place.reader().backends().await.unwrap()[1].paused);
        let resume = place.operations().switch("tpp", Switch::Resume, "ops");
        resume.await.unwrap();
        place.take(&place.tpp).await;
        place
    })
    .await;
}

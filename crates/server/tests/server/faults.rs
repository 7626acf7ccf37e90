//! What goes wrong around the server, and how far it reaches.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use glovebox_protocol::{Ask, Created, PATH_ASK, Verdict};
use glovebox_server::ServerError;

use crate::{
    http::{get, post},
    place::{Place, everywhere},
    study::{SUCCESS, asked, stands},
};

async fn ask_status(place: &Place, server: std::net::SocketAddr) -> u16 {
    let ask = Ask {
        agent: "agent-1".to_owned(),
        slots: 1,
        holds: Vec::new(),
        wait_seconds: 0,
    };
    post(server, PATH_ASK, &place.tpp, &ask).await.status
}

#[tokio::test]
async fn an_older_server_gives_no_job_away() {
    everywhere(async |mut place| {
        place.created("tpp", &["cohort"]).await;
        let older = place.start_another().await;
        assert_eq!(ask_status(&place, older).await, 503);
        let why = place.older_ended().await;
        assert!(matches!(why, ServerError::Superseded), "{why}");
        let task = place.take(&place.tpp).await;
        assert_eq!(
            place.report(&place.tpp, &task.task, SUCCESS).await,
            Verdict::Noted
        );
        place
    })
    .await;
}

#[tokio::test]
async fn a_damaged_record_keeps_no_other_job_from_running() {
    everywhere(async |mut place| {
        let request = place.created("tpp", &["cohort"]).await;
        let other = place.created("emis", &["cohort"]).await;
        place.stop().await;
        let damage = format!(
            "UPDATE job SET record = '{{' WHERE request_number = {}",
            other.number
        );
        place.sql(&damage).await;
        place.start().await;
        let task = place.take(&place.tpp).await;
        place.report(&place.tpp, &task.task, SUCCESS).await;
        assert_eq!(place.request(request.number).await.status, "succeeded");
        let none = place.ask(&place.emis, 1, &[], 0).await;
        assert!(none.begin.is_empty());
        let anew = place.created("emis", &["plot"]).await;
        assert_eq!(anew.jobs.len(), 1, "the backend takes new ones");
        place
    })
    .await;
}

#[tokio::test]
async fn what_could_not_be_kept_was_not_said() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        place.sql("ALTER TABLE job RENAME TO job_away").await;
        assert_eq!(ask_status(&place, place.address()).await, 503);
        let answered = place
            .create(&place.researcher, &asked("tpp", &["plot"]))
            .await;
        assert_eq!(
            (answered.status, answered.code()),
            (503, "unavailable".to_owned())
        );
        assert!(
            !answered.body.contains("job_away"),
            "details are for the log"
        );
        place.sql("ALTER TABLE job_away RENAME TO job").await;

        let before = place.request(request.number).await;
        assert_eq!(stands(&before, "cohort").0, "pending");
        let task = place.take(&place.tpp).await;
        assert!(
            task.task.ends_with("-001"),
            "the first attempt: {}",
            task.task
        );
        assert!(!task.again);
        assert_eq!(
            get(place.address(), "/api/v1/job-requests/2").await.status,
            404
        );
        place
    })
    .await;
}

#[tokio::test]
async fn who_did_what_is_kept() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let path = format!("/api/v1/job-requests/{}/cancel", request.number);
        let nothing = serde_json::json!({});
        for _ in 0..2 {
            assert_eq!(
                post(place.address(), &path, &place.researcher, &nothing)
                    .await
                    .status,
                200
            );
        }
        let deeds = place.audit().await;
        let has = |actor: &str, action: &str| {
            deeds
                .iter()
                .filter(|(who, what, _)| who == actor && what == action)
                .count()
        };
        assert_eq!(has("setup", "role_granted"), 1);
        assert_eq!(has("setup", "backend_created"), 2);
        assert_eq!(has("researcher", "job_request_created"), 1);
        assert_eq!(
            has("researcher", "jobs_cancelled"),
            1,
            "once, however often: {deeds:?}"
        );
        let secrets = [&place.researcher, &place.tpp, &place.emis];
        for (_, _, details) in &deeds {
            assert!(
                secrets
                    .iter()
                    .all(|secret| !details.contains(secret.as_str()))
            );
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_large_request_is_made_and_given_away_fast() {
    everywhere(async |place| {
        let mut project = "version: '4.0'\nactions:\n".to_owned();
        for number in 0..2_500 {
            write!(
                project,
                "  a{number}:\n    run: python:v2 python a.py {number}\n    outputs: {{moderately_sensitive: {{t: output/t{number}.csv}}}}\n"
            )
            .unwrap();
        }
        place.commit(&project);
        let began = Instant::now();
        let answered = place
            .create(&place.researcher, &asked("tpp", &["run_all"]))
            .await;
        let took = began.elapsed();
        println!("2500 jobs made in {took:?}");
        assert_eq!(answered.json::<Created>().request.jobs.len(), 2_500);
        assert!(took < Duration::from_secs(10), "{took:?}");
        let began = Instant::now();
        let tasks = place.ask(&place.tpp, 10, &[], 0).await.begin;
        println!("10 given away in {:?}", began.elapsed());
        assert_eq!(tasks.len(), 10);
        place
    })
    .await;
}

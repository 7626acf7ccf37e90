//! What agents are told, and what becomes of what they say.

use std::time::{Duration, Instant};

use glovebox_protocol::{
    Answer, Ask, Ended, Happened, Metrics, PATH_ASK, PATH_REPORT, Reason, Report, Stage, Verdict,
};
use serde_json::json;

use crate::{
    http::{call, post},
    place::everywhere,
    study::{PROJECT, SUCCESS, stands},
};

#[tokio::test]
async fn a_request_is_run_to_its_end() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        assert_eq!(request.status, "pending");
        assert_eq!(request.jobs.len(), 2, "what it needs runs too");

        let cohort = place.take(&place.tpp).await;
        assert_eq!(cohort.action, "cohort");
        assert!(cohort.requires_db && !cohort.again);
        assert_eq!(cohort.commit, request.commit);
        assert_eq!(cohort.workspace, "long-covid");
        assert_eq!(cohort.requested_by, "researcher");
        assert!(cohort.repo.starts_with("file://"));

        let stage = Happened::Stage(Stage::Executing);
        let verdict = place.report(&place.tpp, &cohort.task, stage).await;
        assert_eq!(verdict, Verdict::Noted);
        let now = place.request(request.number).await;
        assert_eq!(now.status, "running");
        assert_eq!(stands(&now, "cohort").1, "executing");
        assert_eq!(stands(&now, "count").1, "waiting_on_dependencies");

        place.report(&place.tpp, &cohort.task, SUCCESS).await;
        let count = place.take(&place.tpp).await;
        assert_eq!(count.action, "count");
        place.report(&place.tpp, &count.task, SUCCESS).await;
        let now = place.request(request.number).await;
        assert_eq!(now.status, "succeeded");
        let names: Vec<&str> = now.jobs.iter().map(|job| job.action.as_str()).collect();
        assert_eq!(names, ["cohort", "count"], "in the order of the file");
        place
    })
    .await;
}

#[tokio::test]
async fn a_report_that_comes_again_does_no_harm() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let task = place.take(&place.tpp).await.task;
        assert_eq!(
            place.report(&place.tpp, &task, SUCCESS).await,
            Verdict::Noted
        );
        let first = place.request(request.number).await;
        for _ in 0..3 {
            assert_eq!(
                place.report(&place.tpp, &task, SUCCESS).await,
                Verdict::Over
            );
        }
        let failed = Happened::Ended(Ended::Failed(Reason::OutOfMemory));
        assert_eq!(place.report(&place.tpp, &task, failed).await, Verdict::Over);
        assert_eq!(place.request(request.number).await, first);
        place
    })
    .await;
}

#[tokio::test]
async fn why_a_job_failed_is_kept_and_said() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        let task = place.take(&place.tpp).await.task;
        let report = Report {
            agent: "agent-1".to_owned(),
            task,
            happened: Happened::Ended(Ended::Failed(Reason::OutOfMemory)),
            metrics: Some(Metrics {
                cpu_mean: 0.5,
                cpu_peak: 1.0,
                memory_mean: 1,
                memory_peak: 2,
            }),
        };
        let answered = post(place.address(), PATH_REPORT, &place.tpp, &report).await;
        assert_eq!(answered.json::<Verdict>(), Verdict::Noted);
        let now = place.request(request.number).await;
        assert_eq!(now.status, "failed");
        assert!(now.jobs[0].status_message.contains("memory"), "{now:?}");
        assert_eq!(stands(&now, "count").1, "dependency_failed");
        place
    })
    .await;
}

#[tokio::test]
async fn no_token_reaches_the_jobs_of_another_backend() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let none = place.ask(&place.emis, 5, &[], 0).await;
        assert!(none.begin.is_empty(), "{none:?}");
        let task = place.take(&place.tpp).await.task;

        let before = place.request(request.number).await;
        let others = [
            (Happened::GoesOn, Verdict::NotYours),
            (Happened::Stage(Stage::Finalizing), Verdict::NotYours),
            (Happened::Stopped, Verdict::Over),
            (SUCCESS, Verdict::Over),
        ];
        for (happened, verdict) in others {
            assert_eq!(place.report(&place.emis, &task, happened).await, verdict);
        }
        assert_eq!(place.request(request.number).await, before);
        let told = place.ask(&place.emis, 5, &[&task], 0).await;
        assert_eq!(told.stop, [task.as_str()], "it holds what is not its own");

        assert_eq!(
            place.report(&place.tpp, &task, SUCCESS).await,
            Verdict::Noted
        );
        place
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_waits_hears_of_a_job_at_once() {
    everywhere(async |place| {
        let began = Instant::now();
        let (answer, _) = tokio::join!(place.ask(&place.tpp, 1, &[], 30), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            place.created("tpp", &["cohort"]).await
        });
        assert_eq!(answer.begin.len(), 1);
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
        place
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_waits_in_vain_is_answered_in_time() {
    everywhere(async |place| {
        let began = Instant::now();
        let answer = place.ask(&place.tpp, 1, &[], 1).await;
        assert!(answer.begin.is_empty() && answer.stop.is_empty());
        let waited = began.elapsed();
        assert!(waited >= Duration::from_secs(1) && waited < Duration::from_secs(4));
        place
    })
    .await;
}

#[tokio::test]
async fn agents_of_one_backend_share_its_jobs() {
    everywhere(async |place| {
        let ask = |agent: &str| Ask {
            agent: agent.to_owned(),
            slots: 1,
            holds: Vec::new(),
            wait_seconds: 20,
        };
        let asks = [ask("left"), ask("right")];
        let (left, right, _) = tokio::join!(
            post(place.address(), PATH_ASK, &place.tpp, &asks[0]),
            post(place.address(), PATH_ASK, &place.tpp, &asks[1]),
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                place.commit(&PROJECT.replace("needs: [cohort]", "needs: []"));
                place.created("tpp", &["count", "plot"]).await
            }
        );
        let (left, right): (Answer, Answer) = (left.json(), right.json());
        assert_eq!((left.begin.len(), right.begin.len()), (1, 1));
        assert_ne!(left.begin[0].task, right.begin[0].task);
        let happened = Happened::GoesOn;
        let others = place.report(&place.tpp, &left.begin[0].task, happened);
        assert_eq!(others.await, Verdict::NotYours, "it is with another agent");
        place
    })
    .await;
}

#[tokio::test]
async fn a_task_that_was_lost_on_the_way_is_sent_again() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        let first = place.take(&place.tpp).await;
        let again = place.take(&place.tpp).await;
        assert_eq!(again.task, first.task);
        assert!(again.again);
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_no_message_is_refused_with_a_reason() {
    everywhere(async |place| {
        let server = place.address();
        let task = "abcdefghij234567-001";
        let cases = [
            (PATH_ASK, json!({"agent": "a"}), 400),
            (PATH_ASK, json!({"agent": "a b", "slots": 1, "holds": [], "wait_seconds": 0}), 400),
            (PATH_ASK, json!({"agent": "a", "slots": 1, "holds": ["x"], "wait_seconds": 0}), 400),
            (PATH_REPORT, json!({"agent": "a", "task": task, "happened": "goes_on", "metrics": null, "log": "x"}), 400),
            (PATH_REPORT, json!({"agent": "a", "task": task, "happened": "goes_on",
                "metrics": {"cpu_mean": -1.0, "cpu_peak": 1.0, "memory_mean": 0, "memory_peak": 0}}), 400),
        ];
        for (path, body, status) in cases {
            let answered = post(server, path, &place.tpp, &body).await;
            assert_eq!(answered.status, status, "{body}: {}", answered.body);
            assert_eq!(answered.code(), "bad_request");
        }
        let large = format!("\"{}\"", "x".repeat(2 * 1024 * 1024));
        let answered = call(server, "POST", PATH_ASK, Some(&place.tpp), Some(&large)).await;
        assert_eq!((answered.status, answered.code()), (413, "too_large".to_owned()));
        for token in [None, Some("nonsense"), Some(place.researcher.as_str())] {
            let answered = call(server, "POST", PATH_ASK, token, Some("{}")).await;
            assert_eq!(answered.status, 401);
            assert_eq!(answered.header("www-authenticate"), Some("Bearer"));
        }
        place
    })
    .await;
}

//! What people ask for, and what they may.

use std::time::Duration;

use glovebox_protocol::{CancelRequest, Created, PATH_JOB_REQUESTS, Refusal, Verdict};
use glovebox_server::{Role, Scope};

use crate::{
    http::{call, get, post},
    place::{Place, everywhere},
    study::{PROJECT, SUCCESS, asked, stands},
};

async fn cancel(place: &Place, token: &str, number: i64, actions: &[&str]) -> (u16, String) {
    let path = format!("{PATH_JOB_REQUESTS}/{number}/cancel");
    let what = CancelRequest {
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
    };
    let answered = post(place.address(), &path, token, &what).await;
    (answered.status, answered.body)
}

#[tokio::test]
async fn a_branch_is_resolved_once() {
    everywhere(async |place| {
        let request = place.created("tpp", &["run_all"]).await;
        let later = place.commit(&PROJECT.replace("count.py", "other.py"));
        assert_ne!(later, request.commit);
        let task = place.take(&place.tpp).await;
        assert_eq!(task.commit, request.commit);

        let mut at_first = asked("emis", &["cohort"]);
        at_first.git_ref = Some(request.commit.clone());
        let created: Created = place.create(&place.researcher, &at_first).await.json();
        assert_eq!(created.request.commit, request.commit);
        place
    })
    .await;
}

#[tokio::test]
async fn a_project_file_that_is_rejected_is_shown_on_its_lines() {
    everywhere(async |place| {
        place.commit("version: '4.0'\nactions:\n  count:\n    run: python:latest python x.py\n    needs: [nothing]\n    outputs: {moderately_sensitive: {t: output/t.csv}}\n");
        let answered = place.create(&place.researcher, &asked("tpp", &["run_all"])).await;
        assert_eq!(answered.status, 422);
        let refusal: Refusal = answered.json();
        assert_eq!(refusal.code, "project_rejected");
        assert!(refusal.problems.iter().any(|problem| problem.line == 5), "{refusal:?}");
        assert_eq!(get(place.address(), "/api/v1/job-requests/1").await.status, 404);
        place
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_with_a_reason() {
    everywhere(async |place| {
        let with_ref = |git_ref: &str| {
            let mut asked = asked("tpp", &["count"]);
            asked.git_ref = Some(git_ref.to_owned());
            asked
        };
        let with_workspace = |workspace: &str| {
            let mut asked = asked("tpp", &["count"]);
            workspace.clone_into(&mut asked.workspace);
            asked
        };
        let cases = [
            (asked("tpp", &["nonsense"]), 422, "refused"),
            (asked("tpp", &[]), 422, "refused"),
            (asked("nowhere", &["count"]), 404, "not_found"),
            (with_workspace("nowhere"), 404, "not_found"),
            (with_workspace("'; DROP TABLE job; --"), 404, "not_found"),
            (with_ref("nowhere"), 422, "refused"),
            (with_ref("--upload-pack=touch /tmp/x"), 422, "refused"),
            (with_ref("a..b"), 422, "refused"),
            (with_ref(&"0".repeat(40)), 422, "refused"),
        ];
        for (asked, status, code) in cases {
            let answered = place.create(&place.researcher, &asked).await;
            assert_eq!(answered.status, status, "{asked:?}: {}", answered.body);
            assert_eq!(answered.code(), code, "{asked:?}");
        }
        assert_eq!(
            get(place.address(), "/api/v1/job-requests/1").await.status,
            404
        );
        place
    })
    .await;
}

#[tokio::test]
async fn nothing_to_do_is_kept_and_said() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        let task = place.take(&place.tpp).await.task;
        let answered = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await;
        let created: Created = answered.json();
        assert_eq!(created.request.status, "nothing_to_do");
        assert!(created.nothing_to_do.is_some());

        place.report(&place.tpp, &task, SUCCESS).await;
        let anew: Created = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await
            .json();
        assert_eq!(
            anew.request.jobs.len(),
            1,
            "what is asked for by name runs again"
        );
        place
    })
    .await;
}

#[tokio::test]
async fn two_who_ask_at_once_share_the_jobs() {
    everywhere(async |place| {
        let asked = asked("tpp", &["run_all"]);
        let (one, two) = tokio::join!(
            place.create(&place.researcher, &asked),
            place.create(&place.researcher, &asked)
        );
        let (one, two): (Created, Created) = (one.json(), two.json());
        let mut counts = [one.request.jobs.len(), two.request.jobs.len()];
        counts.sort_unstable();
        assert_eq!(counts, [0, 3]);
        place
    })
    .await;
}

#[tokio::test]
async fn cancelled_jobs_are_stopped_and_it_is_kept_by_whom() {
    everywhere(async |place| {
        let request = place.created("tpp", &["run_all"]).await;
        let task = place.take(&place.tpp).await.task;
        assert_eq!(
            cancel(&place, &place.researcher, request.number, &["plot"])
                .await
                .0,
            200
        );
        let now = place.request(request.number).await;
        assert_eq!(stands(&now, "plot").1, "cancelled_by_user");
        assert_eq!(stands(&now, "cohort").0, "running");

        let holds = [task.as_str()];
        let (told, cancelled) = tokio::join!(place.ask(&place.tpp, 0, &holds, 30), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cancel(&place, &place.researcher, request.number, &[]).await
        });
        assert_eq!(cancelled.0, 200);
        assert_eq!(told.stop, [task.as_str()], "who waits is told at once");
        assert_eq!(
            place.report(&place.tpp, &task, SUCCESS).await,
            Verdict::Over
        );
        let now = place.request(request.number).await;
        assert_eq!(now.status, "failed");
        assert!(
            now.jobs
                .iter()
                .all(|job| job.status_code == "cancelled_by_user")
        );
        assert_eq!(
            cancel(&place, &place.researcher, request.number, &[])
                .await
                .0,
            200,
            "again"
        );
        let (status, body) = cancel(&place, &place.researcher, request.number, &["nonsense"]).await;
        assert_eq!(status, 422, "{body}");
        place
    })
    .await;
}

#[tokio::test]
async fn two_who_cancel_at_once_cancel_once() {
    everywhere(async |place| {
        let developer = place.person("dora", Some(Role::ProjectDeveloper)).await;
        let request = place.created("tpp", &["run_all"]).await;
        let (one, two) = tokio::join!(
            cancel(&place, &place.researcher, request.number, &[]),
            cancel(&place, &developer, request.number, &[])
        );
        assert_eq!((one.0, two.0), (200, 200));
        let deeds = place.audit().await;
        let cancels = deeds.iter().filter(|(_, what, _)| what == "jobs_cancelled");
        assert_eq!(cancels.count(), 1, "{deeds:?}");
        place
    })
    .await;
}

#[tokio::test]
async fn only_those_may_who_may() {
    everywhere(async |place| {
        let stranger = place.person("eve", None).await;
        let checker = place.person("cora", Some(Role::OutputChecker)).await;
        let developer = place.person("dora", Some(Role::ProjectDeveloper)).await;
        let request = place.created("tpp", &["run_all"]).await;
        for token in [&stranger, &checker] {
            let answered = place.create(token, &asked("tpp", &["cohort"])).await;
            assert_eq!(
                (answered.status, answered.code()),
                (403, "forbidden".to_owned())
            );
            assert_eq!(cancel(&place, token, request.number, &[]).await.0, 403);
        }
        // Who asked may always cancel, also without the role.
        let admin = place.admin().await;
        let project = Some("sick-notes");
        admin
            .revoke_role("researcher", Role::ProjectDeveloper, project)
            .await
            .unwrap();
        let answered = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await;
        assert_eq!(answered.status, 403);
        assert_eq!(
            cancel(&place, &place.researcher, request.number, &["plot"])
                .await
                .0,
            200
        );
        assert_eq!(cancel(&place, &developer, request.number, &[]).await.0, 200);
        place
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_does_no_more_than_its_scope() {
    everywhere(async |place| {
        let short = place
            .token("researcher", Scope::Jobs, Duration::from_millis(300))
            .await;
        let reading = place
            .token("researcher", Scope::Read, Duration::from_hours(1))
            .await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        let cases = [
            (short.as_str(), 401),
            (place.tpp.as_str(), 401),
            ("", 401),
            (reading.as_str(), 403),
        ];
        for (token, status) in cases {
            let answered = place.create(token, &asked("tpp", &["cohort"])).await;
            assert_eq!(answered.status, status, "{}", answered.body);
            assert!(token.is_empty() || !answered.body.contains(token));
        }
        let admin = place.admin().await;
        admin.revoke_personal_tokens("researcher").await.unwrap();
        let answered = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await;
        assert_eq!(answered.status, 401, "{}", answered.body);
        place
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_its_headers_and_every_error_is_json() {
    everywhere(async |place| {
        let server = place.address();
        let cases = [
            ("GET", "/health", 200),
            ("GET", "/nowhere", 404),
            ("GET", "/api/v1/job-requests/x", 404),
            ("GET", "/api/v1/job-requests/7", 404),
            ("DELETE", "/health", 405),
        ];
        for (method, path, status) in cases {
            let answered = call(server, method, path, None, None).await;
            assert_eq!(answered.status, status, "{path}");
            let policy = answered
                .header("content-security-policy")
                .unwrap_or_default();
            assert!(
                policy.contains("default-src 'none'"),
                "{path}: {}",
                answered.head
            );
            assert_eq!(
                answered.header("x-content-type-options"),
                Some("nosniff"),
                "{path}"
            );
            assert_eq!(
                answered.header("x-request-id").map(str::len),
                Some(16),
                "{path}"
            );
            if status != 200 {
                assert!(!answered.json::<Refusal>().message.is_empty());
            }
        }
        place
    })
    .await;
}

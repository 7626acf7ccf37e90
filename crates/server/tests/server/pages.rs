//! What anybody may read: places, requests, jobs, code.

use std::time::Duration;

use glovebox_server::{Role, WhyStale};

use crate::{
    http::{call_with, get},
    place::{Place, everywhere},
    signed_in::Browser,
    signing_in::sign_in,
    study::{PROJECT, SUCCESS},
};

async fn shown(place: &Place, path: &str) -> String {
    let page = get(place.address(), path).await;
    assert_eq!(page.status, 200, "{path}\n{}", page.body);
    page.body
}

fn has_all(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
}

/// Runs the next job of a backend to its end.
async fn run_one(place: &Place, token: &str) {
    let task = place.take(token).await.task;
    place.report(token, &task, SUCCESS).await;
}

#[tokio::test]
async fn every_place_has_a_page_that_leads_on() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        run_one(&place, &place.tpp).await;
        let number = request.number;
        let to_request = format!("href=\"/sick-notes/long-covid/{number}/\"");
        let cases: &[(&str, &[&str])] = &[
            ("/", &["Job requests", &to_request]),
            (
                "/organisations/",
                &["href=\"/orgs/institute/\"", "An institute"],
            ),
            ("/orgs/institute/", &["href=\"/sick-notes/\"", &to_request]),
            (
                "/sick-notes/",
                &[
                    "href=\"/sick-notes/long-covid/\"",
                    "href=\"/orgs/institute/\"",
                    &to_request,
                ],
            ),
            (
                "/users/researcher/",
                &["href=\"/sick-notes/\"", &to_request],
            ),
            (
                "/sick-notes/long-covid/",
                &[
                    "<code>main</code>",
                    "href=\"/status/tpp/\"",
                    "up to date",
                    "never run",
                ],
            ),
            (
                "/status/",
                &["href=\"/status/tpp/\"", "href=\"/status/emis/\"", "missing"],
            ),
            ("/status/tpp/", &["in order", "count", &to_request]),
            ("/status/emis/", &["missing", "never"]),
        ];
        for (path, parts) in cases {
            has_all(&shown(&place, path).await, parts);
        }
        // Who has which role in a project is not for everybody.
        let project = shown(&place, "/sick-notes/?sort=-created").await;
        assert!(!project.contains("developer"), "{project}");
        for missing in [
            "/orgs/nobody/",
            "/nothing/",
            "/users/nobody/",
            "/status/nowhere/",
            "/nothing/long-covid/",
            "/sick-notes/nothing/",
            "/sick-notes/long-covid/99/",
            "/sick-notes/long-covid/x/",
            "/jobs/zzzz/",
            "/jobs/%2e%2e/",
            "/job-requests/99/",
            "/users/%ff/",
        ] {
            assert_eq!(get(place.address(), missing).await.status, 404, "{missing}");
        }
        place
    })
    .await;
}

/// What somebody who is signed in comes back to stands first, and is gone when their role is.
#[tokio::test]
async fn the_first_page_begins_with_what_is_its_readers() {
    everywhere(async |place| {
        place.created("tpp", &["count"]).await;
        place.person("dora", Some(Role::ProjectDeveloper)).await;
        let workspaces = "<h2>Your workspaces</h2>";
        let requests = "<h2>Your newest requests</h2>";
        let visitor = shown(&place, "/").await;
        assert!(!visitor.contains("Your "), "{visitor}");

        let researcher = Browser::sign_in(&place, "researcher").await;
        let home = researcher.get(&place, "/").await;
        let own = home.body.split("<h2>Latest requests</h2>").next().unwrap();
        has_all(own, &[workspaces, "href=\"/sick-notes/long-covid/\""]);
        has_all(own, &[requests, "href=\"/sick-notes/long-covid/1/\""]);

        let dora = Browser::sign_in(&place, "dora").await;
        let home = dora.get(&place, "/").await;
        let own = home.body.split("<h2>Latest requests</h2>").next().unwrap();
        has_all(
            own,
            &[
                "href=\"/sick-notes/long-covid/\"",
                "You asked for no jobs yet",
            ],
        );
        assert!(!own.contains("/long-covid/1/"), "{own}");

        place
            .sql(
                "UPDATE permission SET valid_until = 1 WHERE person_id IN \
                 (SELECT id FROM person WHERE username = 'dora')",
            )
            .await;
        let home = dora.get(&place, "/").await;
        has_all(&home.body, &["You work in no project"]);
        place.sql("UPDATE workspace SET is_archived = TRUE").await;
        let home = researcher.get(&place, "/").await;
        has_all(&home.body, &["You work in no project", requests]);
        place
    })
    .await;
}

#[tokio::test]
async fn a_project_names_those_who_work_in_it_now_and_not_their_roles() {
    everywhere(async |place| {
        place.person("dora", Some(Role::ProjectDeveloper)).await;
        place.person("cora", Some(Role::ProjectCollaborator)).await;
        place.person("nora", None).await;
        let page = shown(&place, "/sick-notes/").await;
        has_all(
            &page,
            &["/users/dora/", "/users/cora/", "/users/researcher/"],
        );
        for hidden in ["nora", "developer", "collaborator"] {
            assert!(!page.contains(hidden), "{hidden}: {page}");
        }
        for (column, value) in [("valid_until", 1), ("valid_from", i64::MAX)] {
            place
                .sql(&format!("UPDATE permission SET {column} = {value}"))
                .await;
            // Pages for visitors are kept for a moment; this address was not asked for yet.
            let page = shown(&place, &format!("/sick-notes/?sort={column}")).await;
            has_all(&page, &["Nobody works in it now"]);
            place
                .sql("UPDATE permission SET valid_from = 0, valid_until = NULL")
                .await;
        }
        place
    })
    .await;
}

#[tokio::test]
async fn short_and_older_addresses_lead_to_pages() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        let number = request.number;
        let view = place.reader().job_request(number).await.unwrap().unwrap();
        let job = view.jobs[0].job.id.0.clone();
        let own = format!("/sick-notes/long-covid/{number}/");
        let of_job = format!("{own}{job}/");
        let cases = [
            ("/jobs/".to_owned(), "/event-log/".to_owned()),
            ("/event-list/".to_owned(), "/event-log/".to_owned()),
            (format!("/job-requests/{number}"), own.clone()),
            (format!("/job-requests/{number}/"), own.clone()),
            (format!("/jobs/{job}/"), of_job.clone()),
            (format!("/jobs/{}/", &job[..9]), of_job.clone()),
            (format!("{own}{}/", &job[..9]), of_job.clone()),
            ("/status/tpp".to_owned(), "/status/tpp/".to_owned()),
        ];
        for (from, to) in cases {
            let answered = get(place.address(), &from).await;
            assert!((300..400).contains(&answered.status), "{from}");
            assert_eq!(answered.header("location"), Some(to.as_str()), "{from}");
        }
        let second = view.jobs[1].job.id.0.as_str();
        let same: usize = job
            .bytes()
            .zip(second.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let shared = get(place.address(), &format!("{own}{}/", &job[..same.max(1)])).await;
        assert_eq!(
            shared.status == 404,
            same > 0,
            "what two share leads to neither"
        );
        assert_eq!(shown(&place, &of_job).await.matches("<h1>").count(), 1);
        place
    })
    .await;
}

#[tokio::test]
async fn a_backend_says_to_programs_whether_it_is_heard_of() {
    everywhere(async |place| {
        let path = |slug: &str| format!("/status/{slug}/db-availability/");
        let silent = get(place.address(), &path("tpp")).await;
        assert_eq!((silent.status, silent.body.as_str()), (503, "never\n"));
        place.ask(&place.tpp, 0, &[], 0).await;
        let heard = get(place.address(), &path("tpp")).await;
        assert_eq!(heard.status, 200, "{}", heard.body);
        assert!(heard.body.ends_with("Z\n"), "{}", heard.body);
        assert_eq!(get(place.address(), &path("nowhere")).await.status, 404);
        place
    })
    .await;
}

#[tokio::test]
async fn jobs_that_wait_have_a_place_in_the_queue() {
    everywhere(async |place| {
        let first = place.created("tpp", &["cohort"]).await;
        let second = place.created("emis", &["cohort"]).await;
        let html = shown(&place, &format!("/sick-notes/long-covid/{}/", first.number)).await;
        assert!(html.contains("(1st in the queue)"), "{html}");
        let html = shown(&place, "/status/emis/").await;
        let place_of_job = format!("/sick-notes/long-covid/{}/", second.number);
        has_all(
            &html,
            &[" class=\"number\">1</td>", &place_of_job, "cohort"],
        );
        run_one(&place, &place.emis).await;
        let html = shown(&place, "/status/emis/").await;
        assert!(html.contains("Nothing waits for a worker."), "{html}");
        place
    })
    .await;
}

#[tokio::test]
async fn an_action_is_out_of_date_when_what_it_was_made_from_changed() {
    everywhere(async |place| {
        let reader = place.reader();
        let stale = async || {
            let view = reader.workspace("long-covid").await.unwrap().unwrap();
            let (_, actions) = reader.actions(&view).await.unwrap().unwrap();
            let why = actions.iter().map(|action| {
                let run = action.runs.iter().find(|run| run.backend == "tpp");
                (action.name.clone(), run.map(|run| run.stale.clone()))
            });
            why.collect::<Vec<_>>()
        };
        let workspace = reader.workspace("long-covid").await.unwrap().unwrap();
        assert_eq!(reader.actions(&workspace).await.unwrap(), None);

        place.created("tpp", &["count"]).await;
        run_one(&place, &place.tpp).await;
        run_one(&place, &place.tpp).await;
        let fine = |name: &str| (name.to_owned(), Some(None));
        let never = ("plot".to_owned(), None);
        assert_eq!(
            stale().await,
            [fine("cohort"), fine("count"), never.clone()]
        );

        // The same commit again: what needs it saw the older one.
        place.created("tpp", &["cohort"]).await;
        let mut again = crate::study::asked("tpp", &["cohort"]);
        again.force_run_dependencies = true;
        place.create(&place.researcher, &again).await;
        run_one(&place, &place.tpp).await;
        let needs = Some(Some(WhyStale::Needs("cohort".to_owned())));
        let after = stale().await;
        assert_eq!(after[1], ("count".to_owned(), needs), "{after:?}");

        let first = reader.job_request(1).await.unwrap().unwrap().commit;
        place.commit(&PROJECT.replace("count.py", "count2.py"));
        place.created("tpp", &["plot"]).await;
        let after = stale().await;
        assert_eq!(
            after[0],
            ("cohort".to_owned(), Some(Some(WhyStale::Commit(first))))
        );
        assert_eq!(
            after[1],
            ("count".to_owned(), Some(Some(WhyStale::Command)))
        );
        let html = shown(&place, "/sick-notes/long-covid/").await;
        has_all(
            &html,
            &[
                "out of date",
                "its command changed",
                "made from another commit, ",
            ],
        );
        place
    })
    .await;
}

#[tokio::test]
async fn what_went_before_is_of_the_same_workspace_and_backend() {
    everywhere(async |place| {
        let reader = place.reader();
        let first = place.created("tpp", &["cohort"]).await.number;
        run_one(&place, &place.tpp).await;
        place.created("emis", &["cohort"]).await;
        place.commit(&PROJECT.replace("plot.py", "plot2.py"));
        let third = place.created("tpp", &["plot"]).await.number;
        place.commit(PROJECT);
        let fourth = place.created("tpp", &["count"]).await.number;
        let before = async |number: i64| {
            let view = reader.job_request(number).await.unwrap().unwrap();
            let (previous, success) = reader.earlier_requests(&view).await.unwrap();
            (previous.map(|it| it.number), success.map(|it| it.number))
        };
        assert_eq!(before(first).await, (None, None));
        assert_eq!(before(third).await, (Some(first), Some(first)));
        assert_eq!(before(fourth).await, (Some(third), Some(first)));
        let view = reader.job_request(fourth).await.unwrap().unwrap();
        let (previous, _) = reader.earlier_requests(&view).await.unwrap();
        assert!(previous.unwrap().project_yaml.contains("plot2.py"));
        let (run, success) = reader.earlier_runs(&view, "cohort").await.unwrap();
        assert_eq!(run.as_ref().map(|run| run.request), Some(first));
        assert_eq!(run, success);
        assert_eq!(
            reader.earlier_runs(&view, "count").await.unwrap(),
            (None, None)
        );
        place
    })
    .await;
}

#[tokio::test]
async fn what_changed_in_the_code_is_shown_to_whoever_may_see_it() {
    everywhere(async |place| {
        let first = place.created("tpp", &["cohort"]).await.number;
        place.commit(&PROJECT.replace("count.py", "<b>count.py"));
        let second = place.created("tpp", &["plot"]).await.number;
        let own = format!("/sick-notes/long-covid/{second}/");
        let changes = format!("{own}changes/?since={first}");
        has_all(
            &shown(&place, &changes).await,
            &[
                "1 file changed, +1 −1 lines",
                "+    run: python:latest python analysis/&lt;b&gt;count.py",
                "project.yaml",
            ],
        );
        // Now it is known, so the page of the request says it too.
        has_all(
            &shown(&place, &format!("{own}?now")).await,
            &[
                "1 file changed, +1 −1 lines",
                "What changed in project.yaml",
            ],
        );
        for wrong in ["", "?since=99", &format!("?since={second}"), "?since=x"] {
            let answered = get(place.address(), &format!("{own}changes/{wrong}")).await;
            assert_eq!(answered.status, 404, "{wrong}");
        }

        let admin = place.admin().await;
        admin.set_code_public("long-covid", false).await.unwrap();
        let hidden = [
            (format!("{changes}&hidden"), "is not public"),
            (format!("{own}?hidden"), "project.yaml is not public"),
            ("/sick-notes/long-covid/?hidden".to_owned(), "not public"),
        ];
        for (path, words) in &hidden {
            let html = shown(&place, path).await;
            assert!(html.contains(words), "{path}\n{html}");
            for secret in ["&lt;b&gt;count.py</code>", "file://", "+1 −1"] {
                assert!(!html.contains(secret), "{secret} {path}\n{html}");
            }
        }
        // Nor anything that the file declares: commands, outputs, what needs what, what never ran.
        let jobs = place.request(second).await.jobs;
        let of_job = |id: &str| format!("{own}{id}/");
        let mut paths: Vec<String> = hidden.iter().map(|(path, _)| path.clone()).collect();
        paths.extend(jobs.iter().map(|job| of_job(&job.id)));
        let declared = [
            "python:latest",
            "output/",
            "analysis/",
            "<dt>Needs</dt>",
            ">count<",
        ];
        for path in &paths {
            let html = shown(&place, path).await;
            for secret in declared {
                assert!(!html.contains(secret), "{secret} {path}\n{html}");
            }
        }
        // Somebody with a role in the project sees it; somebody without one does not.
        let cookie = sign_in(&place).await;
        let page = of_job(&jobs[0].id);
        let theirs = call_with(place.address(), "GET", &page, &[&cookie], "").await;
        assert!(theirs.body.contains("python:latest"), "{}", theirs.body);
        let theirs = call_with(place.address(), "GET", &changes, &[&cookie], "").await;
        assert!(theirs.body.contains("+1 −1"), "{}", theirs.body);
        admin
            .revoke_role("researcher", Role::ProjectDeveloper, Some("sick-notes"))
            .await
            .unwrap();
        let theirs = call_with(place.address(), "GET", &changes, &[&cookie], "").await;
        assert!(!theirs.body.contains("+1 −1"), "{}", theirs.body);
        place
    })
    .await;
}

#[tokio::test]
async fn the_next_reader_finds_what_changed_without_asking_for_it() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        place.commit(&PROJECT.replace("count.py", "count2.py"));
        let second = place.created("tpp", &["plot"]).await.number;
        let path = format!("/sick-notes/long-covid/{second}/");
        let mut is_known = false;
        for n in 0..100 {
            let html = shown(&place, &format!("{path}?{n}")).await;
            is_known = html.contains("1 file changed, +1 −1 lines");
            if is_known {
                break;
            }
            assert!(html.contains("Show what changed"), "{html}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(is_known);
        place
    })
    .await;
}

#[tokio::test]
async fn numbers_about_the_machine_are_for_people_with_a_role() {
    everywhere(async |place| {
        let request = place.created("tpp", &["cohort"]).await;
        let task = place.take(&place.tpp).await.task;
        let report = glovebox_protocol::Report {
            agent: "agent-1".to_owned(),
            task,
            happened: SUCCESS,
            metrics: Some(glovebox_protocol::Metrics {
                cpu_mean: 0.5,
                cpu_peak: 1.0,
                memory_mean: 1_000_000,
                memory_peak: 2_500_000,
            }),
        };
        let path = glovebox_protocol::PATH_REPORT;
        crate::http::post(place.address(), path, &place.tpp, &report).await;
        let view = place
            .reader()
            .job_request(request.number)
            .await
            .unwrap()
            .unwrap();
        let job = &view.jobs[0].job.id.0;
        let path = format!("/sick-notes/long-covid/{}/{job}/", request.number);
        let html = shown(&place, &path).await;
        assert!(!html.contains("2.5 MB"), "{html}");
        has_all(
            &html,
            &[
                "Last heard of",
                "ehrql:v1 generate-dataset",
                "output/cohort.csv.gz",
            ],
        );
        let cookie = sign_in(&place).await;
        let theirs = call_with(place.address(), "GET", &path, &[&cookie], "").await;
        assert!(theirs.body.contains("2.5 MB"), "{}", theirs.body);
        place
    })
    .await;
}

//! Asking for jobs in a browser.

use glovebox_protocol::{Ended, Happened, Reason};
use glovebox_server::Role;

use crate::{
    http::get,
    place::{Place, everywhere},
    signed_in::{Browser, encoded, has, hidden, lacks},
    study::{PROJECT, SUCCESS, stands},
};

const WORKSPACE: &str = "/sick-notes/long-covid/";
const RUN: &str = "/sick-notes/long-covid/run-jobs/";

/// What the form of a page for a commit brings along, and what is chosen.
fn chosen<'f>(commit: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("commit", commit), ("ref", "main"), ("step", "run")];
    fields.extend(more);
    fields
}

/// Fields of a form, with what stands in them.
type Fields<'f> = &'f [(&'f str, &'f str)];

const COUNT_ON_TPP: [(&str, &str); 2] = [("action", "count"), ("backend", "tpp")];

async fn no_request_was_made(place: &Place) {
    let answered = get(place.address(), "/api/v1/job-requests/1").await;
    assert_eq!(answered.status, 404, "{}", answered.body);
}

#[tokio::test]
async fn a_page_says_what_may_be_run_and_what_became_of_it() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let workspace = researcher.get(&place, WORKSPACE).await;
        has(&workspace, &format!("href=\"{RUN}\">Run jobs"));

        let page = researcher.get(&place, RUN).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for part in [
            "<strong>cohort</strong>",
            "<strong>run_all</strong>",
            "reads patients’ records",
            "highly sensitive: nobody may view",
            "moderately sensitive: viewable inside, releasable after review",
            "needs 1",
            "never run",
            "nothing was heard of it for a while",
        ] {
            has(&page, part);
        }
        assert_eq!(page.body.matches("type=\"radio\"").count(), 2);
        assert_eq!(
            page.body.matches(" checked").count(),
            0,
            "nothing is chosen"
        );

        let commit = hidden(&page.body, "commit");
        let fields = chosen(&commit, &[("all", "yes"), ("backend", "tpp")]);
        let asked = researcher.send(&place, RUN, &fields).await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        assert_eq!(asked.header("location"), Some("/sick-notes/long-covid/1/"));
        let request = place.request(1).await;
        assert_eq!(request.commit, commit);
        assert_eq!(request.requested_actions, ["run_all"]);
        assert_eq!(request.jobs.len(), 3);
        let deeds = place.audit().await;
        let made = deeds
            .iter()
            .find(|(_, what, _)| what == "job_request_created");
        assert_eq!(made.map(|(who, ..)| who.as_str()), Some("researcher"));

        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        let page = researcher.get(&place, RUN).await;
        has(&page, "✔</span> succeeded</span> on TPP");
        place
    })
    .await;
}

#[tokio::test]
async fn what_was_looked_at_is_what_runs() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let page = researcher.get(&place, RUN).await;
        let seen = hidden(&page.body, "commit");
        // The action would be gone, and another command would be run.
        let newest = place.commit(&PROJECT.replace("count", "recount"));

        let asked = researcher
            .send(&place, RUN, &chosen(&seen, &COUNT_ON_TPP))
            .await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        assert_eq!(place.request(1).await.commit, seen);
        let path = format!("/sick-notes/long-covid/1/?newer={newest}");
        assert_eq!(asked.header("location"), Some(path.as_str()));
        let told = researcher.get(&place, &path).await;
        has(&told, &format!("main has moved on to {}", &newest[..7]));
        // Nobody else is told what somebody typed into an address.
        lacks(&get(place.address(), &path).await, "has moved on");
        let typed = "/sick-notes/long-covid/1/?newer=call+this+number";
        lacks(&researcher.get(&place, typed).await, "has moved on");
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_chosen() {
    everywhere(async |place| {
        place.admin().await.dismiss("researcher", "emis").await.unwrap();
        place.sql("INSERT INTO backend (slug, name, is_active, token_hash, paused, maintenance, created_at) VALUES ('old', 'Old', FALSE, 'none', FALSE, FALSE, 0)").await;
        let researcher = Browser::sign_in(&place, "researcher").await;
        let page = researcher.get(&place, RUN).await;
        has(&page, "takes no requests at present");
        has(&page, "you are not admitted to it");
        let commit = hidden(&page.body, "commit");
        let cases: [(Fields<'_>, &str, &str); 7] = [
            (&[("backend", "tpp")], "#actions", "Choose at least one action"),
            (&[("action", "count")], "#backend", "Choose the backend"),
            (
                &[("action", "nonsense"), ("backend", "tpp")],
                "#actions",
                "no action &#34;nonsense&#34;",
            ),
            (
                &[("action", "<b>"), ("action", "count"), ("backend", "tpp")],
                "#actions",
                "no action &#34;&#60;b&#62;&#34;",
            ),
            (
                &[("action", "count"), ("backend", "nowhere")],
                "#backend",
                "There is no such backend",
            ),
            (
                &[("action", "count"), ("backend", "old")],
                "#backend",
                "takes no requests at present",
            ),
            (
                &[("action", "count"), ("backend", "emis")],
                "#backend",
                "You may not run jobs on the backend",
            ),
        ];
        for (more, field, words) in cases {
            let mut fields = chosen(&commit, more);
            fields.push(("force", "yes"));
            let answered = researcher.send(&place, RUN, &fields).await;
            assert_eq!(answered.status, 422, "{more:?}: {}", answered.body);
            has(&answered, &format!("<a href=\"{field}\">"));
            has(&answered, &format!("id=\"{}\"", &field[1..]));
            has(&answered, words);
            has(&answered, "name=\"force\" value=\"yes\" checked");
            if more.contains(&("action", "count")) {
                has(&answered, "value=\"count\" checked");
            }
            if more.contains(&("backend", "tpp")) {
                has(&answered, "value=\"tpp\" checked");
            }
        }
        no_request_was_made(&place).await;
        place
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_went_away_leads_to_what_is_there_now() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let page = researcher.get(&place, RUN).await;
        let seen = hidden(&page.body, "commit");
        let instead = place.commit_instead(&PROJECT.replace("count.py", "other.py"));
        // The server finds out only when it would run it; the second time it knows.
        for _ in 0..2 {
            let asked = researcher
                .send(&place, RUN, &chosen(&seen, &COUNT_ON_TPP))
                .await;
            assert_eq!(asked.status, 422, "{}", asked.body);
            has(&asked, "<a href=\"#ref\">");
            assert_eq!(hidden(&asked.body, "commit"), instead);
            has(&asked, "value=\"count\" checked");
            has(&asked, "value=\"tpp\" checked");
        }
        for never in [
            "0".repeat(40),
            "main".to_owned(),
            String::new(),
            "x".repeat(5_000),
        ] {
            let asked = researcher
                .send(&place, RUN, &chosen(&never, &COUNT_ON_TPP))
                .await;
            assert_eq!(asked.status, 422, "{never:?}: {}", asked.body);
            assert_eq!(hidden(&asked.body, "commit"), instead);
        }
        no_request_was_made(&place).await;
        place
    })
    .await;
}

#[tokio::test]
async fn a_repository_that_cannot_be_read_loses_nothing() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let page = researcher.get(&place, RUN).await;
        let commit = hidden(&page.body, "commit");
        let (study, away) = (place.folder().join("study"), place.folder().join("away"));
        std::fs::rename(&study, &away).unwrap();
        let page = researcher.get(&place, RUN).await;
        assert_eq!(page.status, 422, "{}", page.body);
        has(&page, "The repository could not be read");
        lacks(&page, study.to_str().unwrap());

        let asked = researcher
            .send(&place, RUN, &chosen(&commit, &COUNT_ON_TPP))
            .await;
        assert_eq!(asked.status, 422, "{}", asked.body);
        has(&asked, "The repository could not be read");
        assert_eq!(
            hidden(&asked.body, "commit"),
            commit,
            "the form is still there"
        );
        has(&asked, "value=\"count\" checked");
        no_request_was_made(&place).await;

        std::fs::rename(&away, &study).unwrap();
        let asked = researcher
            .send(&place, RUN, &chosen(&commit, &COUNT_ON_TPP))
            .await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        place
    })
    .await;
}

#[tokio::test]
async fn a_file_with_mistakes_is_shown_on_its_lines() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let commit = place.commit("version: '4.0'\nactions:\n  count:\n    run: python:latest python <b>.py\n    needs: [nothing]\n    outputs: {moderately_sensitive: {t: output/t.csv}}\n");
        let page = researcher.get(&place, RUN).await;
        assert_eq!(page.status, 200, "{}", page.body);
        has(&page, "<strong>Line 5: ");
        has(&page, "start=\"4\"");
        has(&page, "python &#60;b&#62;.py");
        has(&page, "<mark>nothing</mark>");
        lacks(&page, "name=\"action\"");
        // A form from before cannot bring it about either.
        let asked = researcher.send(&place, RUN, &chosen(&commit, &COUNT_ON_TPP)).await;
        assert_eq!(asked.status, 422, "{}", asked.body);
        has(&asked, "<strong>Line 5: ");
        no_request_was_made(&place).await;
        place
    })
    .await;
}

#[tokio::test]
async fn large_files_are_read_or_refused_with_a_reason() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        // 10 MB that keep to the rules, 10 MB that do not, and more than is read.
        let padding = format!("# {}\n", "x".repeat(97)).repeat(100_000);
        let cases = [
            (
                format!("{padding}{PROJECT}"),
                200,
                "<strong>cohort</strong>",
            ),
            (
                format!("{padding}nonsense: ["),
                200,
                "Mistakes in project.yaml",
            ),
            (padding.repeat(2), 422, "more than the"),
        ];
        for (project, status, words) in cases {
            place.commit(&project);
            let page = researcher.get(&place, RUN).await;
            assert_eq!(page.status, status);
            assert!(page.body.len() < 60_000, "{} bytes", page.body.len());
            has(&page, words);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn names_that_are_no_branches_lead_nowhere() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let cases = [
            ("nowhere", "has no branch &#34;nowhere&#34;"),
            (
                "--upload-pack=touch /tmp/x",
                "names no branch and no commit",
            ),
            ("-x", "names no branch and no commit"),
            ("a..b", "names no branch and no commit"),
            ("refs/*", "names no branch and no commit"),
            ("main\nmain", "names no branch and no commit"),
            ("main\0", "names no branch and no commit"),
            (
                "<script>alert(1)</script>",
                "has no branch &#34;&#60;script&#62;",
            ),
            ("\u{202e}niam", "has no branch"),
            (&"0".repeat(40), "has no commit 0000"),
            (&"x".repeat(2_000), "names no branch and no commit"),
        ];
        for (git_ref, words) in cases {
            let page = researcher
                .get(&place, &format!("{RUN}?ref={}", encoded(git_ref)))
                .await;
            assert_eq!(page.status, 422, "{git_ref:?}: {}", page.body);
            has(&page, words);
            lacks(&page, "<script>alert");
        }
        // Another branch is one; so is a commit of it.
        let commit = place.commit(&PROJECT.replace("count", "other"));
        for git_ref in [commit.as_str(), &commit[..9], "main"] {
            let page = researcher
                .get(&place, &format!("{RUN}?ref={git_ref}"))
                .await;
            assert_eq!(page.status, 200, "{git_ref}: {}", page.body);
            assert_eq!(hidden(&page.body, "commit"), commit);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn only_those_are_offered_it_who_may() {
    everywhere(async |place| {
        place.person("cora", Some(Role::ProjectCollaborator)).await;
        let collaborator = Browser::sign_in(&place, "cora").await;
        let researcher = Browser::sign_in(&place, "researcher").await;
        let commit = hidden(&researcher.get(&place, RUN).await.body, "commit");
        let fields = chosen(&commit, &COUNT_ON_TPP);

        // A visitor sees nothing of it.
        let workspace = get(place.address(), WORKSPACE).await;
        lacks(&workspace, "Run jobs");
        assert_eq!(get(place.address(), RUN).await.status, 401);
        // Who may not is told why.
        let workspace = collaborator.get(&place, WORKSPACE).await;
        has(&workspace, "<button disabled>Run jobs</button>");
        has(&workspace, "You may not run jobs in this project");
        for answered in [
            collaborator.get(&place, RUN).await,
            collaborator.send(&place, RUN, &fields).await,
        ] {
            assert_eq!(answered.status, 403, "{}", answered.body);
            has(&answered, "You may not run jobs in this project");
        }
        // No other site can make a form for somebody.
        let forged = researcher.send_unproved(&place, RUN, &fields).await;
        assert_eq!(forged.status, 403, "{}", forged.body);

        // Whom no backend takes.
        for backend in ["tpp", "emis"] {
            place
                .admin()
                .await
                .dismiss("researcher", backend)
                .await
                .unwrap();
        }
        let workspace = researcher.get(&place, WORKSPACE).await;
        has(&workspace, "No backend takes your requests");
        let page = researcher.get(&place, RUN).await;
        has(&page, "class=\"main\" disabled>Run</button>");
        let asked = researcher.send(&place, RUN, &fields).await;
        assert_eq!(asked.status, 422, "{}", asked.body);

        place.sql("UPDATE workspace SET is_archived = TRUE").await;
        let workspace = researcher.get(&place, WORKSPACE).await;
        has(&workspace, "<button disabled>Run jobs</button>");
        has(&workspace, "is archived");
        for answered in [
            researcher.get(&place, RUN).await,
            researcher.send(&place, RUN, &fields).await,
        ] {
            assert_eq!(answered.status, 409, "{}", answered.body);
            has(&answered, "is archived");
        }
        assert_eq!(
            researcher
                .get(&place, "/sick-notes/nowhere/run-jobs/")
                .await
                .status,
            404
        );
        assert_eq!(
            researcher
                .get(&place, "/nowhere/long-covid/run-jobs/")
                .await
                .status,
            404
        );
        no_request_was_made(&place).await;
        place
    })
    .await;
}

#[tokio::test]
async fn what_would_run_is_shown_before_it_runs() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        let researcher = Browser::sign_in(&place, "researcher").await;
        let commit = hidden(&researcher.get(&place, RUN).await.body, "commit");
        // What is chosen, and the jobs it makes: what succeeded is not run again unless it is chosen or forced.
        let cases: [(Fields<'_>, &[&str]); 5] = [
            (&[("action", "count"), ("backend", "tpp")], &["count"]),
            (
                &[("action", "count"), ("backend", "tpp"), ("force", "yes")],
                &["cohort", "count"],
            ),
            (
                &[("action", "count"), ("backend", "emis")],
                &["cohort", "count"],
            ),
            (&[("action", "cohort"), ("backend", "tpp")], &["cohort"]),
            (&[("all", "yes"), ("backend", "tpp")], &["count", "plot"]),
        ];
        for (more, wanted) in cases {
            let mut fields = vec![
                ("commit", commit.as_str()),
                ("ref", "main"),
                ("step", "show"),
            ];
            fields.extend(more);
            let page = researcher.send(&place, RUN, &fields).await;
            assert_eq!(page.status, 200, "{more:?}: {}", page.body);
            let (_, rest) = page
                .body
                .split_once("id=\"would\"")
                .expect("what would run");
            let list = rest.split("</ol>").next().unwrap();
            let found: Vec<&str> = list
                .split("<li>")
                .skip(1)
                .filter_map(|item| item.split('<').next())
                .collect();
            assert_eq!(found, wanted, "{more:?}");
        }
        let newest = get(place.address(), "/api/v1/job-requests/2").await;
        assert_eq!(newest.status, 404, "it was only shown");
        place
    })
    .await;
}

#[tokio::test]
async fn a_request_is_asked_for_again() {
    everywhere(async |place| {
        place.created("tpp", &["count", "plot"]).await;
        let task = place.take(&place.tpp).await.task;
        place.report(&place.tpp, &task, SUCCESS).await;
        for _ in 0..2 {
            let task = place.take(&place.tpp).await;
            let happened = if task.action == "plot" {
                Happened::Ended(Ended::Failed(Reason::NonzeroExit))
            } else {
                SUCCESS
            };
            place.report(&place.tpp, &task.task, happened).await;
        }
        let request = place.request(1).await;
        assert_eq!(stands(&request, "plot").0, "failed");
        let newest = place.commit(&PROJECT.replace("plot.py", "better.py"));

        let researcher = Browser::sign_in(&place, "researcher").await;
        let page = researcher.get(&place, "/sick-notes/long-covid/1/").await;
        has(
            &page,
            "href=\"/sick-notes/long-covid/run-jobs/?again=1\">Run again",
        );
        has(
            &page,
            "run-jobs/?again=1&#38;only=failed\">Run only what failed",
        );
        lacks(
            &get(place.address(), "/sick-notes/long-covid/1/").await,
            "Run again",
        );

        // The query, the commit that is shown, and the actions that are chosen.
        let cases = [
            ("again=1", &request.commit, vec!["count", "plot"]),
            ("again=1&only=failed", &request.commit, vec!["plot"]),
            ("again=1&ref=main", &newest, vec!["count", "plot"]),
            ("again=99", &newest, vec![]),
            ("again=nonsense&only=failed", &newest, vec![]),
        ];
        for (query, commit, actions) in cases {
            let page = researcher.get(&place, &format!("{RUN}?{query}")).await;
            assert_eq!(page.status, 200, "{query}: {}", page.body);
            assert_eq!(hidden(&page.body, "commit"), *commit, "{query}");
            for action in ["cohort", "count", "plot"] {
                let box_ = format!("value=\"{action}\" checked");
                assert_eq!(
                    page.body.contains(&box_),
                    actions.contains(&action),
                    "{query} {action}"
                );
            }
            let on_tpp = page.body.contains("value=\"tpp\" checked");
            assert_eq!(on_tpp, !actions.is_empty(), "{query}");
        }

        let fields = [
            ("commit", newest.as_str()),
            ("ref", "main"),
            ("again", "1"),
            ("action", "plot"),
            ("backend", "tpp"),
            ("step", "run"),
        ];
        let asked = researcher.send(&place, RUN, &fields).await;
        assert_eq!(asked.header("location"), Some("/sick-notes/long-covid/2/"));
        assert_eq!(place.request(2).await.jobs.len(), 1);
        place
    })
    .await;
}

/// A status of a request, and how many jobs it has.
type Outcome<'a> = (&'a str, usize);

/// What the reference's table of outcomes of a creation says, as far as this server has such outcomes: jobs
/// were made, there was nothing to do, or it was refused, of which nothing is kept here.
#[tokio::test]
async fn the_status_of_a_request_is_how_making_its_jobs_went() {
    everywhere(async |place| {
        let researcher = Browser::sign_in(&place, "researcher").await;
        let commit = hidden(&researcher.get(&place, RUN).await.body, "commit");
        let cases: [(Fields<'_>, u16, Option<Outcome<'_>>); 4] = [
            (
                &[("action", "cohort"), ("backend", "tpp")],
                303,
                Some(("pending", 1)),
            ),
            (
                &[("action", "cohort"), ("backend", "tpp")],
                303,
                Some(("nothing_to_do", 0)),
            ),
            (&[("action", "nonsense"), ("backend", "tpp")], 422, None),
            (
                &[("action", "plot"), ("backend", "tpp")],
                303,
                Some(("pending", 1)),
            ),
        ];
        let mut number = 0;
        for (more, status, wanted) in cases {
            let asked = researcher.send(&place, RUN, &chosen(&commit, more)).await;
            assert_eq!(asked.status, status, "{more:?}: {}", asked.body);
            let Some((word, jobs)) = wanted else { continue };
            number += 1;
            let request = place.request(number).await;
            assert_eq!(
                (request.status.as_str(), request.jobs.len()),
                (word, jobs),
                "{more:?}"
            );
            let path = format!("/sick-notes/long-covid/{number}/");
            let page = researcher.get(&place, &path).await;
            if word == "nothing_to_do" {
                has(&page, "every requested action is about to run already");
            }
        }
        place
    })
    .await;
}

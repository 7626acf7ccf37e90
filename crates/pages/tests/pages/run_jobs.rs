//! Asking for jobs, and cancelling them.

use glovebox_jobs::State;
use glovebox_pages::{
    Again, BackendFacts, CancelPage, Chosen, Code, Frame, LastState, Mistake, RunBackend,
    RunJobsPage,
};
use glovebox_ui::Instant;

use crate::facts::{BEGAN, PROJECT, now};

const COMMIT: &str = "dde614c0000000000000000000000000000000aa";

fn backend(slug: &str, refused: Option<&'static str>, paused: bool) -> RunBackend {
    RunBackend {
        facts: BackendFacts {
            is_active: true,
            name: slug.to_uppercase(),
            slug: slug.to_owned(),
            last_seen: Some(Instant::from_millis(BEGAN + 890_000)),
            running: 2,
            waiting: 14,
            paused,
            maintenance: false,
        },
        refused,
    }
}

fn backends() -> [RunBackend; 2] {
    [
        backend("tpp", None, true),
        backend("emis", Some("you are not admitted to it"), false),
    ]
}

/// The page of a file that keeps to the rules, with nothing chosen.
fn page(text: &str) -> String {
    let project = glovebox_pipeline::check(text).outcome.unwrap();
    let backends = backends();
    let last = [LastState {
        action: "generate_study_population_covid_2020".to_owned(),
        backend: "tpp".to_owned(),
        state: State::Succeeded,
        request: 4101,
        completed_at: Some(Instant::from_millis(BEGAN)),
    }];
    let chosen = Chosen::default();
    let code = Code::Accepted {
        commit: COMMIT,
        project: &project,
    };
    let page = RunJobsPage {
        backends: &backends,
        last: &last,
        ..base(code, &chosen)
    };
    page.html().unwrap()
}

fn base<'a>(code: Code<'a>, chosen: &'a Chosen) -> RunJobsPage<'a> {
    RunJobsPage {
        frame: Frame::default(),
        organisation: "An institute",
        project: "sick-notes",
        workspace: "long-covid-sick-notes",
        repo: "https://github.com/an-institute/long-covid-sick-notes",
        branch: "feature/a b",
        git_ref: "master",
        code,
        backends: &[],
        last: &[],
        chosen,
        no_notice: None,
        mistakes: &[],
        would_run: None,
        again: None,
        now: now(),
    }
}

#[track_caller]
fn has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
}

#[test]
fn the_form_says_what_each_action_needs_makes_and_did_last() {
    let html = page(PROJECT);
    has(
        &html,
        &[
            "master @ <a href=\"https://github.com/an-institute/long-covid-sick-notes/tree/dde614c0000000000000000000000000000000aa\"><code>dde614c</code></a>",
            "name=\"commit\" value=\"dde614c0000000000000000000000000000000aa\"",
            "<strong>run_all</strong>",
            "reads patients’ records",
            "✔</span> succeeded</span> on TPP, <time",
            "href=\"/sick-notes/long-covid-sick-notes/4101/\">4101</a>",
            "highly sensitive: nobody may view",
            "moderately sensitive: viewable inside, releasable after review",
            "2 running, 14 waiting",
            "⚠ it is paused: jobs wait until it goes on",
            "value=\"emis\" disabled> EMIS <span class=\"quiet\">you are not admitted to it",
            "value=\"tpp\" checked",
        ],
    );
    assert!(html.len() < 60_000, "{} bytes", html.len());
    let body = html.split_once("<main").unwrap().1;
    assert!(
        !body.contains("style=") && !body.contains("<script"),
        "{body}"
    );
}

/// Names, each with what it needs.
type Actions<'a> = &'a [(&'a str, &'a str)];

/// The reference's table of what is offered: the actions in the order of the file, with what each needs in
/// order, and `run_all` unless the file has an action of that name.
#[test]
fn actions_are_offered_in_the_order_of_the_file() {
    let file = |names: &[(&str, &str)]| {
        let mut text = "version: 2\nactions:\n".to_owned();
        for (name, needs) in names {
            let action = format!(
                "  {name}:\n    run: python:latest python {name}.py\n    needs: [{needs}]\n    outputs: {{moderately_sensitive: {{t: output/{name}.csv}}}}\n"
            );
            text.push_str(&action);
        }
        text
    };
    // The actions with what they need; what is offered; whether `run_all` is offered beside.
    let cases: [(Actions<'_>, &[&str], bool); 4] = [
        (&[("a", "")], &["a:"], true),
        (&[("b", ""), ("a", "b")], &["b:", "a:b"], true),
        (
            &[("z", ""), ("m", ""), ("a", "z, m, z")],
            &["z:", "m:", "a:m,z"],
            true,
        ),
        (&[("a", ""), ("run_all", "a")], &["a:", "run_all:a"], false),
    ];
    for (names, wanted, has_run_all) in cases {
        let html = page(&file(names));
        let rows = html
            .split("<tbody>")
            .nth(1)
            .unwrap()
            .split("</tbody>")
            .next()
            .unwrap();
        let offered: Vec<String> = rows
            .split("<tr>")
            .skip(1)
            .map(|row| {
                let name = row
                    .split_once("<strong>")
                    .unwrap()
                    .1
                    .split('<')
                    .next()
                    .unwrap();
                let details = row.split_once("<details>").map_or("", |(_, rest)| rest);
                let details = details.split("</details>").next().unwrap();
                let needs: Vec<&str> = details
                    .split("<li>")
                    .skip(1)
                    .filter_map(|need| need.split('<').next())
                    .collect();
                format!("{name}:{}", needs.join(","))
            })
            .collect();
        assert_eq!(offered, wanted);
        assert_eq!(html.contains("name=\"all\""), has_run_all, "{names:?}");
    }
}

#[test]
fn what_was_chosen_and_what_is_wrong_stand_together() {
    let chosen = Chosen {
        all: true,
        actions: vec!["matching_2020".to_owned()],
        backend: "emis".to_owned(),
        force: true,
        notify: true,
    };
    let mistakes = [Mistake {
        field: "actions",
        text: "There is no action \"<b>\".".to_owned(),
    }];
    let would = ["matching_2020".to_owned()];
    let project = glovebox_pipeline::check(PROJECT).outcome.unwrap();
    let backends = backends();
    let code = Code::Accepted {
        commit: COMMIT,
        project: &project,
    };
    let page = RunJobsPage {
        backends: &backends,
        mistakes: &mistakes,
        would_run: Some(Ok(&would)),
        git_ref: COMMIT,
        again: Some(Again {
            number: 4100,
            commit: COMMIT,
        }),
        ..base(code, &chosen)
    };
    let html = page.html().unwrap();
    has(
        &html,
        &[
            "<title>Error: Run jobs",
            "<a href=\"#actions\">There is no action &#34;&#60;b&#62;&#34;.</a>",
            "<fieldset id=\"actions\" tabindex=\"-1\" class=\"wrong\">",
            "name=\"all\" value=\"yes\" checked",
            "value=\"matching_2020\" checked",
            "name=\"force\" value=\"yes\" checked",
            "name=\"notify\" value=\"yes\" checked",
            "This would run 1 job:",
            "<h1>Run job request 4100 again</h1>",
            "?again=4100&#38;ref=feature/a%20b\">Take the newest commit",
        ],
    );
    assert!(!html.contains("value=\"emis\" checked"), "{html}");
}

#[test]
fn a_rejected_file_is_shown_where_it_is_wrong() {
    let text = "version: 4\nactions:\n  count:\n    run: python:latest python <b>.py\n    needs: [<nobody>]\n    outputs: {moderately_sensitive: {t: output/t.csv}}\n";
    let rejected = glovebox_pipeline::check(text).outcome.unwrap_err();
    let chosen = Chosen::default();
    let code = Code::Rejected {
        commit: COMMIT,
        text,
        problems: &rejected.errors,
    };
    let html = base(code, &chosen).html().unwrap();
    let line = format!("<strong>Line {}: ", rejected.errors[0].location.line);
    has(
        &html,
        &[&line, "<mark>", "&#60;nobody&#62;", "glovebox check"],
    );
    assert!(
        !html.contains("<nobody>") && !html.contains("method=\"post\""),
        "{html}"
    );
    let html = base(
        Code::Unreadable("the repository has no branch \"x\""),
        &chosen,
    );
    has(
        &html.html().unwrap(),
        &["the repository has no branch &#34;x&#34;."],
    );
}

#[test]
fn cancelling_names_what_it_ends() {
    let page = |job: Option<&str>, actions: &[&str]| CancelPage {
        frame: Frame::default(),
        project: "sick-notes".to_owned(),
        workspace: "long-covid".to_owned(),
        backend: "TPP".to_owned(),
        number: 4168,
        job: job.map(|action| ("abcdefghij234567".to_owned(), action.to_owned())),
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
    };
    let main = |page: CancelPage| {
        let html = page.html().unwrap();
        let main = html.split_once("<main id=\"main\">").unwrap().1;
        main.split("</main>").next().unwrap().trim().to_owned()
    };
    insta::assert_snapshot!("cancel_request", main(page(None, &["cohort", "a <b>"])));
    insta::assert_snapshot!("cancel_job", main(page(Some("cohort"), &["cohort"])));
    insta::assert_snapshot!("cancel_nothing", main(page(None, &[])));
}

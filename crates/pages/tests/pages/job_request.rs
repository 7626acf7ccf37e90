//! The page that everything else leads to.

use glovebox_jobs::{Cancellation, CancelledAs, RequestStatus, StatusCode, Timestamp};
use glovebox_pages::{
    Earlier, Frame, JobFacts, JobPage, JobRequestPage, Offer, RequestFacts, RequestOffers,
};

use crate::facts::{BEGAN, PROJECT, at, jobs, now, request};

fn page(request: &RequestFacts, jobs: &[JobFacts], previous: Option<&Earlier>) -> String {
    let page = JobRequestPage {
        frame: Frame::default(),
        request,
        jobs,
        previous,
        previous_success: None,
        offers: RequestOffers::default(),
        newer: None,
        now: now(),
    };
    page.html().unwrap()
}

/// A request under way: one of every kind of state.
fn under_way() -> (RequestFacts, Vec<JobFacts>) {
    let mut request = request();
    request.status = RequestStatus::Running;
    let mut jobs = jobs(&request);
    at(&mut jobs[0].job, StatusCode::Succeeded, Some(2), Some(40));
    at(&mut jobs[1].job, StatusCode::Succeeded, Some(2), Some(64));
    jobs[1].job.withheld = true;
    at(&mut jobs[2].job, StatusCode::Executing, Some(40), None);
    at(
        &mut jobs[3].job,
        StatusCode::CancelledByUser,
        None,
        Some(300),
    );
    jobs[3].job.cancelled = Some(Cancellation {
        by: "a colleague".to_owned(),
        role: CancelledAs::User,
        at: Timestamp(BEGAN + 300_000),
    });
    at(
        &mut jobs[4].job,
        StatusCode::NonzeroExit,
        Some(70),
        Some(95),
    );
    jobs[4].reason = Some("It used more memory than it may".to_owned());
    jobs[5].queue_position = Some(2);
    (request, jobs)
}

#[test]
fn a_request_under_way_says_all_that_its_reader_needs() {
    let (request, jobs) = under_way();
    let previous = Earlier {
        number: 4101,
        commit: "0123456000000000000000000000000000000000".to_owned(),
        project_yaml: PROJECT.replace("population_size: 10000", "population_size: 1000"),
    };
    let html = page(&request, &jobs, Some(&previous));
    let parts = [
        "Job request 4168",
        "◐</span> Running",
        "2 of 6 jobs",
        "⚠</span> succeeded, withheld",
        "It used more memory than it may",
        "Cancelled by a colleague",
        "(2nd in the queue)",
        "highly sensitive: nobody may view",
        "moderately sensitive: viewable inside, releasable after review",
        "data-live=\"/events/job-requests/4168\"",
        "<svg class=\"graph\"",
        "<svg class=\"waterfall\"",
        "+1 −1 lines",
        "/compare/0123456000000000000000000000000000000000..dde614c",
        "/blob/dde614c0000000000000000000000000000000aa/analysis/match_running.py",
        "id=\"L1\"",
        "Requested actions",
        "n7eqywpua5iegvnv",
    ];
    for part in parts {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    assert!(html.len() < 60_000, "{} bytes", html.len());
    if let Some(folder) = std::env::var_os("GLOVEBOX_SHOW_PAGES") {
        let style = glovebox_ui::STYLE.text;
        let shown = html.replace("</head>", &format!("<style>{style}</style></head>"));
        std::fs::write(
            std::path::Path::new(&folder).join("job_request.html"),
            shown,
        )
        .unwrap();
    }
}

#[test]
fn a_request_that_ended_is_not_followed_and_sums_its_times() {
    let mut request = request();
    request.status = RequestStatus::Succeeded;
    let mut jobs = jobs(&request);
    for (facts, started) in jobs.iter_mut().zip([0, 0, 60, 60, 120, 120]) {
        at(
            &mut facts.job,
            StatusCode::Succeeded,
            Some(started),
            Some(started + 60),
        );
    }
    let html = page(&request, &jobs, None);
    for part in [
        "✔</span> Succeeded",
        "6 of 6 jobs",
        "6 min 00 s of job time",
        "00:06:00",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    assert!(!html.contains("data-live"), "{html}");
    assert!(html.contains("no earlier request"), "{html}");
}

#[test]
fn jobs_that_fell_silent_are_said_to_be() {
    let (request, jobs) = under_way();
    let later = JobRequestPage {
        frame: Frame::default(),
        request: &request,
        jobs: &jobs,
        previous: None,
        previous_success: None,
        offers: RequestOffers::default(),
        newer: None,
        now: glovebox_ui::Instant::from_millis(BEGAN + 3_600_000),
    };
    let words = "Nothing was heard of these jobs for more than half an hour";
    assert!(later.html().unwrap().contains(words));
    assert!(!page(&request, &jobs, None).contains(words));
}

/// Whatever a study or a person can name, somewhere on the page.
#[test]
fn no_name_is_ever_markup() {
    let hostile = "\"><script>alert(1)</script><img src=x onerror='x'>";
    let (mut request, mut jobs) = under_way();
    for field in [
        &mut request.organisation,
        &mut request.workspace,
        &mut request.backend,
        &mut request.branch,
        &mut request.requested_by,
        &mut request.status_message,
        &mut request.repo,
        &mut request.commit,
        &mut request.id,
    ] {
        hostile.clone_into(field);
    }
    request.requested_actions = vec![hostile.to_owned()];
    request.project_yaml = format!(
        "version: 4\nactions:\n  '{name}':\n    run: python:v2 python 'a/{name}'\n    outputs: {{highly_sensitive: {{o: 'output/x.csv'}}}}\n",
        name = hostile.replace('\'', "''")
    );
    for facts in &mut jobs {
        hostile.clone_into(&mut facts.job.action);
        facts.reason = Some(hostile.to_owned());
        facts.job.run_command = hostile.to_owned();
    }
    let previous = Earlier {
        number: 1,
        commit: hostile.to_owned(),
        project_yaml: hostile.to_owned(),
    };
    let pages = [
        page(&request, &jobs, Some(&previous)),
        JobPage {
            frame: Frame::default(),
            request: &request,
            facts: &jobs[0],
            cancel: Offer::Nothing,
            now: now(),
        }
        .html()
        .unwrap(),
    ];
    for html in pages {
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(!html.contains("href=\"\"&gt;"), "{html}");
    }
}

#[test]
fn a_request_of_thousands_of_jobs_is_shown_at_once() {
    use std::fmt::Write as _;
    let mut request = request();
    let mut text = "version: 4\nactions:\n".to_owned();
    for n in 0..2_000 {
        let needs = if n == 0 {
            String::new()
        } else {
            format!("a{}", n - 1)
        };
        writeln!(
            text,
            "  a{n}:\n    run: python:v2 python a.py {n}\n    needs: [{needs}]\n    outputs: {{highly_sensitive: {{o: output/{n}.csv}}}}"
        )
        .unwrap();
    }
    request.project_yaml = text;
    let jobs = jobs(&request);
    let previous = Earlier {
        number: 1,
        commit: "a".to_owned(),
        project_yaml: request.project_yaml.replace("a.py", "b.py"),
    };
    let began = std::time::Instant::now();
    let html = page(&request, &jobs, Some(&previous));
    assert!(html.contains("of 2000 jobs"));
    // Milliseconds where it is built for use; this bound is for a loaded machine and no optimiser.
    assert!(
        began.elapsed() < std::time::Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn what_reorders_a_line_is_shown_as_such() {
    let (request, jobs) = under_way();
    let previous = Earlier {
        number: 1,
        commit: "a".to_owned(),
        project_yaml: request
            .project_yaml
            .replace("population_size", "\u{202e}population_size"),
    };
    assert!(!page(&request, &jobs, Some(&previous)).contains('\u{202e}'));
}

#[test]
fn a_file_that_cannot_be_read_costs_its_parts_and_not_the_page() {
    let (mut request, jobs) = under_way();
    request.project_yaml = "actions: [".to_owned();
    let html = page(&request, &jobs, None);
    assert!(html.contains("Job request 4168"));
    assert!(!html.contains("<svg class=\"graph\""));
    request.project_yaml = "x".repeat(300_000);
    assert!(page(&request, &jobs, None).contains("too long to be shown here"));
}

#[test]
fn a_job_says_where_its_output_may_go_and_shows_no_log() {
    let (request, jobs) = under_way();
    let job = JobPage {
        frame: Frame::default(),
        request: &request,
        facts: &jobs[4],
        cancel: Offer::Nothing,
        now: now(),
    };
    let html = job.html().unwrap();
    for part in [
        "matching_2019",
        "✖</span> failed",
        "It used more memory than it may",
        "Attempts",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
}

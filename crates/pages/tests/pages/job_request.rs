//! The page that everything else leads to.

use glovebox_jobs::State::{Failed, Succeeded};
use glovebox_jobs::{Cancellation, CancelledAs, RequestStatus, StatusCode, Timestamp};
use glovebox_pages::{
    ChangesPage, CodeChanges, Earlier, EarlierJob, FileChanges, Frame, JOB_COLUMNS, JobFacts,
    JobMetrics, JobPage, JobRequestPage, Offer, RequestFacts, RequestOffers,
};

use crate::facts::{BEGAN, PROJECT, at, jobs, now, request};

fn page(request: &RequestFacts, jobs: &[JobFacts], previous: Option<&Earlier>) -> String {
    let page = JobRequestPage {
        frame: Frame::default(),
        request,
        project: project(request),
        jobs,
        heads: heads(),
        sort: None,
        previous,
        previous_success: None,
        offers: RequestOffers::default(),
        newer: None,
        now: now(),
    };
    page.html().unwrap()
}

/// What a test reads lives as long as the test.
fn project(request: &RequestFacts) -> Option<&'static glovebox_pipeline::Project> {
    let project = glovebox_pipeline::check(&request.project_yaml).outcome.ok();
    project.map(|project| &*Box::leak(Box::new(project)))
}

fn heads() -> Vec<glovebox_pages::Head> {
    JOB_COLUMNS
        .iter()
        .map(|&(word, title, is_number)| glovebox_pages::Head {
            title,
            href: (!word.is_empty()).then(|| format!("?sort={word}#jobs")),
            ascending: None,
            is_number,
        })
        .collect()
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
        code: None,
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

/// Whoever reads it need not find out what it is compared with.
#[test]
fn what_changed_is_since_the_previous_request_and_since_the_last_success() {
    let request = request();
    let jobs = jobs(&request);
    let earlier = |number: i64, size: &str| Earlier {
        number,
        commit: format!("{number}000000000000000000000000000000000000"),
        project_yaml: PROJECT.replace("10000", size),
        code: None,
    };
    let (one, other) = (earlier(4101, "1"), earlier(4090, "10000"));
    let since = |previous, previous_success| -> Vec<String> {
        let page = JobRequestPage {
            frame: Frame::default(),
            request: &request,
            project: project(&request),
            jobs: &jobs,
            heads: heads(),
            sort: None,
            previous,
            previous_success,
            offers: RequestOffers::default(),
            newer: None,
            now: now(),
        };
        let html = page.html().unwrap();
        let parts = html.split("<h3>Since ").skip(1);
        let part = |part: &str| {
            let heading = part.split("</h3>").next().unwrap();
            let is_same = part.contains("project.yaml is the same");
            let words = heading.split(',').next().unwrap();
            let number = heading.rsplit('>').nth(1).unwrap().trim_end_matches("</a");
            format!("{words}, {number}, {is_same}")
        };
        parts.map(part).collect()
    };
    let cases: [(Option<&Earlier>, Option<&Earlier>, &[&str]); 4] = [
        (None, None, &[]),
        (Some(&one), None, &["the previous request, 4101, false"]),
        (
            Some(&one),
            Some(&other),
            &[
                "the previous request, 4101, false",
                "the last success, 4090, true",
            ],
        ),
        (
            Some(&one),
            Some(&one),
            &["the previous request and last success, 4101, false"],
        ),
    ];
    for (previous, success, wanted) in cases {
        assert_eq!(since(previous, success), wanted);
    }
}

/// A page without its parts, which a script replaces while jobs go on.
fn without_parts(html: &str) -> String {
    let mut rest = html;
    let mut kept = String::new();
    while let Some(marked) = rest.find(" data-part=") {
        let begin = rest[..marked].rfind('<').unwrap();
        let name = rest[begin + 1..marked].split(' ').next().unwrap();
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        let (mut depth, mut end) = (0, begin);
        loop {
            let next_open = rest[end..].find(&open);
            let next_close = rest[end..].find(&close).expect("an end of the part");
            if let Some(next) = next_open.filter(|next| *next < next_close) {
                depth += 1;
                end += next + open.len();
            } else {
                depth -= 1;
                end += next_close + close.len();
            }
            if depth == 0 {
                break;
            }
        }
        kept.push_str(&rest[..begin]);
        rest = &rest[end..];
    }
    kept + rest
}

/// Who follows a request to its end without loading the page again sees what others see.
#[test]
fn whatever_changes_while_jobs_go_on_is_a_part_that_is_replaced() {
    let mut request = request();
    request.status = RequestStatus::Running;
    let before = jobs(&request);
    let mut after = before.clone();
    for facts in &mut after {
        at(&mut facts.job, StatusCode::Succeeded, Some(1), Some(60));
    }
    let (first, last) = (page(&request, &before, None), page(&request, &after, None));
    assert!(last.contains("<dt>Finished</dt>") && !first.contains("<dt>Finished</dt>"));
    assert_eq!(without_parts(&first), without_parts(&last));

    let job = |facts: &JobFacts, metrics| {
        let page = JobPage {
            frame: Frame::default(),
            request: &request,
            project: project(&request),
            facts,
            previous: None,
            previous_success: None,
            metrics,
            cancel: Offer::Nothing,
            now: now(),
        };
        page.html().unwrap()
    };
    let used = JobMetrics {
        cpu_mean: 1.0,
        cpu_peak: 2.0,
        memory_mean: 3,
        memory_peak: 4,
    };
    let (first, last) = (job(&before[0], None), job(&after[0], Some(used)));
    assert!(last.contains("What it used") && !first.contains("What it used"));
    assert_eq!(without_parts(&first), without_parts(&last));
}

#[test]
fn jobs_that_fell_silent_are_said_to_be() {
    let (request, jobs) = under_way();
    let later = JobRequestPage {
        frame: Frame::default(),
        request: &request,
        project: project(&request),
        jobs: &jobs,
        heads: heads(),
        sort: None,
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
        facts.job.action.push('\u{202e}');
        facts.job.run_command = hostile.to_owned();
    }
    let previous = Earlier {
        number: 1,
        commit: hostile.to_owned(),
        project_yaml: hostile.to_owned(),
        code: None,
    };
    let pages = [
        page(&request, &jobs, Some(&previous)),
        JobPage {
            frame: Frame::default(),
            request: &request,
            project: project(&request),
            facts: &jobs[0],
            previous: None,
            previous_success: None,
            metrics: None,
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
        assert!(!html.contains('\u{202e}'), "{html}");
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
        code: None,
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
        code: None,
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
    request.project_yaml = "x".repeat(10_000);
    assert!(page(&request, &jobs, None).contains("id=\"L1\""));
    request.project_yaml.push('x');
    let html = page(&request, &jobs, None);
    assert!(html.contains("too long to be shown here: <a href=\"https://github.com/an-institute/"));
    assert!(!html.contains("id=\"L1\""));
}

#[test]
fn a_job_says_where_its_output_may_go_and_shows_no_log() {
    let (request, jobs) = under_way();
    let job = JobPage {
        frame: Frame::default(),
        request: &request,
        project: project(&request),
        facts: &jobs[4],
        previous: None,
        previous_success: None,
        metrics: None,
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

fn code() -> CodeChanges {
    CodeChanges {
        files: vec![
            FileChanges {
                path: "analysis/\u{202e}a.py".to_owned(),
                counts: Some((1, 1)),
                lines: ["@@ -1 +1 @@", "-old <b>", "+new\u{200b}\r"]
                    .map(str::to_owned)
                    .to_vec(),
                is_cut: true,
            },
            FileChanges {
                path: "plot.png".to_owned(),
                counts: None,
                lines: Vec::new(),
                is_cut: false,
            },
        ],
        file_count: 12,
        added: 340,
        removed: 20,
        is_cut: false,
    }
}

#[test]
fn what_changed_in_the_code_is_summed_up_and_shown_line_by_line() {
    let (request, jobs) = under_way();
    let previous = Earlier {
        number: 4101,
        commit: "0123456000000000000000000000000000000000".to_owned(),
        project_yaml: request.project_yaml.clone(),
        code: Some(code()),
    };
    let html = page(&request, &jobs, Some(&previous));
    for part in [
        "12 files changed, +340 −20 lines",
        "analysis/<b class=\"unseen\">U+202E</b>a.py",
        "no text, or over 1 MB",
        "and 10 more",
        "/sick-notes/long-covid-sick-notes/4168/changes/?since=4101",
        "project.yaml is the same",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    let changes = |changes: Result<&CodeChanges, String>| {
        let page = ChangesPage {
            frame: Frame::default(),
            request: &request,
            since: 4101,
            since_commit: previous.commit.clone(),
            changes,
            now: now(),
        };
        page.html().unwrap()
    };
    let all = code();
    let html = changes(Ok(&all));
    for part in [
        "<li class=\"removed\"><code>-old &lt;b&gt;</code>",
        "<li class=\"added\"><code>+new<b class=\"unseen\">U+200B</b><b class=\"unseen\">U+000D</b>",
        "<li class=\"gap\"><code>@@ -1 +1 @@",
        "The rest is too long",
        "10 more files changed",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    assert!(!html.contains(['\u{202e}', '\u{200b}', '\r']));
    assert!(changes(Ok(&CodeChanges::default())).contains("Nothing changed"));
    assert!(changes(Err("Try <again>.".to_owned())).contains("Try &#60;again&#62;."));
}

#[test]
fn code_that_is_not_public_is_not_shown() {
    let (mut request, jobs) = under_way();
    request.code_is_public = false;
    let previous = Earlier {
        number: 4101,
        commit: "0123456000000000000000000000000000000000".to_owned(),
        project_yaml: "version: 3\nsecret: 1\n".to_owned(),
        code: None,
    };
    let html = page(&request, &jobs, Some(&previous));
    for hidden in ["github.com", "secret", "population_size", "/changes/"] {
        assert!(!html.contains(hidden), "`{hidden}` is in\n{html}");
    }
    assert!(html.contains("project.yaml is not public"));
    assert!(html.contains("matching_2019"), "states are public");
    // Nor on the page of a job, nor on that of what changed, whatever is handed to them.
    let job = JobPage {
        frame: Frame::default(),
        request: &request,
        project: project(&request),
        facts: &jobs[4],
        previous: None,
        previous_success: None,
        metrics: None,
        cancel: Offer::Nothing,
        now: now(),
    };
    let changes = ChangesPage {
        frame: Frame::default(),
        request: &request,
        since: 4101,
        since_commit: previous.commit.clone(),
        changes: Err("It is not public.".to_owned()),
        now: now(),
    };
    for html in [job.html().unwrap(), changes.html().unwrap(), html] {
        for hidden in [
            "github.com",
            "<code>output/",
            "python:latest",
            "<dt>Needs</dt>",
        ] {
            assert!(!html.contains(hidden), "`{hidden}` is in\n{html}");
        }
    }
}

#[test]
fn jobs_are_counted_and_sorted() {
    let (request, jobs) = under_way();
    let html = page(&request, &jobs, None);
    for part in [
        "<li class=\"waiting\"><strong>1</strong>",
        "<li class=\"succeeded\"><strong>2</strong>",
        "33 %",
        "17 %",
        "<a href=\"?sort=ran#jobs\">Ran",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    let order = |sort| {
        let sorted = JobRequestPage {
            frame: Frame::default(),
            request: &request,
            project: project(&request),
            jobs: &jobs,
            heads: heads(),
            sort,
            previous: None,
            previous_success: None,
            offers: RequestOffers::default(),
            newer: None,
            now: now(),
        };
        let html = sorted.html().unwrap();
        let table = html.split("<tbody>").nth(1).unwrap().to_owned();
        let mut places: Vec<(usize, usize)> = jobs
            .iter()
            .enumerate()
            .map(|(n, facts)| (table.find(&format!(">{}<", facts.job.action)).unwrap(), n))
            .collect();
        places.sort_unstable();
        places.into_iter().map(|(_, n)| n).collect::<Vec<_>>()
    };
    assert_eq!(order(None), [0, 1, 2, 3, 4, 5]);
    assert_eq!(order(Some((1, true)))[0], 3, "cancelled comes first");
    assert_eq!(order(Some((3, false)))[0], 2, "what runs ran longest");
}

#[test]
fn a_job_tells_its_stages_and_what_went_before() {
    let (request, jobs) = under_way();
    let earlier = |id: &str, number, state, commit: &str| EarlierJob {
        id: id.to_owned(),
        request: number,
        state,
        completed_at: Some(glovebox_ui::Instant::from_millis(BEGAN - 60_000)),
        commit: commit.to_owned(),
    };
    let job = |metrics| JobPage {
        frame: Frame::default(),
        request: &request,
        project: project(&request),
        facts: &jobs[4],
        previous: Some(earlier("aaaa", 4100, Failed, &request.commit)),
        previous_success: Some(earlier("bbbb", 4090, Succeeded, "0")),
        metrics,
        cancel: Offer::Nothing,
        now: now(),
    };
    let html = job(None).html().unwrap();
    for part in [
        "1 min 10 s",
        "25.0 s",
        "Last heard of",
        "/log.txt",
        "/sick-notes/long-covid-sick-notes/4100/aaaa/",
        "from the same commit",
        "/4168/changes/?since=4090",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    assert!(!html.contains("What it used"));
    let used = JobMetrics {
        cpu_mean: 0.5,
        cpu_peak: 1.25,
        memory_mean: 1_000_000,
        memory_peak: 2_500_000,
    };
    let html = job(Some(used)).html().unwrap();
    assert!(html.contains("2.5 MB") && html.contains("1.25"), "{html}");
}

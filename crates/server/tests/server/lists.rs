//! Lists of requests: every order, both ways, and what is looked for in them.

use glovebox_jobs::RequestStatus;
use glovebox_server::{Filter, Page, Role, Sort};

use crate::{
    http::get,
    place::{Place, everywhere},
    study::{PROJECT, SUCCESS, asked},
};

/// Nine requests: of two people, on two backends, some of them done.
async fn requests(place: &Place) -> Vec<i64> {
    let other = place
        .person("a-colleague", Some(Role::ProjectDeveloper))
        .await;
    let mut numbers = Vec::new();
    for (n, backend) in ["tpp", "emis", "tpp"].iter().cycle().take(9).enumerate() {
        let token = if n % 2 == 0 {
            &place.researcher
        } else {
            &other
        };
        let mut asked = asked(backend, &["cohort"]);
        asked.force_run_dependencies = n == 3;
        let created = place.create(token, &asked).await;
        assert_eq!(created.status, 201, "{}", created.body);
        numbers.push(created.json::<glovebox_protocol::Created>().request.number);
    }
    let task = place.take(&place.tpp).await.task;
    place.report(&place.tpp, &task, SUCCESS).await;
    numbers
}

const SORTS: [Sort; 6] = [
    Sort::Number,
    Sort::Status,
    Sort::Workspace,
    Sort::Backend,
    Sort::CreatedBy,
    Sort::Succeeded,
];

#[tokio::test]
async fn every_order_is_walked_down_and_up_without_a_gap() {
    everywhere(async |place| {
        let numbers = requests(&place).await;
        let reader = place.reader();
        let filter = Filter::default();
        for sort in SORTS {
            let mut orders = Vec::new();
            for ascending in [false, true] {
                let start = Page {
                    size: 2,
                    sort,
                    ascending,
                    ..Page::default()
                };
                let mut down = Vec::new();
                let mut page = start;
                loop {
                    let part = reader.latest_requests(&filter, page).await.unwrap();
                    assert_eq!(part.previous.is_some(), page.before.is_some(), "{sort:?}");
                    down.push(part.rows.iter().map(|row| row.number).collect::<Vec<_>>());
                    assert!(down.len() <= numbers.len(), "{sort:?} {down:?}");
                    let Some(next) = part.next else { break };
                    page.before = Some(next);
                }
                let mut all: Vec<i64> = down.concat();
                // From the last row up: the parts are the same but for where they are cut.
                let mut up = Vec::new();
                let mut after = all.last().copied();
                while let Some(from) = after {
                    let page = Page {
                        after: Some(from),
                        ..start
                    };
                    let part = reader.latest_requests(&filter, page).await.unwrap();
                    assert_eq!(part.next, part.rows.last().map(|row| row.number));
                    up.splice(0..0, part.rows.iter().map(|row| row.number));
                    after = part.previous;
                }
                assert_eq!(up, all[..all.len() - 1], "{sort:?} {ascending}");
                orders.push(all.clone());
                all.sort_unstable();
                assert_eq!(all, numbers, "{sort:?} {ascending}");
            }
            let downwards: Vec<i64> = orders[0].iter().rev().copied().collect();
            assert_eq!(downwards, orders[1], "{sort:?}");
        }
        let by_person = Page {
            sort: Sort::CreatedBy,
            ascending: true,
            ..Page::default()
        };
        let rows = reader
            .latest_requests(&filter, by_person)
            .await
            .unwrap()
            .rows;
        let first: Vec<_> = rows[..4]
            .iter()
            .map(|row| row.created_by.username.as_str())
            .collect();
        assert_eq!(first, ["a-colleague"; 4]);
        place
    })
    .await;
}

#[tokio::test]
async fn requests_are_found_by_what_people_remember_of_them() {
    everywhere(async |place| {
        let numbers = requests(&place).await;
        let reader = place.reader();
        let all = numbers.len();
        let view = reader.job_request(numbers[0]).await.unwrap().unwrap();
        let job = view.jobs[0].job.id.0.clone();
        let number = numbers[4].to_string();
        let within = |text: &str| Filter {
            workspace: Some("long-covid".to_owned()),
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        let anywhere = |text: &str| Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        let status = |status| Filter {
            status: Some(status),
            ..Filter::default()
        };
        let backends = |slugs: &[&str]| Filter {
            backends: slugs.iter().map(|&slug| slug.to_owned()).collect(),
            ..Filter::default()
        };
        // (filter, how many)
        let cases = [
            (anywhere("cohort"), all),
            (anywhere("COHORT"), all),
            (anywhere("long-co"), all),
            (anywhere("Sick n"), all),
            (anywhere("colleague"), 4),
            (anywhere(&view.commit[..9]), all),
            (anywhere(&view.commit[1..9]), 0),
            (anywhere(&view.id[..8]), 1),
            (anywhere(&job), 1),
            (anywhere(&job[..8]), 0),
            (anywhere("%"), 0),
            (anywhere("_ohort"), 0),
            (anywhere("c!h"), 0),
            (anywhere("'; DROP TABLE job; --"), 0),
            (anywhere("zq\0zq"), 0),
            (within(&job[3..12]), 1),
            (within("oho"), all),
            (within("plot"), 0),
            (status(RequestStatus::Succeeded), 1),
            (status(RequestStatus::Unknown), 0),
            (backends(&["tpp"]), 6),
            (backends(&["tpp", "emis"]), all),
            (backends(&["nowhere"]), 0),
            (
                Filter {
                    created_by: Some("a-colleague".to_owned()),
                    backends: vec!["emis".to_owned()],
                    project: Some("sick-notes".to_owned()),
                    organisation: Some("institute".to_owned()),
                    ..Filter::default()
                },
                2,
            ),
            (
                Filter {
                    organisation: Some("another".to_owned()),
                    ..Filter::default()
                },
                0,
            ),
        ];
        for (filter, count) in cases {
            let found = reader
                .latest_requests(&filter, Page::default())
                .await
                .unwrap();
            assert_eq!(found.rows.len(), count, "{filter:?}");
        }
        let found = reader
            .latest_requests(&anywhere(&number), Page::default())
            .await
            .unwrap();
        assert!(found.rows.iter().any(|row| row.number == numbers[4]));
        place
    })
    .await;
}

/// The address of a link by its relation.
fn linked(html: &str, rel: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    Some(rest.split('"').next()?.replace("&#38;", "&"))
}

#[tokio::test]
async fn the_event_log_leads_on_and_back_with_what_was_chosen() {
    everywhere(async |place| {
        // More than a page, made behind the server's back from one that is whole.
        let first = place.created("tpp", &["cohort"]).await;
        for n in 0..60 {
            place
                .sql(&format!(
                    "INSERT INTO job_request (id, workspace_id, backend_id, created_by, repo_url, branch, \
                     commit_sha, definition_digest, requested_actions, force_run_dependencies, created_at, \
                     status, jobs_pending, jobs_running, jobs_succeeded, jobs_failed, runtime_ms, will_notify) \
                     SELECT 'copy{n}', workspace_id, backend_id, created_by, repo_url, branch, commit_sha, \
                     definition_digest, requested_actions, force_run_dependencies, created_at, 'failed', 0, 0, \
                     0, 1, 0, will_notify FROM job_request WHERE number = {}",
                    first.number
                ))
                .await;
        }
        let mut path = "/event-log/?status=failed&backend=tpp&sort=-number&q=%22cohort".to_owned();
        let mut pages = Vec::new();
        loop {
            let page = get(place.address(), &path).await;
            assert_eq!(page.status, 200);
            pages.push((path.clone(), page.body.matches("✖</span> Failed").count()));
            let Some(next) = linked(&page.body, "next") else { break };
            for kept in ["status=failed", "backend=tpp", "q=%22cohort", "sort=-number"] {
                assert!(next.contains(kept), "{next}");
            }
            path = next;
            assert!(pages.len() < 10);
        }
        let counts: Vec<usize> = pages.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [25, 25, 10]);
        let last = get(place.address(), &path).await;
        let above = linked(&last.body, "prev").unwrap();
        let page = get(place.address(), &above).await;
        assert_eq!(page.body.matches("✖</span> Failed").count(), 25);
        let top = linked(&page.body, "prev").unwrap();
        let page = get(place.address(), &top).await;
        assert_eq!(linked(&page.body, "prev"), None, "this is the top");
        // Whatever somebody types is a page.
        for odd in [
            "?sort=%00&before=x&after=-9999999999999999999",
            "?backend=%ff&q=%F0%9F",
            "?before=0",
            "?after=999999",
            "?sort=-user&before=999999",
            "?q=%25%25%25&q=2",
        ] {
            let page = get(place.address(), &format!("/event-log/{odd}")).await;
            assert_eq!(page.status, 200, "{odd}");
        }
        place
    })
    .await;
}

#[tokio::test]
async fn the_log_of_a_workspace_finds_jobs() {
    everywhere(async |place| {
        let request = place.created("tpp", &["count"]).await;
        place.commit(&PROJECT.replace("count.py", "count2.py"));
        let other = place.created("emis", &["plot"]).await;
        let view = place.reader().job_request(request.number).await.unwrap();
        let job = view.unwrap().jobs[1].job.id.0.clone();
        let path = "/sick-notes/long-covid/logs/";
        let has = async |query: &str, number: i64| {
            let page = get(place.address(), &format!("{path}?{query}")).await;
            assert_eq!(page.status, 200);
            let link = format!("href=\"/sick-notes/long-covid/{number}/\"");
            page.body.contains(&link)
        };
        for (query, finds_first, finds_second) in [
            ("", true, true),
            ("q=count", true, false),
            (&format!("q={}", &job[2..9]), true, false),
            ("backend=emis", false, true),
            ("backend=emis&backend=tpp", true, true),
            ("q=cohort&backend=emis", false, true),
        ] {
            assert_eq!(has(query, request.number).await, finds_first, "{query}");
            assert_eq!(has(query, other.number).await, finds_second, "{query}");
        }
        let by_number = format!("q={}", other.number);
        assert!(has(&by_number, other.number).await);
        let elsewhere = get(place.address(), "/other/long-covid/logs/").await;
        assert_eq!(elsewhere.status, 404);
        place
    })
    .await;
}

//! Lists: of requests, of backends.

use glovebox_jobs::RequestStatus;
use glovebox_pages::{BackendFacts, EventLog, Frame, Message, Offer, RequestRow, StatusPage};
use glovebox_ui::Instant;

use crate::facts::{BEGAN, now};

fn event_log(rows: Vec<RequestRow>) -> EventLog {
    EventLog {
        frame: Frame::default(),
        title: "Event log".to_owned(),
        is_home: false,
        is_list: false,
        run: Offer::Nothing,
        workspace: String::new(),
        status: String::new(),
        backend: String::new(),
        backends: vec!["tpp".to_owned(), "emis".to_owned()],
        rows,
        newer: None,
        older: None,
        now: now(),
    }
}

fn row() -> RequestRow {
    RequestRow {
        number: 4168,
        project: "sick-notes".to_owned(),
        workspace: "long-covid-sick-notes".to_owned(),
        backend: "TPP".to_owned(),
        requested_by: "a <researcher>".to_owned(),
        status: RequestStatus::Failed,
        succeeded: 4,
        jobs: 6,
        created_at: Instant::from_millis(BEGAN),
    }
}

#[test]
fn requests_are_listed_with_their_states_in_words() {
    let mut log = event_log(vec![row()]);
    log.workspace = "sick\"".to_owned();
    log.status = "failed".to_owned();
    log.older = Some("/event-log/?before=4168".to_owned());
    let html = log.html().unwrap();
    for part in [
        "href=\"/sick-notes/long-covid-sick-notes/4168/\"",
        "✖</span> Failed",
        "4 of 6",
        "a &#60;researcher&#62;",
        "value=\"sick&#34;\"",
        "<option value=\"failed\" selected>",
        "15 minutes ago",
        "rel=\"next\"",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
}

#[test]
fn an_empty_list_says_what_to_do_next() {
    assert!(
        event_log(Vec::new())
            .html()
            .unwrap()
            .contains("glovebox submit")
    );
    let mut filtered = event_log(Vec::new());
    filtered.backend = "tpp".to_owned();
    assert!(filtered.html().unwrap().contains("Show all"));
}

#[test]
fn a_backend_that_is_silent_is_missing_whatever_else_it_is() {
    let facts = |seen: Option<i64>, paused, maintenance| BackendFacts {
        name: "TPP".to_owned(),
        slug: "tpp".to_owned(),
        last_seen: seen.map(|seconds| Instant::from_millis(BEGAN + seconds * 1000)),
        running: 2,
        waiting: 14,
        paused,
        maintenance,
    };
    for (backend, words) in [
        (facts(Some(890), false, false), "in order"),
        (facts(Some(890), true, false), "paused"),
        (facts(Some(890), true, true), "database maintenance"),
        (facts(Some(0), true, true), "missing"),
        (facts(None, false, false), "missing"),
    ] {
        let page = StatusPage {
            frame: Frame::default(),
            backends: vec![backend],
            now: now(),
        };
        let html = page.html().unwrap();
        assert!(html.contains(words), "`{words}` is not in\n{html}");
    }
}

#[test]
fn a_message_is_a_page() {
    let page = Message {
        frame: Frame::default(),
        title: "There is no such page",
        text: "Check the address.",
    };
    assert!(
        page.html()
            .unwrap()
            .contains("<h1>There is no such page</h1>")
    );
}

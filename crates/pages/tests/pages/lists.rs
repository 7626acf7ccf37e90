//! Lists: of requests, of backends, of places.

use glovebox_jobs::RequestStatus;
use glovebox_pages::{
    BACKEND_COLUMNS, BackendChoice, BackendFacts, Cell, Choices, EventLog, Filters, Frame, Head,
    Message, Offer, PlacePage, REQUEST_COLUMNS, RequestRow, Section, Table,
};
use glovebox_ui::Instant;

use crate::facts::{BEGAN, now};

fn heads(columns: &[(&'static str, &'static str, bool)]) -> Vec<Head> {
    columns
        .iter()
        .map(|&(word, title, is_number)| Head {
            title,
            href: (!word.is_empty()).then(|| format!("/x/?sort={word}&a=\"b")),
            ascending: (word == "number").then_some(false),
            is_number,
        })
        .collect()
}

fn table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        heads: heads(&REQUEST_COLUMNS),
        rows,
        empty: "No request is like that.".to_owned(),
        newer: None,
        older: Some("/event-log/?sort=-number&before=4168".to_owned()),
        words: ("Newer", "Older"),
        now: now(),
    }
}

fn event_log(table: Table) -> EventLog {
    EventLog {
        frame: Frame::default(),
        crumbs: Vec::new(),
        title: "Event log".to_owned(),
        is_home: false,
        own: Vec::new(),
        path: "/event-log/".to_owned(),
        filters: Filters::All,
        choices: Choices {
            text: "sick\"".to_owned(),
            status: "failed".to_owned(),
            backends: [("tpp", true), ("emis", false)]
                .map(|(slug, is_chosen)| BackendChoice {
                    slug: slug.to_owned(),
                    name: slug.to_uppercase(),
                    is_chosen,
                })
                .to_vec(),
            ..Choices::default()
        },
        table,
        now: now(),
    }
}

fn row() -> RequestRow {
    RequestRow {
        number: 4168,
        project: "sick-notes".to_owned(),
        workspace: "long-covid-sick-notes".to_owned(),
        backend: "TPP".to_owned(),
        backend_slug: "tpp".to_owned(),
        requested_by: "a <researcher>".to_owned(),
        username: "researcher".to_owned(),
        status: RequestStatus::Failed,
        succeeded: 4,
        jobs: 6,
        created_at: Instant::from_millis(BEGAN),
    }
}

#[test]
fn requests_are_listed_with_their_states_in_words() {
    let html = event_log(table(vec![row().cells()])).html().unwrap();
    for part in [
        "href=\"/sick-notes/long-covid-sick-notes/4168/\"",
        "✖</span> Failed",
        " class=\"number\">4 of 6</td>",
        "<a href=\"/users/researcher/\">a &lt;researcher&gt;</a>",
        "href=\"/status/tpp/\"",
        "value=\"sick&#34;\"",
        "<option value=\"failed\" selected>",
        "value=\"tpp\" checked",
        "15 minutes ago",
        "rel=\"next\"",
        "aria-sort=\"descending\"",
        "href=\"/x/?sort=status&#38;a=&#34;b\"",
        "Show all",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
}

#[test]
fn an_empty_list_says_so() {
    let html = event_log(table(Vec::new())).html().unwrap();
    assert!(html.contains("No request is like that."));
    assert!(!html.contains("<table"), "{html}");
}

#[test]
fn a_backend_that_is_silent_is_missing_whatever_else_it_is() {
    let facts = |seen: Option<i64>, paused, maintenance| BackendFacts {
        name: "TPP".to_owned(),
        slug: "tpp".to_owned(),
        is_active: true,
        last_seen: seen.map(|seconds| Instant::from_millis(BEGAN + seconds * 1000)),
        running: 2,
        waiting: 14,
        paused,
        maintenance,
    };
    let mut closed = facts(Some(890), false, false);
    closed.is_active = false;
    for (backend, words) in [
        (facts(Some(890), false, false), "in order"),
        (facts(Some(600), false, false), "in order"),
        (facts(Some(599), false, false), "missing"),
        (facts(Some(890), true, false), "paused"),
        (facts(Some(890), true, true), "database maintenance"),
        (facts(Some(0), true, true), "missing"),
        (facts(None, false, false), "missing"),
        (closed, "closed"),
    ] {
        assert_eq!(backend.look(now()).1, words);
        assert!(!backend.meaning(now()).is_empty());
        assert_eq!(backend.cells(now()).len(), BACKEND_COLUMNS.len());
    }
}

#[test]
fn a_place_shows_what_it_has_and_none_of_it_is_markup() {
    let hostile = "<script>alert(1)</script>\u{202e}";
    let page = PlacePage {
        frame: Frame::default(),
        crumbs: vec![
            Cell::link("Organisations", "/organisations/"),
            Cell::Text(hostile.to_owned()),
        ],
        title: hostile.to_owned(),
        answer: None,
        offers: vec![("Run jobs", Offer::Not(hostile.to_owned()))],
        lead: hostile.to_owned(),
        facts: vec![("Branch", Cell::Code(hostile.to_owned()))],
        sections: vec![Section {
            title: hostile.to_owned(),
            words: vec![hostile.to_owned()],
            table: Some(table(vec![vec![
                Cell::link(hostile, "/x/\"><script>"),
                Cell::Quiet(hostile.to_owned()),
                Cell::Row(vec![Cell::Number(3), Cell::Text(hostile.to_owned())]),
            ]])),
            more: Some((hostile.to_owned(), "/event-log/?q=\"".to_owned())),
        }],
        now: now(),
    };
    let html = page.html().unwrap();
    assert!(!html.contains("<script>"), "{html}");
    for part in ["<a href=\"/organisations/\">", "<dt>Branch</dt>", "\">3 "] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
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

//! The staff area: parts of pages, and what keeps them readable for everybody.

use glovebox_pages::{
    Frame, SignedIn,
    staff::{Cell, Column, Form, Kind, Link, Part, Problem, Search, Sorted, StaffPage, Table},
};
use glovebox_ui::{Instant, Tone};

use crate::facts::{BEGAN, now};

fn page(parts: Vec<Part>) -> StaffPage {
    StaffPage {
        frame: Frame {
            person: Some(SignedIn {
                username: "administrator".to_owned(),
                full_name: "An administrator".to_owned(),
                is_staff: true,
                proof: "p<r>oof".to_owned(),
            }),
        },
        title: "A <project>".to_owned(),
        crumbs: vec![
            Link::new("Staff area", "/staff/"),
            Link::new("Projects", "/staff/projects/"),
        ],
        notice: None,
        parts,
        now: now(),
    }
}

fn form() -> Form {
    Form::new(
        "grant",
        "Grant a role",
        "/staff/projects/x/grant/",
        "Grant the role",
    )
    .asking(
        Kind::Line,
        "username",
        "User name",
        "As in addresses.",
        "<user>",
    )
    .asking(
        Kind::Choice(vec![
            ("a".to_owned(), "Role A".to_owned()),
            ("b".to_owned(), "Role B".to_owned()),
        ]),
        "role",
        "Role",
        "",
        "b",
    )
    .asking(Kind::Day, "until", "Last day", "", "2026-11-24")
    .with("hidden", "kept")
}

fn table() -> Table {
    let column = |name, sort: Option<&str>, sorted| Column {
        name,
        sort: sort.map(str::to_owned),
        sorted,
    };
    Table {
        id: "list",
        caption: "Things",
        search: Some(Search {
            path: "/staff/projects/".to_owned(),
            fields: vec![("q", "Name", "a\"b".to_owned(), false)],
            kept: vec![("sort".to_owned(), "-name".to_owned())],
        }),
        columns: vec![
            column("Name", Some("?sort=name"), Sorted::Down),
            column("Count", Some("?sort=count"), Sorted::No),
            column("State", None, Sorted::No),
            column("Day", None, Sorted::No),
        ],
        rows: vec![vec![
            Cell::link("A <thing>", "/staff/things/a/"),
            Cell::Number(4168),
            Cell::State(Tone::Cancelled, "over"),
            Cell::Day(Instant::from_millis(BEGAN)),
        ]],
        empty: "None is like that.".to_owned(),
        total: Some(26),
        before: None,
        after: Some("?part=1".to_owned()),
    }
}

#[test]
fn a_page_of_the_area() {
    let problem = Problem {
        field: "username",
        text: "There is no person \"<user>\"".to_owned(),
    };
    let html = page(vec![
        Part::Facts(vec![("Purpose", Cell::Nothing), ("Seen", Cell::Ago(now()))]),
        Part::Links(vec![Link::new("Archive it", "archive/")]),
        Part::Table(table()),
        Part::Form(form().refused(Some(problem))),
    ])
    .html()
    .unwrap();
    // The style sheet's address is that of its content.
    let (_, main) = html.split_once("<main").unwrap();
    insta::assert_snapshot!(main);
}

#[test]
fn what_is_wrong_is_said_first_and_leads_to_its_field() {
    for (field, leads_to) in [
        ("username", "#grant-username"),
        ("until", "#grant-until"),
        ("hidden", "#grant"),
        ("", "#grant"),
    ] {
        let problem = Problem {
            field,
            text: "It is wrong".to_owned(),
        };
        let html = page(vec![Part::Form(form().refused(Some(problem)))])
            .html()
            .unwrap();
        let wanted = format!("<a href=\"{leads_to}\">It is wrong</a>");
        assert!(html.contains(&wanted), "{wanted} is not in\n{html}");
        assert!(html.contains("<title>Problem: "), "{html}");
        let heading = html.find("<h1>").unwrap();
        assert!(html.find("role=\"alert\"").unwrap() < heading);
    }
}

#[test]
fn every_form_carries_the_proof_and_keeps_what_was_typed() {
    let html = page(vec![Part::Form(form().dangerous("/back/"))])
        .html()
        .unwrap();
    for part in [
        "value=\"p&#60;r&#62;oof\"",
        "value=\"&#60;user&#62;\"",
        "<option value=\"b\" selected>Role B</option>",
        "type=\"date\"",
        "value=\"2026-11-24\"",
        "name=\"hidden\" value=\"kept\"",
        "class=\"danger\"",
        "<a href=\"/back/\">No, go back</a>",
        "for=\"grant-username\"",
        "id=\"grant-username\"",
        "aria-describedby=\"grant-username-hint\"",
    ] {
        assert!(html.contains(part), "`{part}` is not in\n{html}");
    }
    assert!(!html.contains("role=\"alert\""));
}

#[test]
fn a_list_without_rows_says_so_and_can_still_be_searched() {
    let table = Table {
        rows: Vec::new(),
        after: None,
        ..table()
    };
    let html = page(vec![Part::Table(table)]).html().unwrap();
    assert!(html.contains("None is like that.") && html.contains("role=\"search\""));
    assert!(!html.contains("<table"));
}

//! The audit log, to be read and to be taken along.

use std::{fmt::Write as _, sync::Arc};

use axum::{extract::State, http::header, response::IntoResponse as _};
use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Column, Link, Part, Search, Sorted, Table};
use jiff::civil::Date;

use super::{Staff, answered, asked::Asked, deeds, page as blank, sent::begin_of};
use crate::{
    app::App,
    staff::{self, DeedsFilter, SIZE},
    storage::entity::audit,
    web::{answer::Page, facts::moment},
};

const PATH: &str = "/staff/audit/";

/// How many rows a file has at most, the newest that were asked for, and how many are read at once.
const LARGEST: usize = 10_000;
const AT_ONCE: u64 = 250;

/// How many bytes a file has at most, give or take what is read at once: details may be long.
const LARGEST_BYTES: usize = 32 << 20;

pub(crate) async fn page(State(app): State<Arc<App>>, staff: Staff, asked: Asked) -> Page {
    let filter = filter(&asked);
    let found = staff::deeds(&app.database, &filter, SIZE).await?;
    let mut page = blank(&staff, "Audit log", &[("Audit log", PATH)]);
    let file = asked.with("/staff/audit.csv", &[("after", ""), ("sort", "")]);
    let mut table = table(&found.rows);
    let (sorted, other) = if filter.oldest_first {
        (Sorted::Up, "")
    } else {
        (Sorted::Down, "at")
    };
    if let Some(when) = table.columns.first_mut() {
        *when = Column {
            name: "When",
            sort: Some(asked.with(PATH, &[("sort", other), ("after", "")])),
            sorted,
        };
    }
    table.search = Some(search(&asked));
    // Where a part begins is a key, so the way back is to the beginning.
    table.before = filter.after.map(|_| asked.with(PATH, &[("after", "")]));
    table.after = found
        .next
        .map(|next| asked.with(PATH, &[("after", &next.to_string())]));
    page.parts.push(Part::Table(table));
    page.parts.push(Part::Links(vec![Link::new(
        "Take it along as CSV (the newest 10,000)",
        file,
    )]));
    answered(&page, false)
}

/// A table of deeds, each in words.
pub(super) fn table(rows: &[audit::Model]) -> Table {
    let columns = ["When", "Who", "What", "To what", "Details"].map(|name| Column {
        name,
        sort: None,
        sorted: Sorted::No,
    });
    let rows = rows.iter().map(|row| {
        vec![
            Cell::Ago(moment(Timestamp(row.at))),
            Cell::text(&row.actor),
            Cell::Text(deeds::words(&row.action)),
            deeds::subject(&row.subject),
            Cell::Text(deeds::details(&row.details)),
        ]
    });
    Table {
        id: "deeds",
        caption: "What was done",
        search: None,
        columns: columns.into(),
        rows: rows.collect(),
        empty: "Nothing like that was done.".to_owned(),
        total: None,
        before: None,
        after: None,
    }
}

fn search(asked: &Asked) -> Search {
    let given = |name: &str| asked.get(name).to_owned();
    let sort = given("sort");
    Search {
        path: PATH.to_owned(),
        fields: vec![
            ("actor", "Who", given("actor"), false),
            ("action", "What", given("action"), false),
            ("subject", "To what", given("subject"), false),
            ("from", "First day", given("from"), true),
            ("until", "Last day", given("until"), true),
        ],
        kept: (!sort.is_empty())
            .then(|| ("sort".to_owned(), sort))
            .into_iter()
            .collect(),
    }
}

fn filter(asked: &Asked) -> DeedsFilter {
    let given = |name: &str| asked.get(name).trim().to_owned();
    // What is no day restricts nothing.
    let day = |name: &str| Date::strptime("%Y-%m-%d", asked.get(name)).ok();
    DeedsFilter {
        actor: given("actor"),
        // Words are read with spaces and kept with underscores.
        action: given("action").replace(' ', "_"),
        subject: given("subject"),
        from: day("from").and_then(begin_of),
        until: day("until")
            .and_then(|day| day.tomorrow().ok())
            .and_then(begin_of),
        oldest_first: asked.get("sort") == "at",
        after: asked.get("after").parse().ok(),
    }
}

pub(crate) async fn csv(State(app): State<Arc<App>>, _: Staff, asked: Asked) -> Page {
    let mut filter = DeedsFilter {
        oldest_first: false,
        after: None,
        ..filter(&asked)
    };
    let mut text = String::from("at,actor,action,subject,details\r\n");
    let mut count = 0;
    while count < LARGEST && text.len() < LARGEST_BYTES {
        let found = staff::deeds(&app.database, &filter, AT_ONCE).await?;
        for row in &found.rows {
            let at = moment(Timestamp(row.at)).machine();
            let cells =
                [&row.actor, &row.action, &row.subject, &row.details].map(|cell| quoted(cell));
            // Writing to a text cannot fail.
            let _ = write!(text, "{at},{}\r\n", cells.join(","));
        }
        count += found.rows.len();
        filter.after = found.next;
        if found.next.is_none() {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.csv\"",
        ),
    ];
    Ok((headers, text).into_response())
}

/// A cell that is a text to every program, whatever it begins with.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_of_a_file_is_a_formula() {
        let cases = [
            ("researcher", "\"researcher\""),
            ("say \"x\", then", "\"say \"\"x\"\", then\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@x", "\"'@x\""),
            ("", "\"\""),
        ];
        for (cell, wanted) in cases {
            assert_eq!(quoted(cell), wanted, "{cell}");
        }
    }
}

//! Job requests as a table, wherever they are listed.

use glovebox_pages::{REQUEST_COLUMNS, Table};

use super::{
    address::{Address, Chosen},
    answer::NoPage,
    facts,
    sorted::Order,
};
use crate::{
    app::App,
    read::{Filter, Page as Part, Sort},
};

/// The newest first.
const NEWEST: Order = Order {
    column: "number",
    ascending: false,
};

/// What a list says that has nothing in it.
pub(super) const NOTHING_YET: &str =
    "Nothing was requested yet. A researcher asks for jobs with `glovebox submit`.";

/// A part of the requests that a filter lets through, as it was chosen. `address` is that of the page with
/// what it filters by.
pub(super) async fn table(
    app: &App,
    filter: &Filter,
    chosen: &Chosen,
    address: &Address,
    empty: &str,
) -> Result<Table, NoPage> {
    let order = Order::of(chosen, &REQUEST_COLUMNS, NEWEST);
    let part = Part {
        before: chosen.number("before"),
        after: chosen.number("after"),
        sort: sort(order.column),
        ascending: order.ascending,
        ..Part::default()
    };
    let mut latest = app.reader.latest_requests(filter, part).await?;
    if part.after.is_some() && latest.previous.is_none() {
        // What is above does not fill a page: the first page has it, and more.
        let first = Part {
            before: None,
            after: None,
            ..part
        };
        latest = app.reader.latest_requests(filter, first).await?;
    }
    let on = order.on(address);
    let words = if order == NEWEST {
        ("Newer", "Older")
    } else {
        ("Back", "Further")
    };
    let link = |name: &'static str, number: i64| on.with(name, number).to_string();
    Ok(Table {
        heads: order.heads(&REQUEST_COLUMNS, address),
        newer: latest.previous.map(|number| link("after", number)),
        older: latest.next.map(|number| link("before", number)),
        rows: latest
            .rows
            .into_iter()
            .map(|row| facts::row(row).cells())
            .collect(),
        empty: empty.to_owned(),
        words,
        now: facts::now(),
    })
}

/// The newest of them, as a page about something else shows them: no parts, and nothing to sort by.
pub(super) async fn newest(
    app: &App,
    filter: &Filter,
    size: u64,
    empty: &str,
) -> Result<(Table, bool), NoPage> {
    let part = Part {
        size,
        ..Part::default()
    };
    let latest = app.reader.latest_requests(filter, part).await?;
    let mut heads = NEWEST.heads(&REQUEST_COLUMNS, &Address::new(""));
    for head in &mut heads {
        head.href = None;
        head.ascending = None;
    }
    let table = Table {
        heads,
        newer: None,
        older: None,
        rows: latest
            .rows
            .into_iter()
            .map(|row| facts::row(row).cells())
            .collect(),
        empty: empty.to_owned(),
        words: ("", ""),
        now: facts::now(),
    };
    Ok((table, latest.next.is_some()))
}

fn sort(column: &str) -> Sort {
    match column {
        "status" => Sort::Status,
        "workspace" => Sort::Workspace,
        "succeeded" => Sort::Succeeded,
        "backend" => Sort::Backend,
        "user" => Sort::CreatedBy,
        _ => Sort::Number,
    }
}

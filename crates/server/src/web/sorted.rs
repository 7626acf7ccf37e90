//! Tables that are sorted by their columns, and parts of them.

use glovebox_pages::Head;

use super::address::{Address, Chosen};

/// How many rows of a list that is read whole stand on one page.
const PART: usize = 50;

/// The columns of a table: the word of each in addresses, its head, and whether it holds numbers.
pub(super) type Columns = [(&'static str, &'static str, bool)];

/// What a table is sorted by: a word of a column, and whether upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) column: &'static str,
    pub(super) ascending: bool,
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    /// As people sort words.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_lowercase())
    }

    pub(super) fn count(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// A part of a list that was read whole.
pub(super) struct Part<T> {
    pub(super) rows: Vec<T>,
    pub(super) heads: Vec<Head>,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

impl Order {
    /// What was chosen: the word of a column, with a `-` before it for downwards.
    pub(super) fn of(chosen: &Chosen, columns: &Columns, otherwise: Self) -> Self {
        let word = chosen.get("sort");
        let (name, ascending) = match word.strip_prefix('-') {
            Some(name) => (name, false),
            None => (word, true),
        };
        let found = columns.iter().find(|(column, ..)| *column == name);
        match found {
            Some((column, ..)) if !column.is_empty() => Self { column, ascending },
            _ => otherwise,
        }
    }

    fn word(self) -> String {
        let sign = if self.ascending { "" } else { "-" };
        format!("{sign}{}", self.column)
    }

    /// The heads of the columns, each with the address by which it sorts. What is largest or newest comes
    /// first, and words begin with A; a second time turns it round.
    pub(super) fn heads(self, columns: &Columns, address: &Address) -> Vec<Head> {
        let head = |&(column, title, is_number): &(&'static str, &'static str, bool)| {
            let is_this = column == self.column;
            let of_time = matches!(column, "number" | "created" | "seen" | "finished");
            let ascending = if is_this {
                !self.ascending
            } else {
                !(is_number || of_time)
            };
            let next = Self { column, ascending };
            Head {
                title,
                href: (!column.is_empty()).then(|| address.with("sort", next.word()).to_string()),
                ascending: is_this.then_some(self.ascending),
                is_number,
            }
        };
        columns.iter().map(head).collect()
    }

    /// The address of a list in this order.
    pub(super) fn on(self, address: &Address) -> Address {
        address.with("sort", self.word())
    }
}

/// Sorts a list that was read whole, and takes the part of it that was asked for. A part begins after the
/// row of a name or ends before it.
pub(super) fn part_of<T>(
    mut rows: Vec<T>,
    (columns, otherwise): (&Columns, Order),
    (chosen, address): (&Chosen, &Address),
    key: impl Fn(&T, &str) -> Key,
    name: impl Fn(&T) -> String,
) -> Part<T> {
    let order = Order::of(chosen, columns, otherwise);
    rows.sort_by_cached_key(|row| (key(row, order.column), name(row)));
    if !order.ascending {
        rows.reverse();
    }
    let place = |word: &str| {
        let wanted = chosen.given(word)?;
        rows.iter().position(|row| name(row) == wanted)
    };
    let start = match (place("after"), place("before")) {
        (Some(end), _) => end.saturating_sub(PART),
        (None, Some(before)) => before + 1,
        (None, None) => 0,
    };
    let end = rows.len().min(start + PART);
    let on = order.on(address);
    let has_below = end < rows.len() && end > 0;
    let has_above = start > 0 && start < rows.len();
    let below = has_below.then(|| on.with("before", name(&rows[end - 1])).to_string());
    let above = has_above.then(|| on.with("after", name(&rows[start])).to_string());
    rows.truncate(end);
    Part {
        rows: rows.split_off(start.min(end)),
        heads: order.heads(columns, address),
        newer: above,
        older: below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &Columns = &[("name", "Name", false), ("size", "Size", true)];
    const BY_NAME: Order = Order {
        column: "name",
        ascending: true,
    };

    fn part(query: &str) -> Part<(String, u64)> {
        let rows: Vec<_> = (0..120).map(|n| (format!("n{n:03}"), n / 2)).collect();
        let uri: axum::http::Uri = format!("/x/?{query}").parse().unwrap();
        let axum::extract::Query(pairs) =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap();
        let chosen = Chosen::from_pairs(pairs);
        part_of(
            rows,
            (COLUMNS, BY_NAME),
            (&chosen, &Address::new("/x/")),
            |row, column| match column {
                "size" => Key::count(row.1),
                _ => Key::text(&row.0),
            },
            |row| row.0.clone(),
        )
    }

    #[test]
    fn parts_follow_each_other_both_ways() {
        // (what stands behind the question mark, first and last row, the part above, the part below)
        let cases = [
            ("", "n000", "n049", None, Some("sort=name&before=n049")),
            (
                "before=n049",
                "n050",
                "n099",
                Some("sort=name&after=n050"),
                Some("sort=name&before=n099"),
            ),
            (
                "after=n050",
                "n000",
                "n049",
                None,
                Some("sort=name&before=n049"),
            ),
            (
                "before=n099",
                "n100",
                "n119",
                Some("sort=name&after=n100"),
                None,
            ),
            (
                "sort=-size",
                "n119",
                "n070",
                None,
                Some("sort=-size&before=n070"),
            ),
            (
                "sort=what&before=who",
                "n000",
                "n049",
                None,
                Some("sort=name&before=n049"),
            ),
        ];
        for (query, first, last, newer, older) in cases {
            let part = part(query);
            let at = |row: Option<&(String, u64)>| row.map(|row| row.0.clone());
            assert_eq!(at(part.rows.first()).as_deref(), Some(first), "{query}");
            assert_eq!(at(part.rows.last()).as_deref(), Some(last), "{query}");
            let link = |query: Option<&str>| query.map(|query| format!("/x/?{query}"));
            assert_eq!(part.newer, link(newer), "{query}");
            assert_eq!(part.older, link(older), "{query}");
        }
        assert!(part("before=n119").rows.is_empty());
    }

    #[test]
    fn a_head_turns_round_what_it_sorts() {
        let heads = part("sort=size").heads;
        let links: Vec<_> = heads
            .iter()
            .map(|head| head.href.clone().unwrap())
            .collect();
        assert_eq!(links, ["/x/?sort=name", "/x/?sort=-size"]);
        assert_eq!(heads[1].ascending, Some(true));
        assert_eq!(heads[0].ascending, None);
    }
}

//! What an address asks of a page: how its tables are sorted, which part of them, and what was just done.

use std::{convert::Infallible, fmt::Write as _};

use axum::{extract::FromRequestParts, http::request::Parts};
use glovebox_pages::staff::{Cell, Column, Search, Sorted, Table};

use crate::staff::{SIZE, Wanted};

/// Longer texts are no search.
const LONGEST: usize = 200;

/// What stands behind the question mark of an address, which anybody may have typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        // What cannot be read asks for nothing.
        Ok(Self(serde_html_form::from_str(query).unwrap_or_default()))
    }
}

/// A column of a table: what it is called, and the word to sort by it; none if it cannot be.
pub(super) type Heads = &'static [(&'static str, &'static str)];

impl Asked {
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| value.len() <= LONGEST && !value.contains('\0'))
            .unwrap_or_default()
    }

    /// What a table is asked for.
    pub(super) fn wanted(&self, table: &str) -> Wanted {
        let sort = self.get(&key(table, "sort"));
        let word = sort.strip_prefix('-');
        Wanted {
            search: self.get(&key(table, "q")).trim().to_owned(),
            sort: word.unwrap_or(sort).to_owned(),
            descending: word.is_some(),
            part: self.get(&key(table, "part")).parse().unwrap_or_default(),
        }
    }

    /// The same address with other values; an empty one is left out.
    pub(super) fn with(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| name != "done" && changes.iter().all(|(other, _)| other != name))
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> = kept
            .chain(changes.iter().copied())
            .filter(|(name, value)| !value.is_empty() && name.len() + value.len() <= 2 * LONGEST)
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        if pairs.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", pairs.join("&"))
        }
    }

    /// A table of which the database read a part.
    pub(super) fn table(
        &self,
        path: &str,
        (id, caption, empty): (&'static str, &'static str, &str),
        heads: Heads,
        total: u64,
        rows: Vec<Vec<Cell>>,
    ) -> Table {
        let wanted = self.wanted(id);
        let part_key = key(id, "part");
        let part = |number: u64| {
            let number = number.to_string();
            let number = if number == "0" { "" } else { &number };
            self.with(path, &[(part_key.as_str(), number)])
        };
        let is_more = wanted.part.saturating_add(1).saturating_mul(SIZE) < total;
        Table {
            id,
            caption,
            search: None,
            columns: self.columns(path, id, heads),
            rows,
            empty: empty.to_owned(),
            total: Some(total),
            before: (wanted.part > 0).then(|| part(wanted.part - 1)),
            after: is_more.then(|| part(wanted.part + 1)),
        }
    }

    /// The form that searches a table.
    pub(super) fn search(&self, path: &str, table: &str, label: &'static str) -> Search {
        let sort = self.get("sort");
        Search {
            path: path.to_owned(),
            fields: vec![("q", label, self.wanted(table).search, false)],
            kept: (!sort.is_empty())
                .then(|| ("sort".to_owned(), sort.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    /// The heads of a table, of which the first is what it is sorted by unless another is asked for.
    pub(super) fn columns(&self, path: &str, table: &str, heads: Heads) -> Vec<Column> {
        let wanted = self.wanted(table);
        let known = heads
            .iter()
            .any(|(_, word)| !word.is_empty() && *word == wanted.sort);
        let by = if known {
            wanted.sort.as_str()
        } else {
            heads
                .iter()
                .map(|(_, word)| *word)
                .find(|word| !word.is_empty())
                .unwrap_or_default()
        };
        let columns = heads.iter().map(|&(name, word)| {
            let sorted = match (word == by && !word.is_empty(), wanted.descending) {
                (false, _) => Sorted::No,
                (true, false) => Sorted::Up,
                (true, true) => Sorted::Down,
            };
            let next = match sorted {
                Sorted::Up => format!("-{word}"),
                _ => word.to_owned(),
            };
            let sort = (!word.is_empty()).then(|| {
                let changes = [
                    (key(table, "sort"), next.as_str()),
                    (key(table, "part"), ""),
                ];
                let changes: Vec<_> = changes.iter().map(|(k, v)| (k.as_str(), *v)).collect();
                self.with(path, &changes)
            });
            Column { name, sort, sorted }
        });
        columns.collect()
    }

    /// A table of rows that are all at hand: each comes with what its cells are sorted by.
    pub(super) fn sorted(
        &self,
        path: &str,
        names: (&'static str, &'static str, &str),
        heads: Heads,
        mut rows: Vec<Vec<(String, Cell)>>,
    ) -> Table {
        let wanted = self.wanted(names.0);
        let by = heads
            .iter()
            .position(|(_, word)| !word.is_empty() && *word == wanted.sort)
            .or_else(|| heads.iter().position(|(_, word)| !word.is_empty()));
        if let Some(by) = by {
            rows.sort_by(|one, other| {
                let key = |row: &[(String, Cell)]| row.get(by).map(|(key, _)| key.to_lowercase());
                key(one).cmp(&key(other))
            });
            if wanted.descending {
                rows.reverse();
            }
        }
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let size = usize::try_from(SIZE).unwrap_or(usize::MAX);
        let skipped = usize::try_from(wanted.part).unwrap_or(usize::MAX);
        let rows = rows
            .into_iter()
            .skip(skipped.saturating_mul(size))
            .take(size)
            .map(|row| row.into_iter().map(|(_, cell)| cell).collect());
        self.table(path, names, heads, total, rows.collect())
    }

    /// What was just done, from a list: an address can say nothing else.
    pub(super) fn notice(&self) -> Option<&'static str> {
        let done = self.get("done");
        DONE.iter()
            .find_map(|(word, sentence)| (*word == done).then_some(*sentence))
    }
}

const DONE: &[(&str, &str)] = &[
    ("created", "It is created."),
    ("renamed", "It has its new name."),
    ("granted", "The role is granted."),
    ("revoked", "The role is revoked."),
    ("admitted", "They are admitted."),
    ("dismissed", "They are dismissed."),
    ("saved", "It is saved."),
    (
        "archived",
        "The workspace is archived: nothing more is run in it.",
    ),
    ("unarchived", "The workspace is taken up again."),
    ("switched", "The backend is switched."),
    ("tokens-ended", "All their tokens are ended."),
    ("sessions-ended", "They are signed out everywhere."),
];

/// Tables that share a page have a name before what is asked of them; the one table of a list has none.
fn key(table: &str, name: &str) -> String {
    if table == "list" {
        name.to_owned()
    } else {
        format!("{table}.{name}")
    }
}

pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked(serde_html_form::from_str(query).unwrap())
    }

    #[test]
    fn addresses_keep_what_they_do_not_change() {
        let cases = [
            ("", &[("sort", "name")][..], "/x/?sort=name"),
            (
                "q=a%26b&sort=name&done=created",
                &[("sort", "-name")],
                "/x/?q=a%26b&sort=-name",
            ),
            ("q=a&part=3", &[("part", "")], "/x/?q=a"),
            ("sort=name", &[("sort", "")], "/x/"),
        ];
        for (query, changes, wanted) in cases {
            assert_eq!(asked(query).with("/x/", changes), wanted, "{query}");
        }
    }

    #[test]
    fn what_is_typed_into_an_address_asks_for_nothing_odd() {
        let wanted = asked("sort=--x&part=-1&q=%00").wanted("list");
        assert_eq!((wanted.sort.as_str(), wanted.part), ("-x", 0));
        assert_eq!(wanted.search, "");
        assert_eq!(asked("done=%3Cscript%3E").notice(), None);
        let far = asked("part=18446744073709551615");
        let table = far.sorted(
            "/x/",
            ("list", "Things", "None."),
            &[("Name", "name")],
            vec![],
        );
        assert!(table.after.is_none() && table.before.is_some());
    }
}

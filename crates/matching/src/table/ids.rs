//! Who the rows are: `patient_id` in eight bytes where it is a whole number, as text otherwise.

use std::{cmp::Ordering, str};

use super::{Row, cell};

/// A `patient_id` by which people are told apart. Whole numbers are ordered by value and come before
/// texts, which are ordered by their bytes: the order in which ties between persons are settled.
///
/// `1.0` is the number 1, as tools write it that hold a column with gaps as floating-point numbers: the
/// same person must not be somebody else in another file. How it was written is [`Ids::written`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Id<'a> {
    Number(i64),
    Text(&'a [u8]),
}

impl<'a> Id<'a> {
    /// Reads an id. Only the usual way of writing a whole number makes one: `007` is a text.
    pub(crate) fn parse(cell: &'a [u8]) -> Self {
        match Self::plain(cell::category(cell)) {
            number @ Self::Number(_) => number,
            Self::Text(_) => Self::Text(cell),
        }
    }

    /// Reads an id that would be written as it is read.
    fn plain(cell: &'a [u8]) -> Self {
        let digits = cell.strip_prefix(b"-").unwrap_or(cell);
        let usual = match digits {
            [b'0'] => digits.len() == cell.len(),
            [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let number = if usual {
            str::from_utf8(cell).ok().and_then(|t| t.parse().ok())
        } else {
            None
        };
        number.map_or(Self::Text(cell), Self::Number)
    }
}

/// The ids of a file, one for each row.
#[derive(Debug)]
pub(crate) enum Ids {
    Numbers(Vec<i64>),
    /// As soon as one id is no number: all texts one after the other, and where each ends.
    Texts {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
}

impl Default for Ids {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Ids {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts { ends, .. } => ends.len(),
        }
    }

    pub(super) fn push(&mut self, cell: &[u8]) {
        match (&mut *self, Id::plain(cell)) {
            (Self::Numbers(numbers), Id::Number(number)) => numbers.push(number),
            (Self::Numbers(numbers), Id::Text(_)) => {
                let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(numbers.len()));
                for number in numbers {
                    bytes.extend_from_slice(number.to_string().as_bytes());
                    ends.push(bytes.len());
                }
                *self = Self::Texts { bytes, ends };
                self.push(cell);
            }
            (Self::Texts { bytes, ends }, _) => {
                bytes.extend_from_slice(cell);
                ends.push(bytes.len());
            }
        }
    }

    /// The id of a row that the file has.
    pub(crate) fn get(&self, row: Row) -> Id<'_> {
        match self.written(row) {
            Id::Text(text) => Id::parse(text),
            number @ Id::Number(_) => number,
        }
    }

    /// The id of a row as the file has it: a number only where it would be written the same.
    pub(crate) fn written(&self, row: Row) -> Id<'_> {
        let row = row as usize;
        match self {
            Self::Numbers(numbers) => Id::Number(numbers[row]),
            Self::Texts { bytes, ends } => {
                let start = if row == 0 { 0 } else { ends[row - 1] };
                Id::Text(&bytes[start..ends[row]])
            }
        }
    }

    /// All rows in the order of their ids.
    pub(crate) fn sorted(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = (0..).take(self.len()).collect();
        // Extracts are usually in order already; the sort notices and then costs one pass.
        rows.sort_by(|a, b| self.get(*a).cmp(&self.get(*b)));
        rows
    }

    /// How many rows, in their id order, repeat the id before them. An empty id repeats nobody's.
    pub(crate) fn repeats(&self, sorted: &[Row]) -> usize {
        let repeats = |pair: &&[Row]| {
            let id = self.get(pair[0]);
            id == self.get(pair[1]) && id != Id::Text(b"")
        };
        sorted.windows(2).filter(repeats).count()
    }
}

/// For each row of `these`, the row of `others` that is the same person, or [`super::NO_ROW`].
/// `sorted` are both files' rows in id order.
pub(crate) fn same_person(
    (these, sorted_these): (&Ids, &[Row]),
    (others, sorted_others): (&Ids, &[Row]),
) -> Vec<Row> {
    let mut found = vec![super::NO_ROW; these.len()];
    let mut candidates = sorted_others.iter().copied().peekable();
    for row in sorted_these {
        while let Some(other) = candidates.peek() {
            match others.get(*other).cmp(&these.get(*row)) {
                Ordering::Less => {
                    candidates.next();
                }
                Ordering::Equal => {
                    found[*row as usize] = *other;
                    break;
                }
                Ordering::Greater => break,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(cells: &[&str]) -> Ids {
        let mut ids = Ids::default();
        for cell in cells {
            ids.push(cell.as_bytes());
        }
        ids
    }

    #[test]
    fn every_id_is_written_as_it_was_read() {
        let cells = [
            "10",
            "-9",
            "0",
            "007",
            "-0",
            "+5",
            "9223372036854775808",
            "a1",
            "1.0",
            "é",
        ];
        let ids = ids(&cells);
        let written: Vec<String> = (0..)
            .take(cells.len())
            .map(|row| match ids.written(row) {
                Id::Number(number) => number.to_string(),
                Id::Text(text) => String::from_utf8_lossy(text).into_owned(),
            })
            .collect();
        assert_eq!(written, cells);
    }

    #[test]
    fn a_number_with_a_point_is_the_number() {
        let (these, others) = (
            ids(&["2.0", "1.0", "1.5", "007.0"]),
            ids(&["1", "007", "2"]),
        );
        let found = same_person((&these, &these.sorted()), (&others, &others.sorted()));
        let nobody = super::super::NO_ROW;
        assert_eq!(found, [2, 0, nobody, nobody]);
        let twice = ids(&["1", "2", "1.0"]);
        assert_eq!(twice.repeats(&twice.sorted()), 1);
    }

    #[test]
    fn numbers_are_ordered_by_value_and_before_texts() {
        assert_eq!(ids(&["b", "10", "9", "-1", "a"]).sorted(), [3, 2, 1, 4, 0]);
        assert_eq!(ids(&["10", "9", "-1"]).sorted(), [2, 1, 0]);
    }

    #[test]
    fn the_same_person_is_found_in_the_other_file() {
        let (these, others) = (ids(&["3", "1", "x"]), ids(&["x", "2", "3"]));
        let found = same_person((&these, &these.sorted()), (&others, &others.sorted()));
        assert_eq!(found, [2, super::super::NO_ROW, 0]);
    }
}

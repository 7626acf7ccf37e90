//! An input file as columns of keys.
//!
//! Of a file only the columns that decide something are held, each in four or eight bytes a row;
//! every other cell is looked at again only if its row is chosen, in a second pass over the file.
//! So memory grows with the key columns and not with the width of a cohort.

mod cell;
mod dictionary;
mod ids;
mod scan;
mod source;
mod wanted;

pub(crate) use dictionary::{Dictionaries, MISSING_CODE, UNKNOWN_CODE};
pub(crate) use ids::{Id, Ids, same_person};
pub(crate) use scan::{scan, sorted_by_id};
pub(crate) use source::Source;
pub(crate) use wanted::{Kind, Wanted};

use crate::dates::Day;

/// The number of a row in its file, the first after the header being 0.
pub(crate) type Row = u32;

/// Says "no row" where a [`Row`] could be.
pub(crate) const NO_ROW: Row = Row::MAX;

/// One key column, one value for each row.
#[derive(Debug)]
pub(crate) enum Column {
    /// Dictionary codes of a category, or months 1 to 12; see [`MISSING_CODE`].
    Codes(Vec<u32>),
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Dates.
    Days(Vec<Day>),
}

/// The keys of one input file.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) ids: Ids,
    columns: Vec<(Wanted, Column)>,
}

impl Table {
    /// How many rows the file has, the header not counted.
    pub(crate) fn rows(&self) -> Row {
        // Reading stops with an error before there are more rows than a `Row` can number.
        Row::try_from(self.ids.len()).unwrap_or(NO_ROW)
    }

    /// Every key column with what it was read for.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&Wanted, &Column)> {
        self.columns.iter().map(|(wanted, column)| (wanted, column))
    }

    fn find(&self, name: &str, is_kind: impl Fn(Kind) -> bool) -> Option<&Column> {
        let found = self
            .columns
            .iter()
            .find(|(wanted, _)| wanted.name == name && is_kind(wanted.kind));
        found.map(|(_, column)| column)
    }

    /// The codes of a category, or of the months of a date column; empty if it was not read as such.
    pub(crate) fn codes(&self, name: &str, months: bool) -> &[u32] {
        let is_kind = |kind| match kind {
            Kind::Category(_) => !months,
            Kind::Month => months,
            Kind::Number | Kind::Day => false,
        };
        match self.find(name, is_kind) {
            Some(Column::Codes(codes)) => codes,
            _ => &[],
        }
    }

    /// A column of numbers; empty if it was not read as such.
    pub(crate) fn numbers(&self, name: &str) -> &[f64] {
        match self.find(name, |kind| kind == Kind::Number) {
            Some(Column::Numbers(numbers)) => numbers,
            _ => &[],
        }
    }

    /// A column of dates; empty if it was not read as such.
    pub(crate) fn days(&self, name: &str) -> &[Day] {
        match self.find(name, |kind| kind == Kind::Day) {
            Some(Column::Days(days)) => days,
            _ => &[],
        }
    }
}

impl Column {
    /// In how many rows the value is missing.
    pub(crate) fn missing(&self) -> usize {
        match self {
            Self::Codes(codes) => codes.iter().filter(|code| **code == MISSING_CODE).count(),
            Self::Numbers(numbers) => numbers.iter().filter(|number| number.is_nan()).count(),
            Self::Days(days) => days.iter().filter(|day| day.is_missing()).count(),
        }
    }
}

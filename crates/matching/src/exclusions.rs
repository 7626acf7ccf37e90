//! Who is left out because something happened before or after the index date.

use crate::{
    ExclusionRule, Settings,
    dates::Day,
    table::{Row, Table},
};

/// The date columns of one table that exclude its people, with their rules.
#[derive(Debug)]
pub(crate) struct Exclusions<'a> {
    columns: Vec<(&'a [Day], ExclusionRule)>,
}

/// What the exclusions say of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Eligible,
    /// Excluded at this index date; a later one may find them eligible.
    Excluded,
    /// Excluded at this index date and at every later one.
    ExcludedFromNowOn,
}

impl<'a> Exclusions<'a> {
    pub(crate) fn of(table: &'a Table, settings: &Settings) -> Self {
        let columns = settings.date_exclusion_variables.iter();
        Self {
            columns: columns
                .map(|(name, rule)| (table.days(name), *rule))
                .collect(),
        }
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether the person in `row` is excluded at `index_date`. Comparisons are strict, and a
    /// date that is missing, on either side, excludes nobody.
    pub(crate) fn verdict(&self, row: Row, index_date: Day) -> Verdict {
        if index_date.is_missing() {
            return Verdict::Eligible;
        }
        let mut verdict = Verdict::Eligible;
        for (days, rule) in &self.columns {
            let day = days[row as usize];
            match rule {
                ExclusionRule::Before if day < index_date => return Verdict::ExcludedFromNowOn,
                ExclusionRule::After if day > index_date && !day.is_missing() => {
                    verdict = Verdict::Excluded;
                }
                _ => {}
            }
        }
        verdict
    }
}

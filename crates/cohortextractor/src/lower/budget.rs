//! How much may be planned for one request.
//!
//! Whoever wrote the study chooses how many columns it has, how long its categories are and for how
//! many index dates it is planned; all of them are in memory at once, and rows cost bits. So sizes
//! are counted while they grow.

use glovebox_dummy::{Cells, Column, Kind, Values};

/// The most variables of all studies and index dates together.
pub(super) const MAX_PLANNED_VARIABLES: usize = 1_000_000;
/// The most bytes of all columns that are planned.
const MAX_BYTES: usize = 512 << 20;
/// The most cells of one file. Which of them are empty is a bit a cell, so this is 1.25 GB at most.
pub(super) const MAX_CELLS: u64 = 10_000_000_000;
/// What a column takes besides its texts.
const COLUMN: usize = size_of::<Column>();

/// What may still be planned.
pub(super) struct Budget {
    bytes: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { bytes: MAX_BYTES }
    }

    /// Takes a column's size away.
    ///
    /// # Errors
    /// A sentence, if nothing is left.
    pub(super) fn spend(&mut self, column: &Column) -> Result<(), String> {
        self.bytes = self.bytes.checked_sub(size(column)).ok_or_else(|| {
            format!(
                "with this variable, all variables and index dates together take more than {} MiB: \
                 ask for fewer index dates or fewer categories",
                MAX_BYTES >> 20
            )
        })?;
        Ok(())
    }
}

fn size(column: &Column) -> usize {
    let texts = |texts: &[String]| -> usize {
        texts
            .iter()
            .map(|text| size_of::<String>() + text.len())
            .sum()
    };
    let kind = match &column.kind {
        Kind::Random {
            values: Values::Category(categories),
            ..
        } => texts(&categories.labels) + size_of_val(categories.ratios.as_slice()),
        Kind::Random {
            values: Values::Day(days),
            ..
        } => size_of_val(days.days.as_slice()) + size_of_val(days.ratios.as_slice()),
        Kind::Fixed(Cells::Texts(cells)) | Kind::Given(Cells::Texts(cells)) => texts(cells),
        Kind::Aggregate { sources, .. } => size_of_val(sources.as_slice()),
        Kind::Given(cells) => cells.len() * size_of::<u64>(),
        Kind::Random { .. } | Kind::Fixed(_) | Kind::PatientId => 0,
    };
    COLUMN + column.name.len() + kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use glovebox_dummy::{Categories, Presence};

    #[test]
    fn long_texts_use_it_up_and_plain_columns_do_not() {
        let columns_within_budget = |kind: Kind| {
            let column = Column {
                name: "a".to_owned(),
                visible: true,
                kind,
            };
            let mut budget = Budget::new();
            (0..MAX_PLANNED_VARIABLES)
                .take_while(|_| budget.spend(&column).is_ok())
                .count()
        };
        let categories = Kind::Random {
            values: Values::Category(Categories {
                labels: vec!["x".repeat(1000); 1000],
                ratios: vec![0.001; 1000],
            }),
            presence: Presence::Always,
        };
        let flag = Kind::Random {
            values: Values::Flag,
            presence: Presence::Incidence(0.5),
        };
        assert!((500..540).contains(&columns_within_budget(categories)));
        assert_eq!(columns_within_budget(flag), MAX_PLANNED_VARIABLES);
    }
}

//! The cells of consecutive rows.

use rand_chacha::ChaCha8Rng;

use super::aggregate;
use super::prepare::{Generator, Prepared};
use crate::day::{Day, Precision};
use crate::distribution::{Permutation, fill_normal, unit};
use crate::study::{Cells, DateRate, DateValues};

/// A category that an empty row has instead of a label.
const NO_LABEL: u32 = u32::MAX;

/// Consecutive rows of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// First row.
    pub(crate) first: u64,
    /// How many.
    pub(crate) count: usize,
}

impl Rows {
    fn numbers(self) -> std::ops::Range<u64> {
        self.first..self.first + self.count as u64
    }
}

/// One column's cells in some rows.
#[derive(Debug)]
pub(crate) enum BlockCells {
    /// Dates; [`Day::NONE`] is blank.
    Days(Vec<Day>, Precision),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Floating-point numbers.
    Floats(Vec<f64>),
    /// Positions in the column's table of labels.
    Labels(Vec<u32>),
    /// 0 or 1.
    Flags(Vec<bool>),
}

impl BlockCells {
    /// Generates a column's cells; `earlier` holds those of all columns before it, and `random` stands
    /// where the block's rows before these have left it.
    pub(crate) fn generate(
        column: &Prepared,
        rows: Rows,
        random: &mut ChaCha8Rng,
        earlier: &[Self],
    ) -> Self {
        let mut cells = match &column.generator {
            Generator::Date(values) => dates(values, rows, random),
            Generator::NormalInt { mean, stddev } => {
                Self::Ints(normal(*mean, *stddev, rows, random).map(cut).collect())
            }
            Generator::DiscreteInt(table) => {
                Self::Ints((0..rows.count).map(|_| table.draw(random)).collect())
            }
            Generator::Float { mean, stddev } => {
                Self::Floats(normal(*mean, *stddev, rows, random).collect())
            }
            Generator::Category(table) => Self::Labels(
                (0..rows.count)
                    .map(|_| u32::try_from(table.draw_position(random)).unwrap_or(NO_LABEL))
                    .collect(),
            ),
            Generator::Day(table, days) => Self::Days(
                (0..rows.count)
                    .map(|_| days[table.draw_position(random)])
                    .collect(),
                Precision::Day,
            ),
            Generator::Flag => Self::Flags(vec![true; rows.count]),
            Generator::Given(cells) => given(cells, rows),
            Generator::Fixed(cells) => fixed(cells, rows),
            Generator::Aggregate {
                operation,
                sources,
                precision,
            } => aggregate::compare(*operation, sources, *precision, rows.count, earlier),
            Generator::PatientId(order) => Self::Ints(patient_ids(order, rows)),
        };
        if let Some(empty) = &column.empty {
            cells.blank(rows.numbers().map(|row| empty.contains(row)));
        }
        if let Some(Self::Days(days, _)) = column.follows.and_then(|date| earlier.get(date)) {
            cells.blank(days.iter().map(|day| *day == Day::NONE));
        }
        if let Generator::Date(values) = &column.generator {
            cells.keep_within(values);
        }
        cells
    }

    /// Gives the rows marked their type's missing value.
    fn blank(&mut self, marked: impl Iterator<Item = bool>) {
        fn set<T: Copy>(cells: &mut [T], missing: T, marked: impl Iterator<Item = bool>) {
            for (cell, is_marked) in cells.iter_mut().zip(marked) {
                if is_marked {
                    *cell = missing;
                }
            }
        }
        match self {
            Self::Days(cells, _) => set(cells, Day::NONE, marked),
            Self::Ints(cells) => set(cells, 0, marked),
            Self::Floats(cells) => set(cells, 0.0, marked),
            Self::Labels(cells) => set(cells, NO_LABEL, marked),
            Self::Flags(cells) => set(cells, false, marked),
        }
    }

    /// Blanks dates outside the bounds that hold for every row.
    fn keep_within(&mut self, values: &DateValues) {
        if let Self::Days(days, _) = self {
            for day in days {
                if values.not_before.is_some_and(|bound| *day < bound)
                    || values.not_after.is_some_and(|bound| *day > bound)
                {
                    *day = Day::NONE;
                }
            }
        }
    }
}

fn dates(values: &DateValues, rows: Rows, random: &mut ChaCha8Rng) -> BlockCells {
    let range = f64::from(values.latest.0) - f64::from(values.earliest.0);
    let days_back = |random: &mut ChaCha8Rng| match values.rate {
        DateRate::Uniform => (unit(random) * range).trunc(),
        DateRate::ExponentialIncrease => loop {
            const MEAN: f64 = 0.1;
            let days = (-(1.0 - unit(random)).ln() * MEAN * range).trunc();
            if days <= range {
                break days;
            }
        },
    };
    let days = (0..rows.count)
        .map(|_| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the result lies between two days"
            )]
            Day((f64::from(values.latest.0) - days_back(random)) as i32)
        })
        .collect();
    BlockCells::Days(days, values.precision)
}

fn normal(
    mean: f64,
    stddev: f64,
    rows: Rows,
    random: &mut ChaCha8Rng,
) -> impl Iterator<Item = f64> + use<> {
    let mut numbers = vec![0.0; rows.count];
    fill_normal(random, mean, stddev, &mut numbers);
    numbers.into_iter()
}

/// Cuts toward zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cutting is the rule; huge numbers saturate"
)]
fn cut(number: f64) -> i64 {
    number as i64
}

fn patient_ids(order: &Permutation, rows: Rows) -> Vec<i64> {
    rows.numbers()
        .map(|row| i64::try_from(order.at(row)).unwrap_or(i64::MAX))
        .collect()
}

fn given(cells: &Cells, rows: Rows) -> BlockCells {
    let first = usize::try_from(rows.first).unwrap_or(usize::MAX);
    let range = first..first + rows.count;
    match cells {
        Cells::Dates { days, precision } => BlockCells::Days(
            days[range]
                .iter()
                .map(|day| day.unwrap_or(Day::NONE))
                .collect(),
            *precision,
        ),
        Cells::Ints(cells) => BlockCells::Ints(cells[range].to_vec()),
        Cells::Floats(cells) => BlockCells::Floats(cells[range].to_vec()),
        Cells::Flags(cells) => BlockCells::Flags(cells[range].to_vec()),
        // The table of labels holds every row's text.
        Cells::Texts(_) => BlockCells::Labels(
            range
                .map(|row| u32::try_from(row).unwrap_or(NO_LABEL))
                .collect(),
        ),
    }
}

fn fixed(cells: &Cells, rows: Rows) -> BlockCells {
    let one = given(cells, Rows { first: 0, count: 1 });
    let count = rows.count;
    match one {
        BlockCells::Days(cells, precision) => BlockCells::Days(vec![cells[0]; count], precision),
        BlockCells::Ints(cells) => BlockCells::Ints(vec![cells[0]; count]),
        BlockCells::Floats(cells) => BlockCells::Floats(vec![cells[0]; count]),
        BlockCells::Labels(cells) => BlockCells::Labels(vec![cells[0]; count]),
        BlockCells::Flags(cells) => BlockCells::Flags(vec![cells[0]; count]),
    }
}

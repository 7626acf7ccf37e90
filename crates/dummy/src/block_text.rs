//! A block of rows as text, a strip at a time.

use rand_chacha::ChaCha8Rng;

use crate::generate::{BlockCells, Generator, Prepared, Rows};
use crate::study::Cells;
use crate::text::write_cell;
use crate::write::BLOCK_ROWS;

/// Rows whose cells are held at a time. Even, as normal deviates are drawn in pairs; otherwise no
/// byte depends on it, since a column's random stream runs on from one strip of a block to the next.
const STRIP_ROWS: usize = 256;
/// The same where even the text of these rows would be large.
const STRIP_OF_WIDE_ROWS: usize = 16;
/// The most text of one block that is held at a time, in bytes.
const MAX_BLOCK_BYTES: usize = 256 << 20;
/// The most text of blocks generated at the same time, in bytes.
const MAX_WAVE_BYTES: usize = 512 << 20;

/// How much of a study is held in memory while it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many blocks at the same time.
    Blocks(u64),
    /// The rows are so wide that the text of a block is written in pieces, one after the other.
    Strips,
}

/// Decides the pace from the longest text that a row of these columns may have.
pub(crate) fn pace(columns: &[Prepared], threads: usize) -> Pace {
    let row: usize = columns.iter().map(longest_cell).sum();
    let block = row.saturating_mul(BLOCK_ROWS);
    if block > MAX_BLOCK_BYTES {
        return Pace::Strips;
    }
    let blocks = (MAX_WAVE_BYTES / block.max(1)).min(threads).max(1);
    Pace::Blocks(blocks as u64)
}

/// The longest text of a cell, with its comma.
fn longest_cell(column: &Prepared) -> usize {
    let text = match &column.generator {
        _ if !column.visible => return 0,
        Generator::Flag | Generator::Given(Cells::Flags(_)) | Generator::Fixed(Cells::Flags(_)) => {
            1
        }
        Generator::Date(_) | Generator::Day(..) => 10,
        Generator::Category(_)
        | Generator::Given(Cells::Texts(_))
        | Generator::Fixed(Cells::Texts(_)) => {
            column.labels.iter().map(Vec::len).max().unwrap_or(0)
        }
        Generator::NormalInt { .. } | Generator::DiscreteInt(_) | Generator::PatientId(_) => 20,
        Generator::Float { .. }
        | Generator::Given(_)
        | Generator::Fixed(_)
        | Generator::Aggregate { .. } => 24,
    };
    text + 1
}

/// A block that is being generated.
pub(crate) struct BlockText<'a> {
    columns: &'a [Prepared<'a>],
    /// Where each column's random stream stands.
    randoms: Vec<ChaCha8Rng>,
    next: u64,
    end: u64,
}

impl<'a> BlockText<'a> {
    /// The block of this number, in a file of so many rows.
    pub(crate) fn new(columns: &'a [Prepared<'a>], block: u64, rows: u64) -> Self {
        let next = block * BLOCK_ROWS as u64;
        Self {
            columns,
            randoms: columns
                .iter()
                .map(|column| column.stream.block(block))
                .collect(),
            next,
            end: rows.min(next + BLOCK_ROWS as u64),
        }
    }

    /// All of its text.
    pub(crate) fn whole(mut self) -> Vec<u8> {
        let mut text = Vec::new();
        while self.strip(STRIP_ROWS, &mut text) {}
        text
    }

    /// The text of its next rows; `None` at its end.
    pub(crate) fn next_piece(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        self.strip(STRIP_OF_WIDE_ROWS, &mut text).then_some(text)
    }

    /// Appends the next rows; false if there are none.
    fn strip(&mut self, rows: usize, text: &mut Vec<u8>) -> bool {
        let count = usize::try_from(self.end - self.next).map_or(rows, |left| left.min(rows));
        let rows = Rows {
            first: self.next,
            count,
        };
        let mut cells: Vec<BlockCells> = Vec::with_capacity(self.columns.len());
        for (column, random) in self.columns.iter().zip(&mut self.randoms) {
            cells.push(BlockCells::generate(column, rows, random, &cells));
        }
        let visible: Vec<(&Prepared, &BlockCells)> = self
            .columns
            .iter()
            .zip(&cells)
            .filter(|(column, _)| column.visible)
            .collect();
        for row in 0..count {
            for (position, (column, cells)) in visible.iter().enumerate() {
                if position > 0 {
                    text.push(b',');
                }
                write_cell(column, cells, row, text);
            }
            text.push(b'\n');
        }
        self.next += count as u64;
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Day, Precision};
    use crate::generate::prepare;
    use crate::study::{
        Categories, Column, DateRate, DateValues, Distribution, Kind, Operation, Presence, Source,
        Study, Values,
    };

    fn study(columns: Vec<(String, Kind)>) -> Study {
        let columns = columns.into_iter().map(|(name, kind)| Column {
            name,
            visible: true,
            kind,
        });
        Study {
            name: "test".to_owned(),
            columns: columns.collect(),
            rows: 5_000,
            seed: 4,
        }
    }

    fn labels(length: usize) -> Kind {
        let values = Values::Category(Categories {
            labels: vec!["x".repeat(length), "y".to_owned()],
            ratios: vec![0.5; 2],
        });
        let presence = Presence::Always;
        Kind::Random { values, presence }
    }

    #[test]
    fn no_byte_depends_on_the_rows_held_at_a_time() {
        let random = |values| Kind::Random {
            values,
            presence: Presence::Incidence(0.7),
        };
        let normal = Values::Float {
            mean: 0.0,
            stddev: 1.0,
        };
        let dates = Values::Date(DateValues {
            earliest: Day(0),
            latest: Day(900),
            rate: DateRate::ExponentialIncrease,
            not_before: Some(Day(800)),
            not_after: None,
            precision: Precision::Day,
        });
        let kinds = [
            random(dates),
            random(Values::Int(Distribution::Poisson { mean: 2.0 })),
            random(normal),
            labels(3),
            Kind::Random {
                values: Values::Flag,
                presence: Presence::WithDateOf(0),
            },
            Kind::Aggregate {
                operation: Operation::Minimum,
                sources: vec![Source::Column(0), Source::Day(Day(850))],
                precision: Precision::Day,
            },
            Kind::PatientId,
        ];
        let names = (0..).map(|number: u32| number.to_string());
        let study = study(names.zip(kinds).collect());
        let columns = prepare(&study);
        for block in [0, 1] {
            let in_strips_of = |rows: usize| {
                let mut block = BlockText::new(&columns, block, study.rows);
                let mut text = Vec::new();
                while block.strip(rows, &mut text) {}
                text
            };
            let at_once = in_strips_of(BLOCK_ROWS);
            for rows in [2, STRIP_OF_WIDE_ROWS, STRIP_ROWS, 1_000] {
                assert!(in_strips_of(rows) == at_once, "block {block}, {rows} rows");
            }
        }
    }

    #[test]
    fn wide_rows_are_held_a_few_at_a_time() {
        let pace_of = |columns: usize, kind: &Kind, threads| {
            let columns = (0..columns).map(|number| (number.to_string(), kind.clone()));
            pace(&prepare(&study(columns.collect())), threads)
        };
        let number = Kind::Random {
            values: Values::Int(Distribution::PopulationAges),
            presence: Presence::Always,
        };
        let cases = [
            (0, &number, 8, Pace::Blocks(8)),
            (100, &number, 8, Pace::Blocks(8)),
            (100, &number, 500, Pace::Blocks(62)),
            (3_000, &number, 8, Pace::Blocks(2)),
            (5_000, &number, 8, Pace::Strips),
            (60, &labels(1_000), 8, Pace::Blocks(2)),
            (70, &labels(1_000), 8, Pace::Strips),
        ];
        for (columns, kind, threads, expected) in cases {
            assert_eq!(pace_of(columns, kind, threads), expected, "{columns}");
        }
    }
}

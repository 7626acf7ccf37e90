//! The least or greatest of several columns, row by row.

use super::block::BlockCells;
use crate::day::{Day, Precision};
use crate::study::{Operation, Source};

/// Compares the sources' cells. Dates skip blanks; numbers do not, since an empty number *is* 0 in
/// dummy data (extraction from patient records skips it).
pub(crate) fn compare(
    operation: Operation,
    sources: &[Source],
    precision: Precision,
    count: usize,
    earlier: &[BlockCells],
) -> BlockCells {
    let is_date = sources.iter().any(|source| match source {
        Source::Day(_) => true,
        Source::Column(position) => matches!(earlier[*position], BlockCells::Days(..)),
    });
    if is_date {
        return BlockCells::Days(days(operation, sources, count, earlier), precision);
    }
    let columns: Vec<&BlockCells> = sources
        .iter()
        .filter_map(|source| match source {
            Source::Column(position) => earlier.get(*position),
            Source::Day(_) => None,
        })
        .collect();
    if columns
        .iter()
        .any(|cells| matches!(cells, BlockCells::Floats(_)))
    {
        let best = |a: f64, b: f64| match operation {
            Operation::Minimum => a.min(b),
            Operation::Maximum => a.max(b),
        };
        return BlockCells::Floats(fold(&columns, count, float_at, best));
    }
    let best = |a: i64, b: i64| match operation {
        Operation::Minimum => a.min(b),
        Operation::Maximum => a.max(b),
    };
    BlockCells::Ints(fold(&columns, count, int_at, best))
}

fn days(
    operation: Operation,
    sources: &[Source],
    count: usize,
    earlier: &[BlockCells],
) -> Vec<Day> {
    let mut result = vec![Day::NONE; count];
    for source in sources {
        for (row, best) in result.iter_mut().enumerate() {
            let day = match source {
                Source::Day(day) => *day,
                Source::Column(position) => match &earlier[*position] {
                    BlockCells::Days(days, _) => days[row],
                    _ => Day::NONE,
                },
            };
            if day == Day::NONE {
                continue;
            }
            *best = match operation {
                _ if *best == Day::NONE => day,
                Operation::Minimum => day.min(*best),
                Operation::Maximum => day.max(*best),
            };
        }
    }
    result
}

fn fold<T: Copy>(
    columns: &[&BlockCells],
    count: usize,
    at: fn(&BlockCells, usize) -> T,
    best: impl Fn(T, T) -> T,
) -> Vec<T> {
    (0..count)
        .filter_map(|row| columns.iter().map(|cells| at(cells, row)).reduce(&best))
        .collect()
}

fn int_at(cells: &BlockCells, row: usize) -> i64 {
    match cells {
        BlockCells::Ints(cells) => cells[row],
        BlockCells::Flags(cells) => i64::from(cells[row]),
        // Refused by the check of the study.
        BlockCells::Floats(_) | BlockCells::Labels(_) | BlockCells::Days(..) => 0,
    }
}

fn float_at(cells: &BlockCells, row: usize) -> f64 {
    match cells {
        BlockCells::Floats(cells) => cells[row],
        other => int_at(other, row) as f64,
    }
}

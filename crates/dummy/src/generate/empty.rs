//! Which rows of a column are empty: an exact number of them, every choice equally likely.

use rand_chacha::ChaCha8Rng;

use crate::distribution::unit;

/// One bit a row.
#[derive(Debug)]
pub(crate) struct EmptyRows {
    words: Vec<u64>,
}

impl EmptyRows {
    /// Chooses `count` of `rows` rows (Floyd's algorithm: J. Bentley and B. Floyd, "A sample of
    /// brilliance", 1987), or the rows to be left when those are fewer.
    pub(crate) fn choose(rows: u64, count: u64, random: &mut ChaCha8Rng) -> Self {
        let words = usize::try_from(rows.div_ceil(64)).unwrap_or(usize::MAX);
        let mut chosen = Self {
            words: vec![0; words],
        };
        let fewer = count.min(rows - count);
        for candidate in rows - fewer..rows {
            let row = below(candidate + 1, random);
            let row = if chosen.contains(row) { candidate } else { row };
            chosen.words[word(row)] |= 1 << (row % 64);
        }
        if fewer != count {
            for bits in &mut chosen.words {
                *bits = !*bits;
            }
        }
        chosen
    }

    /// Whether a row is empty.
    pub(crate) fn contains(&self, row: u64) -> bool {
        self.words[word(row)] >> (row % 64) & 1 == 1
    }
}

fn word(row: u64) -> usize {
    usize::try_from(row / 64).unwrap_or(usize::MAX)
}

/// How many of `rows` rows an incidence leaves empty: `trunc((1 - incidence) · rows)` in doubles, so
/// that 0.9 of 10 000 empties 999, as the reference does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cutting is the rule, and the result lies between 0 and the rows"
)]
pub(crate) fn empty_count(incidence: f64, rows: u64) -> u64 {
    (((1.0 - incidence) * rows as f64) as u64).min(rows)
}

/// A whole number uniform below `bound`, which is at most 2^53: the bias of scaling a 53-bit number
/// is below one in 2^53 / bound, less than any test could see.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product lies between 0 and the bound"
)]
fn below(bound: u64, random: &mut ChaCha8Rng) -> u64 {
    ((unit(random) * bound as f64) as u64).min(bound - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Stream;
    use proptest::prelude::*;

    #[test]
    fn counts_are_those_of_ieee_doubles() {
        let cases = [
            (0.1, 9000),
            (0.7, 3000),
            (0.9, 999),
            (0.95, 500),
            (0.98, 200),
            (0.999, 10),
            (1.0, 0),
        ];
        for (incidence, count) in cases {
            assert_eq!(empty_count(incidence, 10_000), count, "{incidence}");
        }
    }

    proptest! {
        #[test]
        fn exactly_so_many_rows_are_empty(rows in 0..2_000_u64, share in 0.0..=1.0, seed: u64) {
            let count = empty_count(share, rows);
            let mut random = Stream::of_column(seed, "test", "empty").whole();
            let empty = EmptyRows::choose(rows, count, &mut random);
            prop_assert_eq!((0..rows).filter(|row| empty.contains(*row)).count() as u64, count);
        }
    }

    #[test]
    fn every_row_is_as_likely_as_another() {
        let mut times = [0_u32; 10];
        for seed in 0..20_000 {
            let mut random = Stream::of_column(seed, "test", "fair").whole();
            let empty = EmptyRows::choose(10, 3, &mut random);
            for (row, count) in times.iter_mut().enumerate() {
                *count += u32::from(empty.contains(row as u64));
            }
        }
        assert!(
            times.iter().all(|count| (5_700..6_300).contains(count)),
            "{times:?}"
        );
    }
}

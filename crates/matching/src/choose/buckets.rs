//! The controls that are still free, where each case's are found without looking at any others.
//!
//! Within a group the controls are sorted by one number, the *leading* variable, and controls
//! with the same number are a bucket. The controls within a caliper of a case are then a range of
//! neighbouring buckets. A taken control changes places with the last free one of its bucket, so
//! that the free ones stay together at its front; taking one and putting it back are cheap.

use std::ops::Range;

use super::{fenwick::Fenwick, groups::Group};
use crate::table::Row;

/// A control that was taken from its bucket, and where it lies now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) row: Row,
    bucket: usize,
    position: usize,
}

/// All controls that could be somebody's, in buckets.
#[derive(Debug)]
pub(super) struct Buckets {
    /// The rows of the controls: bucket after bucket, in each the free ones first.
    rows: Vec<Row>,
    /// Where each bucket begins in `rows`; one more than there are buckets.
    starts: Vec<usize>,
    /// The leading variable's value of each bucket; NaN, for missing, is the last in its group.
    values: Vec<f64>,
    /// Each group's buckets.
    groups: Vec<Range<usize>>,
    /// How many free rows each bucket has.
    free: Fenwick,
}

impl Buckets {
    /// Puts `candidates`, in this order within each bucket, into buckets by their group and their
    /// `leading` number.
    pub(super) fn new(
        groups: usize,
        candidates: impl Iterator<Item = (Row, Group)> + Clone,
        leading: impl Fn(Row) -> f64,
    ) -> Self {
        // A counting sort by group, then each group by itself: both keep the given order.
        let mut ends = vec![0_usize; groups + 1];
        for (_, group) in candidates.clone() {
            ends[group as usize + 1] += 1;
        }
        for group in 0..groups {
            ends[group + 1] += ends[group];
        }
        let mut entries = vec![(f64::NAN, 0); ends[groups]];
        let mut next = ends.clone();
        for (row, group) in candidates {
            let place = &mut next[group as usize];
            entries[*place] = (leading(row), row);
            *place += 1;
        }
        let mut buckets = Self {
            rows: Vec::with_capacity(entries.len()),
            starts: Vec::new(),
            values: Vec::new(),
            groups: Vec::with_capacity(groups),
            free: Fenwick::new([].into_iter()),
        };
        for group in ends.windows(2) {
            let members = &mut entries[group[0]..group[1]];
            members.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let first = buckets.values.len();
            for (value, row) in members {
                let same = buckets.values[first..]
                    .last()
                    .is_some_and(|last| same(*last, *value));
                if !same {
                    buckets.starts.push(buckets.rows.len());
                    buckets.values.push(*value);
                }
                buckets.rows.push(*row);
            }
            buckets.groups.push(first..buckets.values.len());
        }
        buckets.starts.push(buckets.rows.len());
        buckets.free = Fenwick::new(buckets.starts.windows(2).map(|w| length(w[1] - w[0])));
        buckets
    }

    /// Every bucket of a group.
    pub(super) fn of_group(&self, group: Group) -> Range<usize> {
        self.groups[group as usize].clone()
    }

    /// The buckets of a group whose value is known.
    pub(super) fn with_value(&self, group: Group) -> Range<usize> {
        let all = self.of_group(group);
        let known = self.values[all.clone()].partition_point(|value| !value.is_nan());
        all.start..all.start + known
    }

    /// The buckets of a group whose value differs from `value` by at most `caliper`.
    pub(super) fn within(&self, group: Group, value: f64, caliper: f64) -> Range<usize> {
        let known = self.with_value(group);
        let values = &self.values[known.clone()];
        let from = values.partition_point(|other| value - other > caliper);
        let to = values.partition_point(|other| other - value <= caliper);
        known.start + from..known.start + to.max(from)
    }

    /// Where in `range` the buckets begin that are at least `value`.
    pub(super) fn split_at(&self, range: &Range<usize>, value: f64) -> usize {
        range.start + self.values[range.clone()].partition_point(|other| *other < value)
    }

    /// The value of a bucket.
    pub(super) fn value(&self, bucket: usize) -> f64 {
        self.values[bucket]
    }

    /// How many free rows the buckets of `range` hold.
    pub(super) fn free_in(&self, range: &Range<usize>) -> u32 {
        self.free.before(range.end) - self.free.before(range.start)
    }

    /// The first bucket of `range` that has a free row.
    pub(super) fn first_free(&self, range: &Range<usize>) -> Option<usize> {
        (self.free_in(range) > 0).then(|| self.free.find(self.free.before(range.start)).0)
    }

    /// The last bucket of `range` that has a free row.
    pub(super) fn last_free(&self, range: &Range<usize>) -> Option<usize> {
        (self.free_in(range) > 0).then(|| self.free.find(self.free.before(range.end) - 1).0)
    }

    /// The free rows of a bucket.
    pub(super) fn free_rows(&self, bucket: usize) -> &[Row] {
        let start = self.starts[bucket];
        &self.rows[start..start + self.free_in(&(bucket..bucket + 1)) as usize]
    }

    /// Takes the `n`-th free row of `range`, counted from 0; there must be so many.
    pub(super) fn take(&mut self, range: &Range<usize>, n: u32) -> Taken {
        let (bucket, at) = self.free.find(self.free.before(range.start) + n);
        self.take_at(bucket, at as usize)
    }

    /// Takes the free row that stands at `at` in its bucket.
    pub(super) fn take_at(&mut self, bucket: usize, at: usize) -> Taken {
        let start = self.starts[bucket];
        let last = start + self.free_rows(bucket).len() - 1;
        self.rows.swap(start + at, last);
        self.free.take_one(bucket);
        Taken {
            row: self.rows[last],
            bucket,
            position: last,
        }
    }

    /// Puts a row back. Of the rows taken from a bucket since, every one that is put back must
    /// have been put back before this one: last taken, first back.
    pub(super) fn put_back(&mut self, taken: Taken) {
        let first_taken = self.starts[taken.bucket] + self.free_rows(taken.bucket).len();
        self.rows.swap(taken.position, first_taken);
        self.free.add_one(taken.bucket);
    }

    /// Puts back every taken row that `is_free` now.
    pub(super) fn revive(&mut self, is_free: impl Fn(Row) -> bool) {
        for bucket in 0..self.values.len() {
            let first_taken = self.starts[bucket] + self.free_rows(bucket).len();
            for position in first_taken..self.starts[bucket + 1] {
                let row = self.rows[position];
                if is_free(row) {
                    self.put_back(Taken {
                        row,
                        bucket,
                        position,
                    });
                }
            }
        }
    }
}

/// The same number, or both missing.
fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

/// There are never more rows in a bucket than a [`Row`] can number.
fn length(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 0 to 5 in group 0 with values 1, 2, 2, missing, 4, 2; row 6 in group 1 with value 2.
    fn buckets() -> Buckets {
        let values = [1.0, 2.0, 2.0, f64::NAN, 4.0, 2.0, 2.0];
        let candidates = (0..7).map(|row| (row, u32::from(row == 6)));
        Buckets::new(3, candidates, |row| values[row as usize])
    }

    fn free(buckets: &Buckets, range: Range<usize>) -> Vec<Vec<Row>> {
        range
            .map(|bucket| buckets.free_rows(bucket).to_vec())
            .collect()
    }

    #[test]
    fn rows_lie_in_the_bucket_of_their_group_and_value() {
        let buckets = buckets();
        assert_eq!(
            free(&buckets, buckets.of_group(0)),
            [vec![0], vec![1, 2, 5], vec![4], vec![3]]
        );
        assert_eq!(free(&buckets, buckets.of_group(1)), [vec![6]]);
        assert!(buckets.of_group(2).is_empty());
    }

    #[test]
    fn a_caliper_is_inclusive_and_never_reaches_missing_values_or_another_group() {
        let buckets = buckets();
        for (value, caliper, expected) in [
            (2.0, 0.0, vec![vec![1, 2, 5]]),
            (3.0, 1.0, vec![vec![1, 2, 5], vec![4]]),
            (2.5, 0.4, vec![]),
            (0.0, 100.0, vec![vec![0], vec![1, 2, 5], vec![4]]),
            (-9.0, 1.0, vec![]),
            (9.0, 1.0, vec![]),
        ] {
            let range = buckets.within(0, value, caliper);
            assert_eq!(free(&buckets, range), expected, "{value} ± {caliper}");
        }
        assert!(buckets.within(2, 1.0, 9.0).is_empty());
    }

    #[test]
    fn what_is_taken_is_gone_until_it_is_put_back() {
        let mut buckets = buckets();
        let all = buckets.of_group(0);
        let first = buckets.take(&all, 1);
        let second = buckets.take(&all, 1);
        let third = buckets.take(&all, 1);
        assert_eq!([first.row, second.row, third.row], [1, 5, 2]);
        assert_eq!(
            (buckets.first_free(&(1..4)), buckets.last_free(&all)),
            (Some(2), Some(3))
        );
        assert_eq!(buckets.free_in(&all), 3);
        buckets.put_back(third);
        // The second is never put back, which must not disturb the first.
        buckets.put_back(first);
        assert_eq!(free(&buckets, 1..2), [vec![2, 1]]);
        buckets.revive(|row| row == 5);
        assert_eq!(free(&buckets, 1..2), [vec![2, 1, 5]]);
        assert_eq!(buckets.free_in(&all), 6);
    }
}

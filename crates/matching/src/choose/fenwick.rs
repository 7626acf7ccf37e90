//! A Fenwick tree: how many rows are left in a range of buckets, and which bucket holds the n-th.
//!
//! Fenwick 1994, "A new data structure for cumulative frequency tables". Both questions and every
//! change cost the logarithm of the number of buckets, so that a wide caliper over a continuous
//! variable, with as many buckets as rows, is no special case.

/// Counts of rows, one for each bucket.
#[derive(Debug)]
pub(super) struct Fenwick {
    /// `sums[i]` counts the buckets from `i - lowest bit of i` to `i - 1`; the first is unused.
    sums: Vec<u32>,
}

impl Fenwick {
    pub(super) fn new(counts: impl ExactSizeIterator<Item = u32>) -> Self {
        let mut sums = Vec::with_capacity(counts.len() + 1);
        sums.push(0);
        sums.extend(counts);
        for i in 1..sums.len() {
            let parent = i + lowest_bit(i);
            if parent < sums.len() {
                sums[parent] += sums[i];
            }
        }
        Self { sums }
    }

    /// How many rows the buckets before `end` hold.
    pub(super) fn before(&self, end: usize) -> u32 {
        let mut total = 0;
        let mut i = end;
        while i > 0 {
            total += self.sums[i];
            i -= lowest_bit(i);
        }
        total
    }

    /// Adds one row to `bucket`.
    pub(super) fn add_one(&mut self, bucket: usize) {
        self.change(bucket, |sum| sum + 1);
    }

    /// Takes one row from `bucket`, which must have one.
    pub(super) fn take_one(&mut self, bucket: usize) {
        self.change(bucket, |sum| sum - 1);
    }

    fn change(&mut self, bucket: usize, step: impl Fn(u32) -> u32) {
        let mut i = bucket + 1;
        while i < self.sums.len() {
            self.sums[i] = step(self.sums[i]);
            i += lowest_bit(i);
        }
    }

    /// The bucket that holds row number `n`, counted from 0 over all buckets, and which of its
    /// rows that is. `n` must be less than the number of all rows.
    pub(super) fn find(&self, n: u32) -> (usize, u32) {
        let mut bucket = 0;
        let mut left = n;
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            let next = bucket + step;
            if next < self.sums.len() && self.sums[next] <= left {
                left -= self.sums[next];
                bucket = next;
            }
            step /= 2;
        }
        (bucket, left)
    }
}

fn lowest_bit(i: usize) -> usize {
    i & i.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_counts_and_finds_like_a_plain_list(
            mut counts in prop::collection::vec(0_u32..4, 0..40),
            changes in prop::collection::vec((0_usize..40, any::<bool>()), 0..40),
        ) {
            let mut tree = Fenwick::new(counts.iter().copied());
            for (bucket, add) in changes {
                let Some(count) = counts.get_mut(bucket) else { continue };
                if add {
                    *count += 1;
                    tree.add_one(bucket);
                } else if *count > 0 {
                    *count -= 1;
                    tree.take_one(bucket);
                }
            }
            for end in 0..=counts.len() {
                prop_assert_eq!(tree.before(end), counts[..end].iter().sum::<u32>());
            }
            let rows = (0..).zip(&counts).flat_map(|(b, n)| (0..*n).map(move |at| (b, at)));
            for (n, place) in (0..).zip(rows) {
                prop_assert_eq!(tree.find(n), place);
            }
        }
    }
}

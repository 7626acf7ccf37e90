//! Which job is looked at next.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::{pool::Weight, time::Timestamp};

/// A job that could start if there is room for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its place among the jobs of the backend.
    pub(crate) slot: usize,
    /// Its workspace, as a number.
    pub(crate) workspace: usize,
    pub(crate) requires_db: bool,
    pub(crate) weight: Weight,
    pub(crate) created_at: Timestamp,
    /// In which order jobs came; it decides between jobs of one age.
    pub(crate) arrival: u64,
}

/// Who goes first within a workspace: database jobs, then by age.
type Rank = (bool, Timestamp, u64);

impl Candidate {
    fn rank(&self) -> Rank {
        (!self.requires_db, self.created_at, self.arrival)
    }
}

/// Offers candidates to `start`, each once, in the order of the reference: those of the workspace
/// with the fewest running jobs first, then those that use the database, then the oldest; and anew
/// after each that started, which `start` says.
///
/// `running` has the number of running jobs of each workspace. Only the head of each workspace is
/// compared with others: a start moves one workspace, never two jobs of the same one past each
/// other. So this takes time in proportion to n log n, where sorting all of them again after each
/// takes n² log n.
pub(crate) fn offer(
    mut candidates: Vec<Candidate>,
    running: &mut [u32],
    mut start: impl FnMut(&Candidate) -> bool,
) {
    candidates.sort_unstable_by_key(|candidate| (candidate.workspace, candidate.rank()));
    // The next one of each workspace, by its place in the sorted list.
    let mut heads: BinaryHeap<Reverse<(u32, Rank, usize)>> = BinaryHeap::new();
    let mut previous = None;
    for (place, candidate) in candidates.iter().enumerate() {
        if previous.replace(candidate.workspace) != Some(candidate.workspace) {
            heads.push(Reverse((
                running[candidate.workspace],
                candidate.rank(),
                place,
            )));
        }
    }
    while let Some(Reverse((_, _, place))) = heads.pop() {
        let candidate = &candidates[place];
        if start(candidate) {
            running[candidate.workspace] += 1;
        }
        let next = place + 1;
        if let Some(follower) = candidates.get(next)
            && follower.workspace == candidate.workspace
        {
            heads.push(Reverse((
                running[follower.workspace],
                follower.rank(),
                next,
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The order of the reference, word for word: all sorted anew after each.
    fn naively(
        mut candidates: Vec<Candidate>,
        running: &mut [u32],
        mut start: impl FnMut(&Candidate) -> bool,
    ) {
        while !candidates.is_empty() {
            candidates.sort_by_key(|candidate| {
                (
                    running[candidate.workspace],
                    !candidate.requires_db,
                    candidate.created_at,
                    candidate.arrival,
                )
            });
            let candidate = candidates.remove(0);
            if start(&candidate) {
                running[candidate.workspace] += 1;
            }
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_sorting_anew_after_each(
            jobs in prop::collection::vec((0..4_usize, any::<bool>(), 0..5_i64, any::<bool>()), 0..40),
            running in prop::collection::vec(0..4_u32, 4),
        ) {
            let candidates: Vec<Candidate> = jobs
                .iter()
                .enumerate()
                .map(|(slot, &(workspace, requires_db, created_at, _))| Candidate {
                    slot,
                    workspace,
                    requires_db,
                    weight: Weight::ONE,
                    created_at: Timestamp(created_at),
                    arrival: slot as u64,
                })
                .collect();
            let fits = |candidate: &Candidate| jobs[candidate.slot].3;
            let mut expected = Vec::new();
            let mut counts = running.clone();
            naively(candidates.clone(), &mut counts, |candidate| {
                expected.push(candidate.slot);
                fits(candidate)
            });
            let mut found = Vec::new();
            let mut counts = running;
            offer(candidates, &mut counts, |candidate| {
                found.push(candidate.slot);
                fits(candidate)
            });
            prop_assert_eq!(found, expected);
        }
    }
}

//! Of several eligible controls the closest, and chance only between equals.
//!
//! A better match is never given up for a worse one: when the places left are fewer than the
//! controls at one distance, chance decides among *those*, not among all that were considered.

use crate::{random::CaseStream, table::Row};

/// Number variables in the order of their importance: of cases, of controls.
pub(super) type Distances<'a> = Vec<(&'a [f64], &'a [f64])>;

/// A control and how far it is from the case in each variable; unknown distances are the longest.
pub(super) struct Candidate {
    pub(super) bucket: usize,
    /// Where it stands among the free rows of its bucket.
    pub(super) at: usize,
    distances: Vec<f64>,
}

impl Candidate {
    pub(super) fn new(
        (bucket, at): (usize, usize),
        (case, control): (Row, Row),
        variables: &Distances<'_>,
    ) -> Self {
        let distance = |(of_cases, of_controls): &(&[f64], &[f64])| {
            let distance = (of_cases[case as usize] - of_controls[control as usize]).abs();
            if distance.is_nan() {
                f64::INFINITY
            } else {
                distance
            }
        };
        Self {
            bucket,
            at,
            distances: variables.iter().map(distance).collect(),
        }
    }

    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let pairs = self.distances.iter().zip(&other.distances);
        pairs
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    }
}

/// Keeps the `places` closest of `candidates`, in the order in which they can be taken from
/// their buckets: in each bucket the rearmost first.
pub(super) fn keep_closest(
    mut candidates: Vec<Candidate>,
    places: usize,
    random: &mut CaseStream,
) -> Vec<Candidate> {
    if candidates.len() > places && places > 0 {
        candidates.sort_by(Candidate::compare);
        let last = &candidates[places - 1];
        let ties_from = candidates.partition_point(|c| c.compare(last).is_lt());
        let ties_to = candidates.partition_point(|c| c.compare(last).is_le());
        for place in ties_from..places {
            let left = u32::try_from(ties_to - place).unwrap_or(u32::MAX);
            candidates.swap(place, place + random.below(left) as usize);
        }
    }
    candidates.truncate(places);
    candidates.sort_by(|a, b| (a.bucket, b.at).cmp(&(b.bucket, a.at)));
    candidates
}

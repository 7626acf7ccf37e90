//! Greedy matching without replacement, in the order of index dates.
//!
//! Cases are processed by index date, missing dates last, and cases of one date by `patient_id`;
//! candidates of a case are laid out by `patient_id` before chance picks among them. So the result
//! does not depend on the order of the rows in either file. Choosing with knowledge of later cases
//! would find more pairs, but would break the order of time that risk-set sampling rests on.

use std::ops::Range;

use super::{
    buckets::{Buckets, Taken},
    closest::{Candidate, Distances, keep_closest},
    eligible::{CaseAt, Eligibility},
    groups::{Group, Groups},
    leading::leading,
};
use crate::{
    MatchError, MatchRule, Progress, Settings, Stage,
    dates::Day,
    exclusions::Verdict,
    progress::INTERVAL,
    random::CaseStream,
    table::{NO_ROW, Row, Table},
};

/// Who was chosen for whom.
#[derive(Debug)]
pub(crate) struct Choice {
    /// For each control the case it was chosen for, or [`NO_ROW`].
    pub(crate) case_of: Vec<Row>,
    /// How many controls were found for each of the cases, in the order they were processed.
    pub(crate) found: Vec<u32>,
}

/// What [`choose`] chooses from.
pub(crate) struct Candidates<'a> {
    pub(crate) cases: &'a Table,
    pub(crate) controls: &'a Table,
    /// The cases to process, in order.
    pub(crate) case_order: &'a [Row],
    /// The index date that each case's controls are given, by the case's row; empty if none.
    pub(crate) control_dates: &'a [Day],
    /// The controls that may be chosen at all, in the order of their ids.
    pub(crate) control_order: &'a [Row],
    /// For each case the control that is the same person, if there is one.
    pub(crate) same_person: &'a [Row],
}

/// Chooses controls for every case.
pub(crate) fn choose(
    settings: &Settings,
    candidates: &Candidates<'_>,
    progress: &dyn Progress,
) -> Result<Choice, MatchError> {
    let Candidates {
        cases,
        controls,
        case_order,
        ..
    } = *candidates;
    let mut choice = Choice {
        case_of: vec![NO_ROW; controls.rows() as usize],
        found: Vec::new(),
    };
    let mut chooser = Chooser::new(settings, candidates);
    let total = case_order.len() as u64;
    // Only generated dates move; without them exclusions were settled beforehand.
    let mut all_dates_known = !candidates.control_dates.is_empty();
    for (done, case) in (0_u64..).zip(case_order) {
        if done.is_multiple_of(INTERVAL) {
            if progress.cancelled() {
                return Err(MatchError::Cancelled);
            }
            progress.advanced(Stage::Matching, done, Some(total));
        }
        let dates = candidates.control_dates.get(*case as usize);
        let at = CaseAt {
            row: *case,
            control_date: dates.copied().unwrap_or(Day::MISSING),
        };
        if all_dates_known && at.control_date.is_missing() {
            // From here on nothing is excluded by date, as it was for cases with one.
            all_dates_known = false;
            chooser
                .buckets
                .revive(|row| choice.case_of[row as usize] == NO_ROW);
        }
        let mut random = CaseStream::new(settings.seed, cases.ids.get(*case));
        let found = chooser.choose_for(at, &mut random);
        let keep = found >= settings.min_matches_per_case as usize;
        chooser.settle(keep, |control| choice.case_of[control as usize] = *case);
        choice.found.push(u32::try_from(found).unwrap_or(u32::MAX));
    }
    progress.advanced(Stage::Matching, total, Some(total));
    Ok(choice)
}

/// Why a control was taken from its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Chosen,
    /// Not eligible for this case.
    Passed,
    /// Not eligible for this case or any with a later date.
    Retired,
}

struct Chooser<'a> {
    places: usize,
    groups: Groups,
    buckets: Buckets,
    /// The leading variable's values of the cases, with its caliper; a caliper of infinity if it
    /// is only a closest variable.
    leading: Option<(&'a [f64], f64)>,
    /// The closest variables that still can differ, if the leading one is the first of them.
    closest: Option<Distances<'a>>,
    eligibility: Eligibility<'a>,
    /// What this case took so far, in order.
    taken: Vec<(Taken, Why)>,
}

impl<'a> Chooser<'a> {
    fn new(settings: &Settings, candidates: &Candidates<'a>) -> Self {
        let Candidates {
            cases,
            controls,
            control_order,
            same_person,
            ..
        } = *candidates;
        let caliper = |name: &str| {
            settings
                .match_variables
                .iter()
                .find_map(|(variable, rule)| match rule {
                    MatchRule::Within(caliper) if variable == name => Some(*caliper),
                    _ => None,
                })
        };
        // What is the same in a whole group has no distance.
        let mut closest: Vec<&str> = settings
            .closest_match_variables
            .iter()
            .map(String::as_str)
            .collect();
        closest.retain(|name| caliper(name) != Some(0.0));
        let leading = leading(settings, &closest, controls, control_order);

        let groups = Groups::new(settings, cases, controls);
        let members = control_order
            .iter()
            .filter_map(|row| Some((*row, groups.of_controls[*row as usize]?)));
        // Missing values of a variable with a caliper can be nobody's match.
        let numbers = leading.map(|name| controls.numbers(name));
        let must_be_known = leading.is_some_and(|name| caliper(name).is_some());
        let value = |row: Row| numbers.map_or(0.0, |numbers| numbers[row as usize]);
        let members = members.filter(|(row, _)| !must_be_known || !value(*row).is_nan());
        let buckets = Buckets::new(groups.count, members, value);

        Self {
            places: settings.matches_per_case as usize,
            buckets,
            leading: leading
                .map(|name| (cases.numbers(name), caliper(name).unwrap_or(f64::INFINITY))),
            closest: (!closest.is_empty()).then(|| {
                let further = closest.iter().skip(1);
                further
                    .map(|name| (cases.numbers(name), controls.numbers(name)))
                    .collect()
            }),
            eligibility: Eligibility::new(settings, leading, (cases, controls), same_person),
            groups,
            taken: Vec::new(),
        }
    }

    /// Takes controls for one case from their buckets; how many were chosen.
    fn choose_for(&mut self, case: CaseAt, random: &mut CaseStream) -> usize {
        let Some(group) = self.groups.of_cases[case.row as usize] else {
            return 0;
        };
        let value = self
            .leading
            .map(|(values, caliper)| (values[case.row as usize], caliper));
        match value {
            None => self.draw(case, &self.buckets.of_group(group), self.places, random),
            Some((value, caliper)) if self.closest.is_some() => {
                self.draw_outwards(case, group, (value, caliper), random)
            }
            Some((value, _)) if value.is_nan() => 0,
            Some((value, caliper)) => self.draw(
                case,
                &self.buckets.within(group, value, caliper),
                self.places,
                random,
            ),
        }
    }

    /// Ends a case: what was not chosen, or is not kept, goes back.
    fn settle(&mut self, keep: bool, mut assign: impl FnMut(Row)) {
        while let Some((taken, why)) = self.taken.pop() {
            match why {
                Why::Chosen if keep => assign(taken.row),
                Why::Retired => {}
                Why::Chosen | Why::Passed => self.buckets.put_back(taken),
            }
        }
    }

    /// Draws up to `places` eligible controls from the free ones of `range`, all equally likely.
    ///
    /// Rows are drawn without regard to eligibility and passed over if they are not; the order in
    /// which the eligible ones come up is as random as if only they had been there.
    fn draw(
        &mut self,
        case: CaseAt,
        range: &Range<usize>,
        places: usize,
        random: &mut CaseStream,
    ) -> usize {
        let mut free = self.buckets.free_in(range);
        let mut chosen = 0;
        while chosen < places && free > 0 {
            let taken = self.buckets.take(range, random.below(free));
            free -= 1;
            let why = match self.eligibility.verdict(case, taken.row) {
                Verdict::Eligible => Why::Chosen,
                Verdict::Excluded => Why::Passed,
                Verdict::ExcludedFromNowOn => Why::Retired,
            };
            chosen += usize::from(why == Why::Chosen);
            self.taken.push((taken, why));
        }
        chosen
    }

    /// Draws the closest controls: bucket by bucket outwards from the case's own value.
    fn draw_outwards(
        &mut self,
        case: CaseAt,
        group: Group,
        (value, caliper): (f64, f64),
        random: &mut CaseStream,
    ) -> usize {
        if value.is_nan() {
            // With a caliper nobody is near enough; without one, all are equally far.
            let all = self.buckets.of_group(group);
            return if caliper.is_finite() {
                0
            } else {
                self.draw_closest(case, &[all], self.places, random)
            };
        }
        let range = self.buckets.within(group, value, caliper);
        let middle = self.buckets.split_at(&range, value);
        let (mut below, mut above) = (range.start..middle, middle..range.end);
        let mut chosen = 0;
        while chosen < self.places {
            let (down, up) = (
                self.buckets.last_free(&below),
                self.buckets.first_free(&above),
            );
            let far = |bucket: Option<usize>| {
                bucket.map_or(f64::INFINITY, |bucket| {
                    (self.buckets.value(bucket) - value).abs()
                })
            };
            let distance = far(down).min(far(up));
            let at = |bucket: Option<usize>| bucket.filter(|_| far(bucket) <= distance);
            let level: Vec<Range<usize>> = [at(down), at(up)]
                .into_iter()
                .flatten()
                .map(|bucket| bucket..bucket + 1)
                .collect();
            let Some(nearest) = level.first() else { break };
            if nearest.start < middle {
                below.end = nearest.start;
            }
            if let Some(last) = level.last().filter(|last| last.start >= middle) {
                above.start = last.end;
            }
            chosen += self.draw_closest(case, &level, self.places - chosen, random);
        }
        if caliper.is_infinite() && chosen < self.places {
            let unknown = self.buckets.with_value(group).end..self.buckets.of_group(group).end;
            chosen += self.draw_closest(case, &[unknown], self.places - chosen, random);
        }
        chosen
    }

    /// Draws up to `places` of the free controls of `ranges`, which are equally far in the leading
    /// variable: the closest by the further variables.
    fn draw_closest(
        &mut self,
        case: CaseAt,
        ranges: &[Range<usize>],
        places: usize,
        random: &mut CaseStream,
    ) -> usize {
        let no_further = self.closest.as_ref().is_none_or(Vec::is_empty);
        if let ([range], true) = (ranges, no_further) {
            return self.draw(case, range, places, random);
        }
        let variables = self.closest.iter().flatten().copied().collect();
        let mut candidates = Vec::new();
        for bucket in ranges.iter().cloned().flatten() {
            for (at, row) in self.buckets.free_rows(bucket).iter().enumerate() {
                if self.eligibility.verdict(case, *row) == Verdict::Eligible {
                    candidates.push(Candidate::new((bucket, at), (case.row, *row), &variables));
                }
            }
        }
        let kept = keep_closest(candidates, places, random);
        for candidate in &kept {
            let taken = self.buckets.take_at(candidate.bucket, candidate.at);
            self.taken.push((taken, Why::Chosen));
        }
        kept.len()
    }
}

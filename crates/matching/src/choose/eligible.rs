//! Whether a control of the right group and buckets may really be a case's.

use crate::{
    MatchRule, Settings,
    dates::Day,
    exclusions::{Exclusions, Verdict},
    table::{Row, Table},
};

/// What remains to be asked of a control that lies within a case's buckets.
#[derive(Debug)]
pub(super) struct Eligibility<'a> {
    /// Number variables with a caliper, other than the leading one: of cases, of controls.
    calipers: Vec<(&'a [f64], &'a [f64], f64)>,
    /// Exclusions that move with the case's index date; empty where they are settled beforehand.
    exclusions: Option<Exclusions<'a>>,
    /// For each case the control that is the same person, if there is one.
    same_person: &'a [Row],
}

/// A case as the controls see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CaseAt {
    pub(super) row: Row,
    /// The index date that its controls are given, if they are given one.
    pub(super) control_date: Day,
}

impl<'a> Eligibility<'a> {
    pub(super) fn new(
        settings: &Settings,
        leading: Option<&str>,
        (cases, controls): (&'a Table, &'a Table),
        same_person: &'a [Row],
    ) -> Self {
        let calipers = settings
            .match_variables
            .iter()
            .filter_map(|(name, rule)| match rule {
                MatchRule::Within(caliper) if *caliper > 0.0 && leading != Some(name) => {
                    Some((cases.numbers(name), controls.numbers(name), *caliper))
                }
                _ => None,
            });
        let moving = settings.generate_match_index_date.is_some();
        Self {
            calipers: calipers.collect(),
            exclusions: moving
                .then(|| Exclusions::of(controls, settings))
                .filter(|exclusions| !exclusions.is_empty()),
            same_person,
        }
    }

    /// Whether `control` may be chosen for `case`.
    pub(super) fn verdict(&self, case: CaseAt, control: Row) -> Verdict {
        let (c, m) = (case.row as usize, control as usize);
        let within = |(of_cases, of_controls, caliper): &(&[f64], &[f64], f64)| {
            // False, too, if either is missing.
            (of_cases[c] - of_controls[m]).abs() <= *caliper
        };
        let permanent = self
            .exclusions
            .as_ref()
            .map(|e| e.verdict(control, case.control_date));
        match permanent {
            Some(verdict @ (Verdict::Excluded | Verdict::ExcludedFromNowOn)) => verdict,
            _ if self.same_person[c] == control => Verdict::Excluded,
            _ if self.calipers.iter().all(within) => Verdict::Eligible,
            _ => Verdict::Excluded,
        }
    }
}

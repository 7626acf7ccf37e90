//! Groups: people who are alike in everything that must be the same.
//!
//! Categories, months and numbers with a caliper of 0 are exact keys. A group is a combination of
//! their values that some case has; a control with any other combination can be nobody's.

use std::collections::HashMap;

use crate::{
    MatchRule, Settings,
    table::{Row, Table, UNKNOWN_CODE},
};

/// The number of a group, from 0.
pub(super) type Group = u32;

/// The group of each case and each control; `None` where a key is missing or nobody's.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) of_cases: Vec<Option<Group>>,
    pub(super) of_controls: Vec<Option<Group>>,
    pub(super) count: usize,
}

impl Groups {
    pub(super) fn new(settings: &Settings, cases: &Table, controls: &Table) -> Self {
        let mut groups = Self {
            of_cases: vec![Some(0); cases.rows() as usize],
            of_controls: vec![Some(0); controls.rows() as usize],
            count: 1,
        };
        for (name, rule) in &settings.match_variables {
            match rule {
                MatchRule::Category | MatchRule::MonthOnly => {
                    let months = *rule == MatchRule::MonthOnly;
                    let key = |codes: &[u32], row: usize| {
                        Some(codes[row])
                            .filter(|c| *c < UNKNOWN_CODE)
                            .map(u64::from)
                    };
                    let (of_cases, of_controls) =
                        (cases.codes(name, months), controls.codes(name, months));
                    groups.split(|row| key(of_cases, row), |row| key(of_controls, row));
                }
                MatchRule::Within(caliper) if *caliper == 0.0 => {
                    let key = |numbers: &[f64], row: usize| {
                        Some(numbers[row]).filter(|n| !n.is_nan()).map(f64::to_bits)
                    };
                    let (of_cases, of_controls) = (cases.numbers(name), controls.numbers(name));
                    groups.split(|row| key(of_cases, row), |row| key(of_controls, row));
                }
                MatchRule::Within(_) => {}
            }
        }
        groups
    }

    /// Splits every group by one more key.
    fn split(
        &mut self,
        key_of_case: impl Fn(usize) -> Option<u64>,
        key_of_control: impl Fn(usize) -> Option<u64>,
    ) {
        let mut known: HashMap<(Group, u64), Group> = HashMap::new();
        for (row, group) in self.of_cases.iter_mut().enumerate() {
            *group = group.and_then(|old| {
                // There are no more groups than cases, which a `Row` can number.
                let next = Row::try_from(known.len()).ok()?;
                Some(*known.entry((old, key_of_case(row)?)).or_insert(next))
            });
        }
        for (row, group) in self.of_controls.iter_mut().enumerate() {
            *group = group.and_then(|old| known.get(&(old, key_of_control(row)?)).copied());
        }
        self.count = known.len();
    }
}

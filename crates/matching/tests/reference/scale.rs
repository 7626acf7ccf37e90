//! Cohorts of the size of a small study: as many pairs as the bounds allow a greedy matching.

use std::collections::BTreeMap;

use serde_json::json;

use crate::trial::sex_and_age;

/// A small generator, so that the cohort is the same everywhere.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// People with a sex, an age from 18 to 110 and one of 42 areas.
    fn people(&mut self, count: usize) -> Vec<Person> {
        let mut person = || Person {
            sex: if self.below(2) == 0 { "F" } else { "M" },
            age: 18 + self.below(93),
            area: self.below(42),
            day: 1 + self.below(28),
        };
        (0..count).map(|_| person()).collect()
    }
}

struct Person {
    sex: &'static str,
    age: u64,
    area: u64,
    day: u64,
}

/// A sex and an area.
type Group = (&'static str, u64);

fn rows(people: &[Person], first_id: usize) -> String {
    let row = |(
        id,
        Person {
            sex,
            age,
            area,
            day,
        },
    ): (usize, &Person)| { format!("{id},{sex},{age},STP{area},2020-02-{day:02}") };
    (first_id..)
        .zip(people)
        .map(row)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The most pairs that any matching can have. Each case accepts an interval of ages, so that it
/// is enough to go through the controls by age and give each to the open case that closes first.
fn most_pairs(cases: &[Person], controls: &[Person], places: usize) -> usize {
    let ages_by_group = |people: &[Person]| {
        let mut groups: BTreeMap<Group, Vec<u64>> = BTreeMap::new();
        for person in people {
            groups
                .entry((person.sex, person.area))
                .or_default()
                .push(person.age);
        }
        for ages in groups.values_mut() {
            ages.sort_unstable();
        }
        groups
    };
    let mut controls = ages_by_group(controls);
    let mut pairs = 0;
    for (group, cases) in ages_by_group(cases) {
        let mut open: Vec<(u64, usize)> = cases.into_iter().map(|age| (age, places)).collect();
        for control in controls.remove(&group).unwrap_or_default() {
            let fits = |(age, left): &&mut (u64, usize)| *left > 0 && age.abs_diff(control) <= 1;
            if let Some((_, left)) = open.iter_mut().find(fits) {
                *left -= 1;
                pairs += 1;
            }
        }
    }
    pairs
}

/// Case 8, with a cohort of our own: 42 areas, sex, age within a year, five controls a case.
#[test]
fn scarce_controls_are_used_up() {
    let mut random = Lcg(1);
    let (cases, controls) = (random.people(1_000), random.people(10_000));
    let outcome = sex_and_age()
        .columns("patient_id,sex,age,stp,indexdate")
        .with("matches_per_case", 5)
        .with(
            "match_variables",
            json!({"sex": "category", "age": 1, "stp": "category"}),
        )
        .cases(&rows(&cases, 1))
        .controls(&rows(&controls, 100_001))
        .run();
    let (found, most) = (
        outcome.summary.controls_matched,
        most_pairs(&cases, &controls, 5),
    );
    // The reference reaches 98.6% on such a cohort.
    assert!(
        found <= most && found * 100 >= most * 98,
        "{found} of {most}"
    );
    assert_eq!(outcome.summary.cases_matched, 1_000);
    let by_count: usize = outcome
        .summary
        .found
        .iter()
        .map(|(n, cases)| *n as usize * cases)
        .sum();
    assert_eq!(by_count, found);
    println!("{found} pairs of at most {most}");
}

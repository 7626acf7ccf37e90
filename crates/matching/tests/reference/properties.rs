//! What holds of every matching, on random small tables, against a plain reading of the rules.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use crate::trial::{Outcome, Trial, records, sex_and_age};

const HEADER: &str = "patient_id,sex,age,bmi,indexdate,died";

#[derive(Debug, Clone)]
struct Person {
    sex: &'static str,
    age: Option<i32>,
    bmi: Option<i32>,
    /// Days of January 2020.
    date: Option<u32>,
    died: Option<u32>,
}

impl Person {
    fn row(&self, id: usize) -> String {
        let number = |value: Option<i32>| value.map_or(String::new(), |value| value.to_string());
        let day =
            |value: Option<u32>| value.map_or(String::new(), |day| format!("2020-01-{day:02}"));
        let Self {
            sex,
            age,
            bmi,
            date,
            died,
        } = self;
        format!(
            "{id},{sex},{},{},{},{}",
            number(*age),
            number(*bmi),
            day(*date),
            day(*died)
        )
    }
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting")]
struct Study {
    /// Ids from 1.
    cases: Vec<Person>,
    /// Ids from 4, so that some people may be in both.
    controls: Vec<Person>,
    places: u32,
    minimum: u32,
    second_caliper: bool,
    closest: Vec<&'static str>,
    exclude: bool,
    generate: bool,
    drop_cases: bool,
    seed: u64,
}

const FIRST_CONTROL: usize = 4;

fn person() -> impl Strategy<Value = Person> {
    (
        prop::sample::select(vec!["F", "M", "F", "M", ""]),
        prop::option::weighted(0.9, 30..36),
        prop::option::weighted(0.8, 20..26),
        prop::option::weighted(0.9, 1_u32..20),
        prop::option::weighted(0.4, 1_u32..20),
    )
        .prop_map(|(sex, age, bmi, date, died)| Person {
            sex,
            age,
            bmi,
            date,
            died,
        })
}

fn study() -> impl Strategy<Value = Study> {
    let closest = vec![
        vec![],
        vec!["age"],
        vec!["bmi"],
        vec!["bmi", "age"],
        vec!["age", "bmi"],
    ];
    (
        prop::collection::vec(person(), 0..12),
        prop::collection::vec(person(), 0..30),
        (0_u32..4, 0_u32..3),
        prop::sample::select(closest),
        any::<[bool; 4]>(),
        any::<u64>(),
    )
        .prop_map(
            |(cases, controls, (places, minimum), closest, flags, seed)| {
                let [second_caliper, exclude, generate, drop_cases] = flags;
                let minimum = minimum.min(places);
                Study {
                    cases,
                    controls,
                    places,
                    minimum,
                    second_caliper,
                    closest,
                    exclude,
                    generate,
                    drop_cases,
                    seed,
                }
            },
        )
}

impl Study {
    /// The study as files, with the rows in their order or in reverse.
    fn trial(&self, reverse: bool) -> Trial {
        let rows = |people: &[Person], first: usize| {
            let mut rows: Vec<String> = (first..).zip(people).map(|(id, p)| p.row(id)).collect();
            if reverse {
                rows.reverse();
            }
            rows.join(" | ")
        };
        let mut variables = json!({"sex": "category", "age": 1});
        if self.second_caliper {
            variables["bmi"] = json!(2);
        }
        let mut trial = sex_and_age()
            .columns(HEADER)
            .with("matches_per_case", self.places)
            .with("min_matches_per_case", self.minimum)
            .with("match_variables", variables)
            .with("closest_match_variables", json!(self.closest))
            .with("drop_cases_from_matches", self.drop_cases)
            .with("seed", self.seed);
        if self.exclude {
            trial = trial.with("date_exclusion_variables", json!({"died": "before"}));
        }
        if self.generate {
            trial = trial.with("generate_match_index_date", "2_days_later");
        }
        if !self.cases.is_empty() {
            trial = trial.cases(&rows(&self.cases, 1));
        }
        if !self.controls.is_empty() {
            trial = trial.controls(&rows(&self.controls, FIRST_CONTROL));
        }
        trial
    }

    fn case(&self, id: usize) -> &Person {
        &self.cases[id - 1]
    }

    fn control(&self, id: usize) -> &Person {
        &self.controls[id - FIRST_CONTROL]
    }

    /// Whether nothing but another case's claim keeps the control from the case.
    fn eligible(&self, case: usize, control: usize) -> bool {
        let (c, m) = (self.case(case), self.control(control));
        let within = |a: Option<i32>, b: Option<i32>, caliper| {
            a.zip(b).is_some_and(|(a, b)| (a - b).abs() <= caliper)
        };
        let date = if self.generate {
            c.date.map(|day| day + 2)
        } else {
            m.date
        };
        let excluded = self.exclude && m.died.zip(date).is_some_and(|(died, date)| died < date);
        !c.sex.is_empty()
            && c.sex == m.sex
            && within(c.age, m.age, 1)
            && (!self.second_caliper || within(c.bmi, m.bmi, 2))
            && case != control
            && !(self.drop_cases && control <= self.cases.len())
            && !excluded
    }

    /// How far the control is from the case, by importance.
    fn distance(&self, case: usize, control: usize) -> Vec<i32> {
        let (c, m) = (self.case(case), self.control(control));
        let far =
            |a: Option<i32>, b: Option<i32>| a.zip(b).map_or(i32::MAX, |(a, b)| (a - b).abs());
        let distance = |name: &&str| {
            if *name == "age" {
                far(c.age, m.age)
            } else {
                far(c.bmi, m.bmi)
            }
        };
        self.closest.iter().map(distance).collect()
    }

    /// The cases to match, in order.
    fn order(&self) -> Vec<usize> {
        let excluded =
            |p: &Person| self.exclude && p.died.zip(p.date).is_some_and(|(died, date)| died < date);
        let mut order: Vec<usize> = (1..=self.cases.len())
            .filter(|id| !excluded(self.case(*id)))
            .collect();
        order.sort_by_key(|id| (self.case(*id).date.unwrap_or(99), *id));
        order
    }

    /// Follows the matching case by case: each must have as many controls as there were, up to
    /// the number asked for, and none that was farther than one left free.
    fn check(&self, outcome: &Outcome) -> Result<(), TestCaseError> {
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for row in records(&outcome.matches) {
            let id = |name: &str| row.get(name).parse::<usize>().unwrap();
            prop_assert!(taken.insert(id("patient_id")), "a control twice");
            sets.entry(id("set_id")).or_default().push(id("patient_id"));
        }
        let mut free: BTreeSet<usize> = (FIRST_CONTROL..).take(self.controls.len()).collect();
        let mut kept = Vec::new();
        for case in self.order() {
            let eligible: Vec<usize> = free
                .iter()
                .copied()
                .filter(|control| self.eligible(case, *control))
                .collect();
            let expected = eligible.len().min(self.places as usize);
            let set = sets.remove(&case).unwrap_or_default();
            if expected < self.minimum as usize {
                prop_assert!(set.is_empty(), "case {case} is below the minimum");
                continue;
            }
            kept.push(format!("{case}:{expected}.0"));
            prop_assert_eq!(set.len(), expected, "case {} of {:?}", case, eligible);
            prop_assert!(set.iter().all(|control| eligible.contains(control)));
            let farthest = set
                .iter()
                .map(|control| self.distance(case, *control))
                .max();
            let nearest_left = eligible
                .iter()
                .filter(|control| !set.contains(control))
                .map(|control| self.distance(case, *control))
                .min();
            if let (Some(farthest), Some(nearest_left)) = (farthest, nearest_left) {
                prop_assert!(
                    farthest <= nearest_left,
                    "case {case}: a closer control was left"
                );
            }
            for control in set {
                free.remove(&control);
            }
        }
        prop_assert!(sets.is_empty(), "sets of no case: {sets:?}");
        prop_assert_eq!(outcome.counts(), kept.join(" "));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_matching_follows_the_rules_and_depends_on_nothing_else(study in study()) {
        let outcome = study.trial(false).run();
        study.check(&outcome)?;

        let again = study.trial(false).run();
        prop_assert_eq!(&outcome.combined, &again.combined);
        prop_assert_eq!(outcome.report.lines().count(), again.report.lines().count());

        let reversed = study.trial(true).run();
        prop_assert_eq!(&outcome.cases, &reversed.cases);
        let sorted = |outcome: &Outcome| {
            let mut lines: Vec<String> = outcome.matches.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(&outcome), sorted(&reversed));

        let header = outcome.cases.lines().next();
        prop_assert_eq!(outcome.combined.lines().next(), header);
        let rows = outcome.cases.lines().count() + outcome.matches.lines().count() - 2;
        prop_assert_eq!(outcome.combined.lines().count() - 1, rows);
    }

    /// Whatever bytes stand in a file, they are matched or refused, and never worse.
    #[test]
    fn no_file_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..60), quoted in any::<bool>()) {
        let noise = String::from_utf8_lossy(&bytes).replace(" | ", "");
        let noise = if quoted { format!("\"{noise}") } else { noise };
        let trial = sex_and_age().cases("1,F,36,2020-02-01").controls(&format!("10,F,36,{noise}"));
        let _ = trial.attempt();
    }
}

/// Of several equal controls each is chosen as often as any other.
#[test]
fn every_eligible_control_is_equally_likely() {
    let controls: Vec<String> = (10..20)
        .map(|id| format!("{id},F,{},2020-01-01", 35 + id % 3))
        .collect();
    let trial = sex_and_age()
        .cases("1,F,36,2020-02-01")
        .controls(&controls.join(" | "));
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..500 {
        for control in trial.clone().with("seed", seed).run().controls_of("1") {
            *times.entry(control).or_default() += 1;
        }
    }
    // Each is binomial with mean 100 and standard deviation 9; four and a half are allowed.
    assert!(
        times.len() == 10 && times.values().all(|n| (60..=140).contains(n)),
        "{times:?}"
    );
}

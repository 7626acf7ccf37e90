//! The workers of a backend, and how many of them a job takes.

use regex_lite::Regex;

/// How many workers a job takes, in thousandths, so that sums are exact.
///
/// The reference counts in floating point, where ten jobs of 0.1 are not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u32);

impl Weight {
    /// What a job weighs that no rule is about.
    pub const ONE: Self = Self(1_000);

    /// A number of workers, rounded up to a thousandth; nothing unless it is above 0 and at most a
    /// million.
    pub fn new(workers: f64) -> Option<Self> {
        if !(workers > 0.0 && workers <= 1e6) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        let thousandths = (workers * 1e3).ceil() as u32;
        Some(Self(thousandths))
    }
}

/// How many jobs a backend runs at once.
///
/// As in the reference, all jobs share the workers, each taking its weight of them, and beside that
/// only so many jobs may use the database, whatever they weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pools {
    /// Workers for all jobs together.
    pub workers: u32,
    /// Most jobs at once that use the database.
    pub db_workers: u32,
}

impl Default for Pools {
    fn default() -> Self {
        Self {
            workers: 10,
            db_workers: 10,
        }
    }
}

/// What of the pools is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Free {
    thousandths: u64,
    db_jobs: u32,
}

/// Which workers a job waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Short {
    Workers,
    DbWorkers,
}

impl Pools {
    /// Whether a job can run here when nothing else does. One that cannot would wait for ever.
    pub fn can_hold(self, weight: Weight, requires_db: bool) -> bool {
        self.free().shortage(weight, requires_db).is_none()
    }

    /// The pools when nothing runs.
    pub(crate) fn free(self) -> Free {
        Free {
            thousandths: u64::from(self.workers) * u64::from(Weight::ONE.0),
            db_jobs: self.db_workers,
        }
    }
}

impl Free {
    /// What a job would have to wait for.
    pub(crate) fn shortage(self, weight: Weight, requires_db: bool) -> Option<Short> {
        if u64::from(weight.0) > self.thousandths {
            Some(Short::Workers)
        } else if requires_db && self.db_jobs == 0 {
            Some(Short::DbWorkers)
        } else {
            None
        }
    }

    /// Takes what a job needs. Jobs that ran before a pool was made smaller may leave it empty.
    pub(crate) fn take(&mut self, weight: Weight, requires_db: bool) {
        self.thousandths = self.thousandths.saturating_sub(u64::from(weight.0));
        self.db_jobs = self.db_jobs.saturating_sub(u32::from(requires_db));
    }
}

/// What jobs weigh on one backend.
///
/// The first rule that matches a job in whole counts: those of its workspace, which look at the
/// name of the action, before those for all workspaces, which look at the command. A job that no
/// rule is about weighs [`Weight::ONE`]. Patterns are regular expressions and take time in
/// proportion to what they look at.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// Nothing for all workspaces.
    workspace: Option<String>,
    pattern: Regex,
    weight: Weight,
}

/// A pattern that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pattern:?} is no regular expression: {reason}")]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Weights {
    /// Adds a rule after those that are there: on the names of the actions of a workspace or, for
    /// all workspaces, on commands.
    pub fn add(
        &mut self,
        workspace: Option<&str>,
        pattern: &str,
        weight: Weight,
    ) -> Result<(), BadPattern> {
        let whole = Regex::new(&format!(r"\A(?:{pattern})\z"));
        // Without this, `a)|(?:b` would close the group that makes the whole text match.
        let alone = Regex::new(pattern);
        let pattern = alone.and(whole).map_err(|error| BadPattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })?;
        self.rules.push(Rule {
            workspace: workspace.map(ToOwned::to_owned),
            pattern,
            weight,
        });
        Ok(())
    }

    /// What a job weighs.
    pub fn weigh(&self, workspace: &str, action: &str, run_command: &str) -> Weight {
        let of_workspace = self.rules.iter().find(|rule| {
            rule.workspace.as_deref() == Some(workspace) && rule.pattern.is_match(action)
        });
        of_workspace
            .or_else(|| {
                self.rules
                    .iter()
                    .find(|rule| rule.workspace.is_none() && rule.pattern.is_match(run_command))
            })
            .map_or(Weight::ONE, |rule| rule.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(workers: f64) -> Weight {
        Weight::new(workers).expect("a weight")
    }

    #[test]
    fn weights_are_positive_and_exact() {
        for workers in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Weight::new(workers), None, "{workers}");
        }
        assert_eq!(Weight::new(1.0), Some(Weight::ONE));
        let mut free = Pools {
            workers: 1,
            db_workers: 0,
        }
        .free();
        for _ in 0..10 {
            assert_eq!(free.shortage(weight(0.1), false), None);
            free.take(weight(0.1), false);
        }
        assert_eq!(free.shortage(weight(1e-9), false), Some(Short::Workers));
    }

    #[test]
    fn workers_are_short_before_database_workers_are() {
        let pools = Pools {
            workers: 3,
            db_workers: 1,
        };
        let mut free = pools.free();
        free.take(weight(1.0), true);
        assert_eq!(free.shortage(weight(2.0), false), None);
        assert_eq!(free.shortage(weight(2.0), true), Some(Short::DbWorkers));
        assert_eq!(free.shortage(weight(2.001), true), Some(Short::Workers));
    }

    #[test]
    fn what_no_pool_holds_is_known_beforehand() {
        let pools = Pools {
            workers: 2,
            db_workers: 0,
        };
        assert!(pools.can_hold(weight(2.0), false));
        assert!(!pools.can_hold(weight(2.5), false));
        assert!(!pools.can_hold(weight(1.0), true));
    }

    #[test]
    fn the_first_rule_that_matches_in_whole_counts() {
        let mut weights = Weights::default();
        for (workspace, pattern, workers) in [
            (None, r"cohortextractor:\S+ .*", 2.0),
            (None, r".*big.*", 3.0),
            (Some("study"), "heavy", 4.0),
            (Some("study"), "Heavy.*", 5.0),
            (Some("study"), "a|b", 6.0),
        ] {
            weights
                .add(workspace, pattern, weight(workers))
                .expect("a rule");
        }
        for (workspace, action, command, workers) in [
            ("study", "heavy", "python:v2 big.py", 4.0),
            ("study", "heavy2", "python:v2 big.py", 3.0),
            ("study", "Heavy2", "python:v2 x.py", 5.0),
            ("study", "b", "", 6.0),
            ("study", "ab", "", 1.0),
            ("other", "heavy", "cohortextractor:v1 generate_cohort", 2.0),
            ("other", "heavy", "python:v2", 1.0),
        ] {
            assert_eq!(
                weights.weigh(workspace, action, command),
                weight(workers),
                "{workspace} {action} {command}"
            );
        }
        for pattern in ["(", "a)|(?:b", "*"] {
            assert!(
                weights.add(None, pattern, Weight::ONE).is_err(),
                "{pattern}"
            );
        }
    }
}

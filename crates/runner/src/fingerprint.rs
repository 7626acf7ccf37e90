//! What a success rests on, and whether an earlier one may stand for a new run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that an action's outputs depend on.
///
/// Two jobs with equal fingerprints are the same question asked of the same code and the same
/// inputs by the same runtime. Time is not part of it; randomness is where the seed is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Digest of the study's code.
    pub code: String,
    /// The whole command line, image first, with `--config` where the action has one.
    pub command: Vec<String>,
    /// Declared outputs: pattern and level.
    pub outputs: BTreeMap<String, String>,
    /// Digest of the runtime that the image names.
    pub runtime: String,
    /// SHA-256 of every staged input by path.
    pub inputs: BTreeMap<String, String>,
    /// How many dummy patients an extraction makes; `None` for other actions.
    pub population: Option<u64>,
}

/// Why an action has to run although it succeeded before; each reads after "because".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// The study's code changed.
    Code,
    /// The command in `project.yaml` changed.
    Command,
    /// The declared outputs changed.
    Outputs,
    /// The runtime is another one now.
    Runtime,
    /// Inputs changed: their paths.
    Inputs(Vec<String>),
    /// The size of the dummy population changed.
    Population {
        /// Before.
        from: u64,
        /// Now.
        to: u64,
    },
}

impl Fingerprint {
    /// What differs from the fingerprint of an earlier success; empty when it may be reused.
    pub fn stale_since(&self, earlier: &Self) -> Vec<Stale> {
        let mut stale = Vec::new();
        if self.code != earlier.code {
            stale.push(Stale::Code);
        }
        if self.command != earlier.command {
            stale.push(Stale::Command);
        }
        if self.outputs != earlier.outputs {
            stale.push(Stale::Outputs);
        }
        if self.runtime != earlier.runtime {
            stale.push(Stale::Runtime);
        }
        let inputs = self.changed_inputs(earlier);
        if !inputs.is_empty() {
            stale.push(Stale::Inputs(inputs));
        }
        if self.population != earlier.population {
            stale.push(Stale::Population {
                from: earlier.population.unwrap_or(0),
                to: self.population.unwrap_or(0),
            });
        }
        stale
    }

    fn changed_inputs(&self, earlier: &Self) -> Vec<String> {
        let changed = self
            .inputs
            .iter()
            .filter(|(path, hash)| earlier.inputs.get(*path) != Some(hash));
        let gone = earlier
            .inputs
            .iter()
            .filter(|(path, _)| !self.inputs.contains_key(*path));
        changed.chain(gone).map(|(path, _)| path.clone()).collect()
    }
}

impl Stale {
    /// The reason in words; `code_changes` names files where it is known which changed.
    pub fn in_words(&self, code_changes: &[String]) -> String {
        match self {
            Self::Code if code_changes.is_empty() => "the code changed".to_owned(),
            Self::Code => format!("the code changed ({})", code_changes.join(", ")),
            Self::Command => "its command changed".to_owned(),
            Self::Outputs => "its declared outputs changed".to_owned(),
            Self::Runtime => "its runtime changed".to_owned(),
            Self::Inputs(paths) if paths.len() > 3 => format!("{} inputs changed", paths.len()),
            Self::Inputs(paths) => format!("its inputs changed ({})", paths.join(", ")),
            Self::Population { from, to } => {
                format!("the population size changed from {from} to {to}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint() -> Fingerprint {
        Fingerprint {
            code: "c".into(),
            command: vec!["python:v2".into(), "a".into()],
            outputs: BTreeMap::from([("a.csv".into(), "highly_sensitive".into())]),
            runtime: "r".into(),
            inputs: BTreeMap::from([("in.csv".into(), "1".into())]),
            population: Some(10),
        }
    }

    #[test]
    fn equal_fingerprints_may_be_reused() {
        assert_eq!(fingerprint().stale_since(&fingerprint()), []);
    }

    #[test]
    fn every_part_makes_stale() {
        type Change = fn(&mut Fingerprint);
        let changes: &[(Change, &str)] = &[
            (|f| f.code = "d".into(), "the code changed (a.py changed)"),
            (|f| f.command.push("b".into()), "its command changed"),
            (|f| f.outputs.clear(), "its declared outputs changed"),
            (|f| f.runtime = "s".into(), "its runtime changed"),
            (|f| f.inputs.clear(), "its inputs changed (in.csv)"),
            (
                |f| f.inputs = BTreeMap::from([("in.csv".into(), "2".into())]),
                "its inputs changed (in.csv)",
            ),
            (
                |f| f.population = Some(20),
                "the population size changed from 10 to 20",
            ),
        ];
        for (change, words) in changes {
            let mut now = fingerprint();
            change(&mut now);
            let stale = now.stale_since(&fingerprint());
            let said: Vec<String> = stale
                .iter()
                .map(|stale| stale.in_words(&["a.py changed".to_owned()]))
                .collect();
            assert_eq!(said, [*words]);
        }
    }
}

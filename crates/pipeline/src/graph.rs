//! A project that keeps to the rules, as a graph of actions.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
};

use glovebox_levels::Level;

use crate::{
    config_json,
    project::{Draft, OutputPattern, RUN_ALL, Run},
    rules,
    slug::Slugs,
    source::{Location, Source},
};

/// A valid project.
///
/// Its needs are known and free of cycles, its commands distinct, its paths safe. It is only ever
/// made by [`check`](crate::check).
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    version: f64,
    population_size: Option<i64>,
    actions: Vec<Action>,
    index: HashMap<String, usize>,
    /// For each action, those it needs, without repeats.
    needs: Vec<Vec<usize>>,
    /// For each action, those that need it.
    needed_by: Vec<Vec<usize>>,
}

/// One action of a valid project.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its name: any text but the empty one, so not safe as a path. See [`Self::slug`].
    pub name: String,
    /// The name, made safe as the name of a file, distinct in the project, at most 200 bytes.
    pub slug: String,
    /// What it runs.
    pub run: Run,
    /// The actions whose outputs it reads, as written: there may be repeats.
    pub needs: Vec<String>,
    /// The files it leaves, the most sensitive level first, then as written.
    pub outputs: Vec<Output>,
    /// Values handed to the command as JSON; always an object.
    pub config: Option<serde_json::Value>,
    /// A file of the study that stands in for its output outside the secure zone.
    pub dummy_data_file: Option<String>,
    /// Whether it may connect to the patients' database.
    pub is_database_action: bool,
    /// Where its name stands.
    pub location: Location,
}

/// A file, or a pattern of files, that an action leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The security level it stands at.
    pub level: Level,
    /// Its name in the file; distinct only within one level of one action.
    pub label: String,
    /// The path.
    pub pattern: OutputPattern,
    /// Where the path stands.
    pub location: Location,
}

/// A requested action that the project does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the project has no action named {name:?}: choose one of those in its `actions`, or run_all"
)]
pub struct UnknownAction {
    /// The name asked for.
    pub name: String,
}

impl Project {
    /// Only for drafts in which nothing was wrong.
    pub(crate) fn build(
        version: f64,
        population_size: Option<i64>,
        drafts: Vec<Draft<'_>>,
        source: &Source<'_>,
    ) -> Self {
        let mut slugs = Slugs::default();
        let actions: Vec<Action> = drafts
            .into_iter()
            .filter_map(|draft| Action::build(draft, &mut slugs, source))
            .collect();
        let index: HashMap<String, usize> = actions
            .iter()
            .enumerate()
            .map(|(position, action)| (action.name.clone(), position))
            .collect();
        let mut needed_by = vec![Vec::new(); actions.len()];
        let mut last_dependant = vec![usize::MAX; actions.len()];
        let needs: Vec<Vec<usize>> = actions
            .iter()
            .enumerate()
            .map(|(position, action)| {
                let known = action.needs.iter().filter_map(|need| index.get(need));
                let mut needs = Vec::with_capacity(action.needs.len());
                for &need in known {
                    if std::mem::replace(&mut last_dependant[need], position) != position {
                        needs.push(need);
                        needed_by[need].push(position);
                    }
                }
                needs
            })
            .collect();
        Self {
            version,
            population_size,
            actions,
            index,
            needs,
            needed_by,
        }
    }

    /// The version of the format, at most 5.
    pub fn version(&self) -> f64 {
        self.version
    }

    /// How many dummy patients `cohortextractor` is to invent; none from version 4 on. The format
    /// allows negative numbers.
    pub fn population_size(&self) -> Option<i64> {
        self.population_size
    }

    /// All actions, in the order of the file.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The action with a name.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.index.get(name).map(|&index| &self.actions[index])
    }

    /// What `run_all` stands for: all actions in the order of the file, less one that is itself
    /// named `run_all`.
    pub fn run_all(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.name != RUN_ALL)
    }

    /// The requested actions and all they need, directly or not, each once and after what it
    /// needs; where that leaves a choice, in the order of the file. `run_all` stands for
    /// [`Self::run_all`].
    pub fn closure<'n>(
        &self,
        requested: impl IntoIterator<Item = &'n str>,
    ) -> Result<Vec<&Action>, UnknownAction> {
        let mut wanted = vec![false; self.actions.len()];
        let mut queue = VecDeque::new();
        for name in requested {
            if name == RUN_ALL {
                let all = self
                    .run_all()
                    .filter_map(|action| self.index.get(&action.name));
                queue.extend(all.copied());
            } else {
                let index = self.index.get(name).ok_or_else(|| UnknownAction {
                    name: name.to_owned(),
                })?;
                queue.push_back(*index);
            }
        }
        while let Some(index) = queue.pop_front() {
            if !std::mem::replace(&mut wanted[index], true) {
                queue.extend(&self.needs[index]);
            }
        }
        Ok(self.ordered(&wanted))
    }

    /// All actions that need this one, directly or not, in the same order as [`Self::closure`];
    /// none if there is no such action.
    pub fn dependants(&self, name: &str) -> Vec<&Action> {
        let mut wanted = vec![false; self.actions.len()];
        let mut queue: VecDeque<usize> = self.index.get(name).copied().into_iter().collect();
        while let Some(index) = queue.pop_front() {
            for &dependant in &self.needed_by[index] {
                if !std::mem::replace(&mut wanted[dependant], true) {
                    queue.push_back(dependant);
                }
            }
        }
        self.ordered(&wanted)
    }

    /// The wanted actions, each after those it needs: depth first along the file, without
    /// recursion.
    fn ordered(&self, wanted: &[bool]) -> Vec<&Action> {
        let mut placed = vec![false; self.actions.len()];
        let mut order = Vec::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        for root in 0..self.actions.len() {
            if wanted[root] && !placed[root] {
                open.push((root, 0));
            }
            while let Some((index, next)) = open.pop() {
                if let Some(&need) = self.needs[index].get(next) {
                    open.push((index, next + 1));
                    if wanted[need] && !placed[need] {
                        open.push((need, 0));
                    }
                } else if !std::mem::replace(&mut placed[index], true) {
                    order.push(&self.actions[index]);
                }
            }
        }
        order
    }
}

impl Action {
    fn build(draft: Draft<'_>, slugs: &mut Slugs, source: &Source<'_>) -> Option<Self> {
        let run = draft.run?.run;
        Some(Self {
            slug: slugs.slug(&draft.name),
            name: draft.name,
            is_database_action: rules::is_database_action(&run),
            run,
            needs: draft
                .needs
                .iter()
                .map(|need| need.name.to_owned())
                .collect(),
            outputs: draft
                .outputs
                .outputs
                .into_iter()
                .filter_map(|output| {
                    Some(Output {
                        level: output.level,
                        label: output.label,
                        pattern: output.pattern?,
                        location: source.locate(output.span),
                    })
                })
                .collect(),
            config: draft.config,
            dummy_data_file: draft.dummy_data_file,
            location: source.locate(draft.key),
        })
    }

    /// The words to execute: those of `run` and, if there is `config`, `--config` and its JSON.
    pub fn command_line(&self) -> Vec<String> {
        let mut words = self.run.parts.clone();
        if let Some(config) = &self.config {
            words.push("--config".to_owned());
            words.push(config_json::write(config));
        }
        words
    }

    /// The outputs at one level.
    pub fn outputs_at(&self, level: Level) -> &[Output] {
        let start = self.outputs.partition_point(|output| output.level < level);
        let end = self.outputs.partition_point(|output| output.level <= level);
        let range: Range<usize> = start..end;
        &self.outputs[range]
    }
}

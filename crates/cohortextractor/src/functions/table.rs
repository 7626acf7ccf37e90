//! All functions.

use super::argument::{Argument, Group};
use super::returns::Returns;
use super::{deaths, derived, events, hospital, people};

/// One `patients` function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Arguments of its own.
    pub arguments: &'static [Argument],
    /// Arguments it shares with others.
    pub groups: &'static [Group],
    /// What it returns.
    pub returns: Returns,
}

/// The functions, by subject.
pub const FUNCTIONS: &[&[Function]] = &[
    people::FUNCTIONS,
    events::FUNCTIONS,
    hospital::FUNCTIONS,
    deaths::FUNCTIONS,
    derived::FUNCTIONS,
];

/// The function of a name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .flat_map(|subject| subject.iter())
        .find(|function| function.name == name)
}

impl Function {
    /// Whether it takes the arguments of a group.
    pub fn has(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    /// The names of all arguments it takes.
    pub fn argument_names(&self) -> Vec<&'static str> {
        let own = self.arguments.iter().map(|argument| argument.name);
        let shared = self
            .groups
            .iter()
            .flat_map(|group| group.names().iter().copied());
        let returning = match self.returns {
            Returns::Choice { .. } => Some("returning"),
            _ => None,
        };
        own.chain(shared).chain(returning).collect()
    }
}

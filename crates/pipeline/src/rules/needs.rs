//! Whether every need is there.

use std::collections::{HashMap, HashSet};

use crate::{
    kind::Kind, problem::Problems, project::Draft, source::Span, suggest::Suggester, yaml::shorten,
};

/// One need that names an action: which one, and where it is said.
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) span: Span,
}

/// For each action, the actions it needs; unknown ones are reported and left out.
pub(super) fn resolve(actions: &[Draft<'_>], problems: &mut Problems<'_>) -> Vec<Vec<Edge>> {
    let mut index: HashMap<&str, usize> = HashMap::with_capacity(actions.len());
    for (position, action) in actions.iter().enumerate() {
        if action.can_be_needed {
            index.entry(&action.name).or_insert(position);
        }
    }
    let mut suggester = Suggester::new();
    actions
        .iter()
        .map(|action| {
            let mut seen = HashSet::with_capacity(action.needs.len());
            let mut edges = Vec::with_capacity(action.needs.len());
            for need in &action.needs {
                let Some(&to) = index.get(need.name) else {
                    let help = if problems.is_full() {
                        None
                    } else {
                        help(need.name, actions, &mut suggester)
                    };
                    problems.error_with_help(
                        Kind::NeedsUnknownAction,
                        need.span,
                        format!(
                            "the action {} needs {:?}, which no action is named: correct the name, or take it out",
                            shorten(&action.name),
                            shorten(need.name)
                        ),
                        help,
                    );
                    continue;
                };
                if seen.insert(to) {
                    edges.push(Edge {
                        to,
                        span: need.span,
                    });
                } else {
                    problems.warning(
                        Kind::NeedsDuplicate,
                        need.span,
                        format!(
                            "the action {} needs {} twice: once is enough",
                            shorten(&action.name),
                            shorten(need.name)
                        ),
                    );
                }
            }
            edges
        })
        .collect()
}

fn help(name: &str, actions: &[Draft<'_>], suggester: &mut Suggester) -> Option<String> {
    let of_other_type = |action: &&Draft<'_>| !action.can_be_needed && action.name == name;
    if actions.iter().any(|action| of_other_type(&action)) {
        return Some(format!(
            "the action {name} has a name that is not a string: put it in quotes where it is defined"
        ));
    }
    let names = actions
        .iter()
        .filter(|action| action.can_be_needed)
        .map(|action| action.name.as_str());
    suggester.question(name, names)
}

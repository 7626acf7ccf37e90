//! Commands and output paths that are there twice.

use std::collections::{HashMap, hash_map::Entry};

use crate::{kind::Kind, problem::Problems, project::Draft, yaml::shorten};

/// Two actions with the same command, to the character, are one action written twice; what `config`
/// adds does not count.
pub(super) fn check_commands(actions: &[Draft<'_>], problems: &mut Problems<'_>) {
    let mut seen: HashMap<&str, &str> = HashMap::with_capacity(actions.len());
    for action in actions {
        let Some(run) = &action.run else { continue };
        match seen.entry(&run.run.raw) {
            Entry::Vacant(place) => {
                place.insert(&action.name);
            }
            Entry::Occupied(first) => problems.error(
                Kind::RunDuplicateCommand,
                run.span,
                format!(
                    "the action {} has this command already: delete one of the two, or give them different arguments",
                    shorten(first.get())
                ),
            ),
        }
    }
}

/// A path may be given once in the whole file, whatever the level. Only the text counts:
/// overlapping patterns are for a warning.
pub(super) fn check_paths(actions: &[Draft<'_>], problems: &mut Problems<'_>) {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for action in actions {
        for output in &action.outputs.outputs {
            match seen.entry(output.path) {
                Entry::Vacant(place) => {
                    place.insert(&action.name);
                }
                Entry::Occupied(first) => problems.error(
                    Kind::OutputsDuplicatePath,
                    output.span,
                    format!(
                        "`{}` is an output of the action {} already: give each output a path of its own",
                        shorten(output.path),
                        shorten(first.get())
                    ),
                ),
            }
        }
    }
}

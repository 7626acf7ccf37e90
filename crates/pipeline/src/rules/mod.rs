//! What only shows when actions are seen together, or when the image is known.

mod cohortextractor;
mod cycles;
mod database;
mod duplicates;
mod ehrql;
mod needs;
mod overlap;
mod removed;

pub(crate) use database::is_database_action;

use crate::{
    problem::Problems,
    project::{Draft, Sketch, Version, check_names},
};

/// The rules of images that have rules of their own, for one action.
pub(crate) fn check_image(draft: &Draft<'_>, problems: &mut Problems<'_>) {
    if let Some(run) = &draft.run {
        cohortextractor::check(run, &draft.outputs, problems);
        ehrql::check(run, &draft.outputs, problems);
    }
}

/// The rules over all actions, up to those about `expectations`.
pub(crate) fn check(sketch: &Sketch<'_>, problems: &mut Problems<'_>) {
    let actions = &sketch.actions;
    removed::check(actions, sketch.version, problems);
    duplicates::check_commands(actions, problems);
    if sketch.version.is_some_and(Version::demands_unique_paths) {
        duplicates::check_paths(actions, problems);
    }
    let edges = needs::resolve(actions, problems);
    cycles::check(actions, &edges, problems);
    check_names(actions, problems);
    overlap::warn(actions, problems);
}

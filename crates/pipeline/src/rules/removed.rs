//! What newer versions of the format no longer have.

use crate::{
    kind::Kind,
    problem::Problems,
    project::{Draft, DraftRun, Version},
    yaml::shorten,
};

pub(super) fn check(actions: &[Draft<'_>], version: Option<Version>, problems: &mut Problems<'_>) {
    let runs = || actions.iter().filter_map(|action| action.run.as_ref());
    if version.is_some_and(Version::forbids_cohortextractor) {
        for run in runs() {
            if run.run.image.name.starts_with("cohortextractor") {
                problems.error(
                    Kind::CohortextractorRemoved,
                    run.span,
                    "version 4 and later have no cohortextractor: use ehrql, or go back to version 3",
                );
            }
        }
    }
    let latest: Vec<&DraftRun> = runs()
        .filter(|run| run.run.image.version == "latest")
        .collect();
    if version.is_some_and(Version::forbids_latest) {
        for run in latest {
            problems.error(
                Kind::RunLatestRemoved,
                run.span,
                format!(
                    "version 5 has no `:latest`: write the version you mean, such as `{}:v2`",
                    shorten(&run.run.image.name)
                ),
            );
        }
    } else if let Some(first) = latest.first() {
        let others = match latest.len() - 1 {
            0 => String::new(),
            1 => ", as one other action does".to_owned(),
            others => format!(", as {others} other actions do"),
        };
        problems.warning(
            Kind::RunLatest,
            first.span,
            format!(
                "this action uses `:latest`{others}, which does not say what will run: write a version, such as `{}:v1`",
                shorten(&first.run.image.name)
            ),
        );
    }
}

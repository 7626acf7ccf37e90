//! Whether an earlier success stands for a new run of an action.

use std::path::PathBuf;

use glovebox_levels::StoredOutput;

use crate::code::CodeSnapshot;
use crate::failure::{Failure, FailureKind};
use crate::fingerprint::{Fingerprint, Stale};
use crate::folder::ProjectFolder;
use crate::record::JobRecord;
use crate::shared::{Local, Shared};

use glovebox_pipeline::Action;

/// How many changed files are named.
const MOST_CHANGES: usize = 3;

/// What to do with an action.
pub(crate) enum Decision {
    /// The earlier success stands.
    Reuse(Box<JobRecord>),
    /// It has to run; why, if it succeeded before.
    Run(Vec<String>),
}

/// The place of an action's newest success.
pub(crate) fn latest(folder: &ProjectFolder, action: &Action) -> PathBuf {
    folder.latest().join(format!("{}.json", action.slug))
}

/// Decides for one action.
pub(crate) fn decide(
    shared: &Shared<'_>,
    local: &Local<'_>,
    action: &Action,
    fingerprint: &Fingerprint,
) -> Result<Decision, Failure> {
    let Some(earlier) = JobRecord::read(&latest(local.folder, action)) else {
        return Ok(Decision::Run(Vec::new()));
    };
    if !earlier.succeeded || earlier.action != action.name {
        return Ok(Decision::Run(Vec::new()));
    }
    if local.forced.contains(action.name.as_str()) {
        return Ok(Decision::Run(vec!["you asked to run it again".to_owned()]));
    }
    let mut because = in_words(shared.code, local.folder, fingerprint, &earlier.fingerprint);
    if let (Some(seed), Some(earlier)) = (local.options.seed, earlier.seed)
        && seed != earlier
    {
        because.push(format!("the seed changed from {earlier} to {seed}"));
    }
    if let (Some(today), Some(earlier)) = (local.options.today, &earlier.today)
        && today.to_string() != *earlier
    {
        because.push(format!("today changed from {earlier} to {today}"));
    }
    if because.is_empty() {
        because.extend(missing_or_altered(shared, action, &earlier)?);
    }
    Ok(if because.is_empty() {
        Decision::Reuse(Box::new(earlier))
    } else {
        Decision::Run(because)
    })
}

fn in_words(
    code: &CodeSnapshot,
    folder: &ProjectFolder,
    now: &Fingerprint,
    earlier: &Fingerprint,
) -> Vec<String> {
    let stale = now.stale_since(earlier);
    let changes = if stale.contains(&Stale::Code) {
        code.changes_since(&earlier.code, &folder.code_manifests(), MOST_CHANGES)
    } else {
        Vec::new()
    };
    stale.iter().map(|stale| stale.in_words(&changes)).collect()
}

/// What of an earlier success is not in the store any more as it was filed.
fn missing_or_altered(
    shared: &Shared<'_>,
    action: &Action,
    earlier: &JobRecord,
) -> Result<Option<String>, Failure> {
    let stored = outputs_of(shared, &action.name)?;
    for output in &earlier.outputs {
        let path = &output.path;
        match stored.iter().find(|filed| filed.path == *path) {
            None => return Ok(Some(format!("its output {path} is gone"))),
            Some(filed) if filed.content_hash != output.content_hash => {
                let why = format!("its output {path} is of another run, which did not end well");
                return Ok(Some(why));
            }
            Some(_) => {}
        }
    }
    for output in &stored {
        if !shared.store.holds(output) {
            return Ok(Some(format!(
                "its output {} was altered or removed",
                output.path
            )));
        }
    }
    Ok(None)
}

/// The filed outputs of an action.
pub(crate) fn outputs_of(shared: &Shared<'_>, action: &str) -> Result<Vec<StoredOutput>, Failure> {
    shared.store.outputs_of(action).map_err(|error| {
        Failure::new(
            FailureKind::Environment,
            "the stored outputs cannot be read",
        )
        .with([error.to_string()])
    })
}

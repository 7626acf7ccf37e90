//! Marking outputs that the current code would not make. Nothing is deleted for it.

use std::collections::BTreeSet;

use super::{Store, StoreError};
use crate::manifest::{Manifest, OutputRecord};

impl Store {
    /// Marks all outputs of an action as out of date, without deleting any; their paths.
    pub fn retire_outputs(&self, action: &str) -> Result<Vec<String>, StoreError> {
        let mut retired = BTreeSet::new();
        self.change_manifests(|path, record| {
            if record.action == action && !record.out_of_date_output {
                record.out_of_date_output = true;
                retired.insert(path.to_owned());
            }
        })?;
        Ok(retired.into_iter().collect())
    }

    /// Marks the outputs of actions that are not among `actions` (those in `project.yaml` now) as
    /// made by an action that is gone, and takes the mark from the others.
    pub fn mark_actions(&self, actions: &BTreeSet<&str>) -> Result<(), StoreError> {
        self.change_manifests(|_, record| {
            record.out_of_date_action = !actions.contains(record.action.as_str());
        })
    }

    fn change_manifests(
        &self,
        mut change: impl FnMut(&str, &mut OutputRecord),
    ) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        for shelf in [&self.moderate, &self.high] {
            let before = shelf.read_manifest()?;
            let mut after = before.clone();
            after
                .outputs
                .iter_mut()
                .for_each(|(path, record)| change(path, record));
            if before != after {
                shelf.clear_incoming()?;
                shelf.write_manifest(&after)?;
            }
        }
        Ok(())
    }
}

/// Marks what the action made before and not this time; the paths newly marked.
pub(super) fn mark_missing(
    manifest: &mut Manifest,
    action: &str,
    produced: &BTreeSet<&str>,
) -> Vec<String> {
    let mut marked = Vec::new();
    for (path, record) in &mut manifest.outputs {
        if record.action == action
            && !record.out_of_date_output
            && !produced.contains(path.as_str())
        {
            record.out_of_date_output = true;
            marked.push(path.clone());
        }
    }
    marked
}

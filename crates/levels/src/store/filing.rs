//! Filing the outputs of one action: all of them, or none.
//!
//! First everything that can fail for want of space, rights or a good file is done in the stores'
//! incoming corners, the manifests too; then files are renamed into place, and the manifests last. What a level lets
//! in is checked on the bytes that were stored, which no job can reach any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Seek,
    os::fd::{AsFd, BorrowedFd},
};

use super::{
    Store, StoreError, intake::Intake, notes::note_path, out_of_date::mark_missing, shelf::Shelf,
};
use crate::{
    collect::{Collected, FoundFile},
    digest::{self, Digest},
    file_check::{FileCheck, Limits, Reason, check_file},
    level::Level,
    manifest::{Manifest, OutputRecord},
};

/// Where outputs come from; kept with each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The action that made them.
    pub action: String,
    /// The job that ran it.
    pub job_id: String,
    /// The commit of the code, where there is one.
    pub commit: Option<String>,
    /// Who asked for the job.
    pub user: String,
    /// Where the code is from.
    pub repo: String,
    /// When the job ended.
    pub timestamp: jiff::Timestamp,
}

/// What became of the outputs of an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilingReport {
    /// Every output, by path; withheld ones too, which are in the highly sensitive store.
    pub filed: Vec<Filed>,
    /// Outputs declared moderately sensitive that may not stand there.
    pub withheld: Vec<Withheld>,
    /// Outputs that the action made before and not this time, by path.
    pub out_of_date: Vec<String>,
}

/// An output that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Path relative to the workspace.
    pub path: String,
    /// The level that it was declared at.
    pub level: Level,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower case hexadecimal digits.
    pub content_hash: String,
}

/// An output that was kept from the moderately sensitive level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Path relative to the workspace.
    pub path: String,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// An output that waits in the incoming corner under a name.
pub(super) struct Ready<'a> {
    pub(super) found: &'a FoundFile,
    pub(super) incoming: String,
    digest: Digest,
    /// Of moderately sensitive outputs.
    check: Option<FileCheck>,
}

impl Store {
    /// Files what was collected from `workspace` (an open directory) as the outputs of one action.
    ///
    /// Files that belong to this account alone are moved out of the workspace, others are copied.
    /// A moderately sensitive file that does not pass [`check_file`] is withheld: it is filed as
    /// highly sensitive only, an earlier version is removed from the moderately sensitive store,
    /// and `<path>.txt` there says why.
    ///
    /// On an error nothing is filed and the workspace is as it was. The exception is a system that
    /// fails between two renames: [`Store::verify`] then names what differs from the manifests, and
    /// running the action again mends it.
    pub fn file_outputs(
        &self,
        workspace: impl AsFd,
        collected: &Collected,
        provenance: &Provenance,
        limits: &Limits,
    ) -> Result<FilingReport, StoreError> {
        let _lock = self.lock()?;
        let result = self.file_locked(workspace.as_fd(), collected, provenance, limits);
        if result.is_err() {
            // Best effort, as the error matters more: the next filing clears them in any case.
            let _ = self.moderate.clear_incoming();
        }
        result
    }

    fn file_locked(
        &self,
        workspace: BorrowedFd<'_>,
        collected: &Collected,
        provenance: &Provenance,
        limits: &Limits,
    ) -> Result<FilingReport, StoreError> {
        let mut high = self.high.read_manifest()?;
        let mut moderate = self.moderate.read_manifest()?;
        self.high.clear_incoming()?;
        self.moderate.clear_incoming()?;

        let mut intake = Intake::new(workspace, &self.high);
        let mut ready = Vec::with_capacity(collected.files.len());
        for (number, found) in collected.files.iter().enumerate() {
            let incoming = number.to_string();
            let digest = intake.take(found, &incoming)?;
            ready.push(self.prepare(found, incoming, digest, limits)?);
        }
        let notes = self.prepare_notes(&ready, &moderate)?;
        for output in &ready {
            self.high.make_way(&output.found.path)?;
            if output.stands_at_moderate() {
                self.moderate.make_way(&output.found.path)?;
            }
        }
        for note in notes.values() {
            self.moderate.make_way(note)?;
        }

        let before = moderate.clone();
        let produced = collected.paths();
        let out_of_date = mark_missing(&mut high, &provenance.action, &produced);
        mark_missing(&mut moderate, &provenance.action, &produced);
        let raised = raise_levels(&mut high, &mut moderate, provenance, collected);
        for output in &ready {
            output.record(&mut high, &mut moderate, provenance);
        }
        self.high.prepare_manifest(&high)?;
        self.moderate.prepare_manifest(&moderate)?;

        self.remove_from_moderate(&ready, &notes, &before)?;
        for path in &raised {
            self.moderate.remove(path)?;
        }
        for output in &ready {
            self.high.place(&output.incoming, &output.found.path)?;
            if output.stands_at_moderate() {
                self.moderate.place(&output.incoming, &output.found.path)?;
            }
        }
        for (incoming, note) in &notes {
            self.moderate.place(incoming, note)?;
        }
        intake.keep();
        self.moderate.place_manifest()?;
        self.high.place_manifest()?;
        Ok(report(&ready, out_of_date))
    }

    /// Checks a file that was taken in, and copies it to the moderate side if it may stand there.
    fn prepare<'a>(
        &self,
        found: &'a FoundFile,
        incoming: String,
        digest: Digest,
        limits: &Limits,
    ) -> Result<Ready<'a>, StoreError> {
        if found.level != Level::ModeratelySensitive {
            return Ok(Ready {
                found,
                incoming,
                digest,
                check: None,
            });
        }
        let (mut file, _) = self.high.open_incoming(&incoming)?;
        let failed =
            |shelf: &Shelf, error| StoreError::io("file an output in", shelf.path(), error);
        let check = check_file(&found.path, &file, found.level, limits)
            .map_err(|error| failed(&self.high, error))?;
        if check.ok {
            file.rewind().map_err(|error| failed(&self.high, error))?;
            let to = self.moderate.create_incoming(&incoming)?;
            let copied = digest::transfer(&file, &to, digest.size)
                .map_err(|error| failed(&self.moderate, error))?;
            if copied != digest {
                return Err(StoreError::Changed {
                    path: found.path.clone(),
                });
            }
        }
        Ok(Ready {
            found,
            incoming,
            digest,
            check: Some(check),
        })
    }

    /// Removes what may not, or need not, stand on the moderate side any more. Done before
    /// anything is added: if the rest fails, too little is shown rather than too much.
    fn remove_from_moderate(
        &self,
        ready: &[Ready<'_>],
        new_notes: &BTreeMap<String, String>,
        moderate: &Manifest,
    ) -> Result<(), StoreError> {
        let kept: BTreeSet<&String> = new_notes.values().collect();
        for output in ready {
            let path = &output.found.path;
            let was_withheld = moderate
                .outputs
                .get(path)
                .is_some_and(|record| record.excluded);
            let note = note_path(path);
            if was_withheld && !moderate.outputs.contains_key(&note) && !kept.contains(&note) {
                self.moderate.remove(&note)?;
            }
            if !output.stands_at_moderate() {
                self.moderate.remove(path)?;
            }
        }
        Ok(())
    }
}

impl Ready<'_> {
    fn stands_at_moderate(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.ok)
    }

    pub(super) fn withheld(&self) -> Option<&FileCheck> {
        self.check.as_ref().filter(|check| !check.ok)
    }

    /// Enters the output into the manifests in which it may be seen.
    fn record(&self, high: &mut Manifest, moderate: &mut Manifest, provenance: &Provenance) {
        let withheld = self.withheld();
        let record = OutputRecord {
            level: self.found.level,
            action: provenance.action.clone(),
            job_id: provenance.job_id.clone(),
            commit: provenance.commit.clone(),
            user: provenance.user.clone(),
            repo: provenance.repo.clone(),
            size: self.digest.size,
            timestamp: provenance.timestamp,
            content_hash: Some(self.digest.hash.clone()),
            excluded: withheld.is_some(),
            message: withheld.map(|check| in_one_line(&check.reasons)),
            row_count: self.check.as_ref().and_then(|check| check.row_count),
            col_count: self.check.as_ref().and_then(|check| check.col_count),
            out_of_date_action: false,
            out_of_date_output: false,
        };
        let path = &self.found.path;
        if self.found.level == Level::ModeratelySensitive {
            let mut seen = record.clone();
            if seen.excluded {
                seen.content_hash = None;
            }
            moderate.outputs.insert(path.clone(), seen);
        } else {
            moderate.outputs.remove(path);
        }
        high.outputs.insert(path.clone(), record);
    }
}

/// Takes from the moderate side what the action made earlier, did not make this time, and now declares
/// to be more sensitive; the paths of those files.
///
/// Whoever raises a level means all that the pattern ever matched.
fn raise_levels(
    high: &mut Manifest,
    moderate: &mut Manifest,
    provenance: &Provenance,
    collected: &Collected,
) -> Vec<String> {
    let produced = collected.paths();
    let is_raised = |path: &str, record: &OutputRecord| {
        record.action == provenance.action
            && !produced.contains(path)
            && collected.level_of(path) == Some(Level::HighlySensitive)
    };
    let raised: Vec<String> = moderate
        .outputs
        .iter()
        .filter(|(path, record)| is_raised(path, record))
        .map(|(path, _)| path.clone())
        .collect();
    for path in &raised {
        moderate.outputs.remove(path);
        if let Some(record) = high.outputs.get_mut(path) {
            record.level = Level::HighlySensitive;
        }
    }
    raised
}

fn report(ready: &[Ready<'_>], out_of_date: Vec<String>) -> FilingReport {
    let filed = |output: &Ready<'_>| Filed {
        path: output.found.path.clone(),
        level: output.found.level,
        size: output.digest.size,
        content_hash: output.digest.hash.clone(),
    };
    let withheld = |output: &Ready<'_>| {
        let reasons = output.withheld()?.reasons.clone();
        Some(Withheld {
            path: output.found.path.clone(),
            reasons,
        })
    };
    FilingReport {
        filed: ready.iter().map(filed).collect(),
        withheld: ready.iter().filter_map(withheld).collect(),
        out_of_date,
    }
}

fn in_one_line(reasons: &[Reason]) -> String {
    reasons
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

//! Telling people about a file that they may not see.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{Store, StoreError, filing::Ready};
use crate::{file_check::Reason, manifest::Manifest, reserved::is_output_path};

/// The longest name of a file, in bytes, on the usual file systems.
const MAX_NAME: usize = 255;

impl Store {
    /// Writes the notes about withheld files; their paths by their incoming names.
    ///
    /// A note never takes the place of an output, nor is its name made to fit where it is too
    /// long: the manifest gives the reasons in any case.
    pub(super) fn prepare_notes(
        &self,
        ready: &[Ready<'_>],
        moderate: &Manifest,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let new: BTreeSet<&str> = ready
            .iter()
            .map(|output| output.found.path.as_str())
            .collect();
        let mut notes = BTreeMap::new();
        for output in ready {
            let note = note_path(&output.found.path);
            let is_taken = new.contains(note.as_str()) || moderate.outputs.contains_key(&note);
            if let Some(check) = output.withheld()
                && !is_taken
                && is_output_path(&note)
                && file_name(&note).len() <= MAX_NAME
            {
                let incoming = format!("{}-note", output.incoming);
                let text = note_text(&output.found.path, &check.reasons);
                self.moderate.write_incoming(&incoming, text.as_bytes())?;
                notes.insert(incoming, note);
            }
        }
        Ok(notes)
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where the note about a withheld file is.
pub(super) fn note_path(path: &str) -> String {
    format!("{path}.txt")
}

fn note_text(path: &str, reasons: &[Reason]) -> String {
    let mut text = format!(
        "{} was withheld: it may not stand at the moderately sensitive level.\n\nWhy:\n",
        path.escape_debug()
    );
    for reason in reasons {
        let _ = writeln!(text, "- {reason}");
    }
    text.push_str(
        "\nThe file itself is kept at the highly sensitive level, where other actions can use it \
         and nobody views it.\nTo see it here, change the action that writes it and run that \
         action again.\n",
    );
    text
}

//! What changed in `project.yaml` and in the code since an earlier request.

use std::time::Duration;

use glovebox_ui::revealed;
use similar::{ChangeTag, TextDiff};

use super::{Earlier, RequestFacts, links};
use crate::code::CodeChanges;
use crate::paths::{changes_path, job_request_path};

/// Files longer than this are compared at the forge only, in bytes.
const LONGEST_COMPARED: usize = 500_000;

/// How long an exact comparison may take; after that, a rougher one is shown.
const PATIENCE: Duration = Duration::from_millis(200);

/// How many lines around a change are shown.
const CONTEXT: usize = 2;

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `+`, `-` or a space: how the line is read where colours are not seen.
    pub(super) sign: char,
    pub(super) class: &'static str,
    /// The line as it stands in a page.
    pub(super) html: String,
}

/// What changed since an earlier request.
#[derive(Debug, Clone)]
pub(super) struct Changes<'a> {
    /// `the previous request`.
    pub(super) since: &'static str,
    pub(super) number: i64,
    pub(super) path: String,
    /// Whether the very same commit was run.
    pub(super) same_commit: bool,
    /// The comparison of the whole code, at the forge.
    pub(super) link: Option<String>,
    /// The comparison of the whole code, here.
    pub(super) all: String,
    /// Which files changed, where that is known.
    pub(super) code: Option<&'a CodeChanges>,
    pub(super) added: usize,
    pub(super) removed: usize,
    /// The lines of `project.yaml` that changed, with a few around them; none where nothing did.
    pub(super) lines: Vec<Line>,
    /// Whether the files were too long to be compared here.
    pub(super) too_long: bool,
}

impl<'a> Changes<'a> {
    pub(super) fn since(since: &'static str, request: &RequestFacts, earlier: &'a Earlier) -> Self {
        let (before, after) = (&earlier.project_yaml, &request.project_yaml);
        let too_long = before.len().max(after.len()) > LONGEST_COMPARED;
        let mut changes = Self {
            since,
            number: earlier.number,
            path: job_request_path(&request.project, &request.workspace, earlier.number),
            same_commit: earlier.commit == request.commit,
            link: links::comparison(&request.repo, &earlier.commit, &request.commit),
            all: changes_path(
                &request.project,
                &request.workspace,
                request.number,
                earlier.number,
            ),
            code: earlier.code.as_ref(),
            added: 0,
            removed: 0,
            lines: Vec::new(),
            too_long,
        };
        if request.code_is_public && !too_long && before != after {
            changes.compare(before, after);
        }
        changes
    }

    fn compare(&mut self, before: &str, after: &str) {
        let difference = TextDiff::configure()
            .timeout(PATIENCE)
            .diff_lines(before, after);
        for (index, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
            if index > 0 {
                self.lines.push(Line {
                    sign: '⋯',
                    class: "gap",
                    html: String::new(),
                });
            }
            for change in group
                .iter()
                .flat_map(|operation| difference.iter_changes(operation))
            {
                let (sign, class) = match change.tag() {
                    ChangeTag::Insert => ('+', "added"),
                    ChangeTag::Delete => ('-', "removed"),
                    ChangeTag::Equal => (' ', "same"),
                };
                self.added += usize::from(sign == '+');
                self.removed += usize::from(sign == '-');
                self.lines.push(Line {
                    sign,
                    class,
                    // What reorders a line would hide the very change that is looked for.
                    html: revealed(change.value().trim_end_matches('\n')),
                });
            }
        }
    }
}

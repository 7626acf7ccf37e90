//! What is said about a project file, and the list it is gathered in.

use crate::{
    kind::Kind,
    source::{Location, Source, Span},
};

/// One thing that is wrong, or worth a warning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {message} ({kind})", location.line, location.column)]
pub struct Problem {
    /// Its stable name.
    pub kind: Kind,
    /// Where it stands.
    pub location: Location,
    /// What is wrong and how to mend it, for people.
    pub message: String,
    /// A hint that may or may not apply, such as a name that is spelled alike.
    pub help: Option<String>,
}

/// How many errors are reported. Beyond it nobody reads on, and a hostile file could otherwise
/// turn each of its bytes into a sentence.
const MAX_ERRORS: usize = 1_000;
const MAX_WARNINGS: usize = 100;

/// Gathers problems in order of precedence.
///
/// Errors that the OpenSAFELY library raises too come first, in its order; those that only
/// Glovebox raises follow. So the first error of a file both reject is the same for both.
pub(crate) struct Problems<'s> {
    source: &'s Source<'s>,
    errors: Vec<Problem>,
    stricter: Vec<Problem>,
    warnings: Vec<Problem>,
    unreported: usize,
}

impl<'s> Problems<'s> {
    pub(crate) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            errors: Vec::new(),
            stricter: Vec::new(),
            warnings: Vec::new(),
            unreported: 0,
        }
    }

    /// An error that the OpenSAFELY library raises too.
    pub(crate) fn error(&mut self, kind: Kind, span: Span, message: impl Into<String>) {
        self.error_with_help(kind, span, message, None);
    }

    pub(crate) fn error_with_help(
        &mut self,
        kind: Kind,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.is_full() {
            self.unreported += 1;
        } else {
            let problem = self.problem(kind, span, message.into(), help);
            self.errors.push(problem);
        }
    }

    /// An error that only Glovebox raises.
    pub(crate) fn stricter(&mut self, kind: Kind, span: Span, message: impl Into<String>) {
        if self.is_full() {
            self.unreported += 1;
        } else {
            let problem = self.problem(kind, span, message.into(), None);
            self.stricter.push(problem);
        }
    }

    pub(crate) fn warning(&mut self, kind: Kind, span: Span, message: impl Into<String>) {
        if self.warnings.len() < MAX_WARNINGS {
            let problem = self.problem(kind, span, message.into(), None);
            self.warnings.push(problem);
        }
    }

    /// Where the document begins.
    pub(crate) fn beginning(&self) -> Span {
        self.source.beginning()
    }

    /// Whether further errors are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() + self.stricter.len() >= MAX_ERRORS
    }

    /// Errors, then warnings.
    pub(crate) fn finish(self) -> (Vec<Problem>, Vec<Problem>) {
        let mut errors = self.errors;
        errors.extend(self.stricter);
        if self.unreported > 0 {
            let location = errors.last().map_or_else(
                || self.source.locate(self.source.beginning()),
                |last| last.location.clone(),
            );
            errors.push(Problem {
                kind: Kind::ProjectTooManyErrors,
                location,
                message: format!(
                    "{} more errors are not shown: mend those above, then check again",
                    self.unreported
                ),
                help: None,
            });
        }
        (errors, self.warnings)
    }

    fn problem(&self, kind: Kind, span: Span, message: String, help: Option<String>) -> Problem {
        Problem {
            kind,
            location: self.source.locate(span),
            message,
            help,
        }
    }
}

//! The version of the format, and what depends on it.

use super::{
    fields::{Field, place},
    python_number,
};
use crate::{
    kind::Kind,
    problem::Problems,
    source::Span,
    yaml::{Document, Value},
};

/// The newest version there is.
const LATEST: f64 = 5.0;

/// A version of the format: any finite number up to 5. Fractions count, as thresholds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Version(f64);

impl Version {
    pub(crate) fn number(self) -> f64 {
        self.0
    }

    pub(crate) fn demands_unique_paths(self) -> bool {
        self.0 >= 2.0
    }

    /// Exactly 3: an older version has them given, a fraction above no longer asks.
    #[expect(clippy::float_cmp, reason = "the rule holds for this one number")]
    pub(crate) fn demands_expectations(self) -> bool {
        self.0 == 3.0
    }

    /// No cohortextractor, and so no expectations.
    pub(crate) fn forbids_cohortextractor(self) -> bool {
        self.0 >= 4.0
    }

    pub(crate) fn forbids_run_all(self) -> bool {
        self.0 >= 5.0
    }

    pub(crate) fn forbids_latest(self) -> bool {
        self.0 >= 5.0
    }
}

/// Reads `version`, or reports why it cannot be read.
pub(super) fn read(
    document: &Document<'_>,
    field: Option<Field>,
    beginning: Span,
    problems: &mut Problems<'_>,
) -> Option<Version> {
    let Some(field) = field else {
        problems.error(
            Kind::VersionMissing,
            beginning,
            "the file does not say which version of the format it uses: add `version: 5`",
        );
        return None;
    };
    let at = place(document, field);
    #[expect(
        clippy::cast_precision_loss,
        reason = "Python's float() rounds in the same way"
    )]
    let number = match document.value(field.value) {
        Some(Value::Integer(number)) => Some(number as f64),
        Some(Value::HugeInteger { negative: false }) => Some(f64::INFINITY),
        Some(Value::Float(number)) => Some(number),
        Some(Value::String(text)) => python_number::float(text),
        // Python counts true as 1, but nobody who writes it means version 1.
        _ => None,
    };
    match number {
        Some(number) if number > LATEST => {
            problems.error(
                Kind::VersionTooNew,
                at,
                format!("version {number} does not exist: use a number between 1 and {LATEST}"),
            );
            None
        }
        Some(number) if number.is_finite() => {
            if number < LATEST {
                problems.warning(
                    Kind::VersionOld,
                    at,
                    format!("version {number} is an old version of the format: consider version {LATEST}"),
                );
            }
            Some(Version(number))
        }
        _ => {
            problems.error(
                Kind::VersionNotANumber,
                at,
                format!(
                    "`version` is {}: make it a number between 1 and {LATEST}",
                    document.describe(field.value)
                ),
            );
            None
        }
    }
}

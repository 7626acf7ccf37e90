//! `expectations`: how many dummy patients cohortextractor is to invent.

use super::{
    fields::{Field, Fields, place},
    python_number,
    sketch::Sketch,
};
use crate::{
    kind::Kind,
    problem::Problems,
    yaml::{Document, Value},
};

/// What versions that do not ask get, whatever the file says.
const DEFAULT: i64 = 1000;

/// The population size, where the version has one.
pub(crate) fn population_size(
    document: &Document<'_>,
    sketch: &Sketch<'_>,
    problems: &mut Problems<'_>,
) -> Option<i64> {
    let version = sketch.version?;
    let field = sketch.expectations.map(|(key, value)| Field { key, value });
    if version.forbids_cohortextractor() {
        if let Some(field) = field {
            problems.error(
                Kind::ExpectationsForbidden,
                field.key,
                "version 4 and later have no `expectations`, which only cohortextractor used: delete this section",
            );
        }
        return None;
    }
    if !version.demands_expectations() {
        return Some(DEFAULT);
    }
    let Some(field) = field else {
        problems.error(
            Kind::ExpectationsMissing,
            sketch.beginning,
            "version 3 demands `expectations`: add the section with `population_size: 1000`",
        );
        return None;
    };
    let Some(entries) = document.mapping(field.value) else {
        problems.error(
            Kind::ExpectationsNotAMap,
            place(document, field),
            format!(
                "`expectations` is {}: make it a map with `population_size: 1000`",
                document.describe(field.value)
            ),
        );
        return None;
    };
    let mut fields = Fields::sort(document, entries, ["population_size"]);
    let size = fields.get("population_size");
    if size.is_none() {
        let help = fields
            .take_misspelling("population_size")
            .map(|written| format!("`{written}` is written there: spell it `population_size`"));
        problems.error_with_help(
            Kind::ExpectationsNoPopulationSize,
            field.key,
            "`expectations` has no `population_size`: add `population_size: 1000`",
            help,
        );
    }
    let strays = fields.not_strings.iter().map(|&key| document.span(key));
    for span in strays.chain(fields.unknown.iter().map(|&(_, span)| span)) {
        problems.error(
            Kind::ExpectationsUnknownKey,
            span,
            "this key does not belong to `expectations`, which has only `population_size`: delete it",
        );
    }
    let size = size?;
    let number = whole_number(document.value(size.value));
    if number.is_none() {
        problems.error(
            Kind::ExpectationsNotANumber,
            place(document, size),
            format!(
                "`population_size` is {}: make it a whole number such as 1000",
                document.describe(size.value)
            ),
        );
    }
    number
}

/// Python's `int()`, within 64 bits: fractions are cut, true counts as 1, texts must be whole.
fn whole_number(value: Option<Value<'_>>) -> Option<i64> {
    match value? {
        Value::Bool(value) => Some(i64::from(value)),
        Value::Integer(number) => i64::try_from(number).ok(),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "in range, and cutting is meant"
        )]
        Value::Float(number) => (number.abs() < 9e18).then_some(number as i64),
        Value::String(text) => python_number::int(text),
        Value::Null | Value::HugeInteger { .. } | Value::Timestamp(_) | Value::Tagged => None,
    }
}

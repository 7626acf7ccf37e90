//! `outputs`: which files an action leaves, and at which security level each stands.

use glovebox_levels::Level;

use super::{
    fields::{Field, place},
    output_path::OutputPattern,
    path_fault::PathFault,
};
use crate::{
    kind::Kind,
    problem::Problems,
    source::Span,
    suggest::Suggester,
    yaml::{Document, NodeId, Value, shorten},
};

/// The outputs of an action as far as they can be read, the most sensitive level first.
#[derive(Default)]
pub(crate) struct DraftOutputs<'d> {
    pub(crate) outputs: Vec<DraftOutput<'d>>,
    /// The levels that are given and not null.
    pub(crate) sections: Vec<DraftSection>,
    /// Whether every path could be read, right or wrong, so that rules may say that one is missing.
    pub(crate) complete: bool,
}

/// What stands under one level.
pub(crate) struct DraftSection {
    pub(crate) level: Level,
    /// Where the first of its outputs stands, read or not; nothing when it is empty.
    pub(crate) first: Option<Span>,
}

pub(crate) struct DraftOutput<'d> {
    pub(crate) level: Level,
    pub(crate) label: String,
    /// As written.
    pub(crate) path: &'d str,
    /// Nothing when the path has faults.
    pub(crate) pattern: Option<OutputPattern>,
    pub(crate) span: Span,
}

pub(super) fn read_type<'d>(
    document: &'d Document<'_>,
    field: Field,
    problems: &mut Problems<'_>,
) -> Option<&'d [(NodeId, NodeId)]> {
    let entries = document.mapping(field.value);
    if entries.is_none() {
        problems.error(
            Kind::OutputsNotAMap,
            place(document, field),
            format!(
                "`outputs` is {}: make it a map from security levels to named paths",
                document.describe(field.value)
            ),
        );
    }
    entries
}

pub(super) fn read<'d>(
    document: &'d Document<'_>,
    field: Field,
    entries: &[(NodeId, NodeId)],
    problems: &mut Problems<'_>,
) -> DraftOutputs<'d> {
    let mut complete = true;
    let mut sections: [Option<Field>; Level::ALL.len()] = [None; Level::ALL.len()];
    let mut unknown = Vec::new();
    for &(key, value) in entries {
        let span = document.span(key);
        let Some(name) = document.string(key) else {
            problems.error(
                Kind::OutputsKeyNotAString,
                span,
                format!(
                    "this security level is {}: use highly_sensitive, moderately_sensitive or minimally_sensitive",
                    document.describe(key)
                ),
            );
            complete = false;
            continue;
        };
        match Level::ALL.iter().position(|level| level.as_str() == name) {
            Some(index) if document.is_null(value) => sections[index] = None,
            Some(index) => sections[index] = Some(Field { key: span, value }),
            None => unknown.push((name, span)),
        }
    }

    complete &= unknown.is_empty();
    let names = || Level::ALL.iter().map(|level| level.as_str());
    if sections.iter().all(Option::is_none) {
        // Unknown levels are why nothing is given: one error says it.
        let (span, help) = unknown.first().map_or((field.key, None), |&(name, span)| {
            (span, Suggester::new().question(name, names()))
        });
        problems.error_with_help(
            Kind::OutputsNoneGiven,
            span,
            "`outputs` names no security level: put the paths under highly_sensitive, moderately_sensitive or minimally_sensitive",
            help,
        );
    } else {
        for (name, span) in unknown {
            problems.error_with_help(
                Kind::OutputsUnknownLevel,
                span,
                format!(
                    "`{}` is no security level: use highly_sensitive, moderately_sensitive or minimally_sensitive",
                    shorten(name)
                ),
                Suggester::new().question(name, names()),
            );
        }
    }

    let mut draft = DraftOutputs {
        outputs: Vec::new(),
        sections: Vec::new(),
        complete,
    };
    for (level, section) in Level::ALL.into_iter().zip(sections) {
        if let Some(section) = section {
            read_section(document, level, section, &mut draft, problems);
        }
    }
    draft
}

fn read_section<'d>(
    document: &'d Document<'_>,
    level: Level,
    section: Field,
    draft: &mut DraftOutputs<'d>,
    problems: &mut Problems<'_>,
) {
    let entries = document.mapping(section.value);
    let field = |&(key, value): &(NodeId, NodeId)| Field {
        key: document.span(key),
        value,
    };
    draft.sections.push(DraftSection {
        level,
        first: entries
            .and_then(<[_]>::first)
            .map(|entry| place(document, field(entry))),
    });
    let Some(entries) = entries else {
        draft.complete = false;
        problems.error(
            Kind::OutputsLevelNotAMap,
            place(document, section),
            format!(
                "`{level}` is {}: give each path a name, such as `table: output/table.csv`",
                document.describe(section.value)
            ),
        );
        return;
    };
    for entry in entries {
        let &(key, value) = entry;
        let label = label(document, key);
        let span = place(document, field(entry));
        let Some(path) = document.string(value) else {
            problems.error(
                Kind::OutputsPathNotAString,
                span,
                format!(
                    "the output `{}` is {}: make it a path such as `output/table.csv`",
                    shorten(&label),
                    document.describe(value)
                ),
            );
            draft.complete = false;
            continue;
        };
        let pattern = OutputPattern::parse(path, level);
        for &fault in pattern.as_ref().err().into_iter().flatten() {
            report_fault(path, fault, span, problems);
        }
        draft.outputs.push(DraftOutput {
            level,
            label,
            path,
            pattern: pattern.ok(),
            span,
        });
    }
}

fn report_fault(path: &str, fault: PathFault, span: Span, problems: &mut Problems<'_>) {
    let message = format!("the output path {:?} {fault}", shorten(path));
    if fault.is_stricter() {
        problems.stricter(fault.kind(), span, message);
    } else {
        problems.error(fault.kind(), span, message);
    }
}

/// Labels are only read by people, so anything that has a text will do.
fn label(document: &Document<'_>, key: NodeId) -> String {
    match document.value(key) {
        Some(Value::String(text) | Value::Timestamp(text)) => text.to_owned(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::HugeInteger { .. } | Value::Tagged) | None => document.describe(key),
    }
}

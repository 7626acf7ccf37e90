//! The file as a whole: a version, actions, expectations.

use super::{
    action::{self, Draft},
    fields::{Field, Fields, place},
    run::WordsLeft,
    version::{self, Version},
};
use crate::{kind::Kind, problem::Problems, source::Span, yaml::Document};

/// A file as far as it can be read.
pub(crate) struct Sketch<'d> {
    /// Nothing when it is missing or wrong; rules that depend on it are then left out.
    pub(crate) version: Option<Version>,
    pub(crate) actions: Vec<Draft<'d>>,
    /// `expectations`, unless null.
    pub(crate) expectations: Option<(Span, crate::yaml::NodeId)>,
    /// Where to point when something is missing from the file.
    pub(crate) beginning: Span,
}

pub(crate) fn read<'d>(
    document: &'d Document<'_>,
    problems: &mut Problems<'_>,
) -> Option<Sketch<'d>> {
    let Some(root) = document.root() else {
        report_empty(problems.beginning(), problems);
        return None;
    };
    let Some(entries) = document.mapping(root) else {
        if document.is_null(root) {
            report_empty(document.span(root), problems);
        } else {
            problems.error(
                Kind::ProjectNotAMap,
                document.span(root),
                format!(
                    "the file is {}: make it a map with the keys `version` and `actions`",
                    document.describe(root)
                ),
            );
        }
        return None;
    };

    let mut fields = Fields::sort(document, entries, ["version", "actions", "expectations"]);
    for &key in &fields.not_strings {
        problems.error(
            Kind::ProjectKeyNotAString,
            document.span(key),
            format!(
                "this key is {}: the file has only the keys `version`, `actions` and `expectations`",
                document.describe(key)
            ),
        );
    }
    for (name, span) in &fields.unknown {
        problems.error_with_help(
            Kind::ProjectUnknownKey,
            *span,
            format!(
                "the key `{}` does not belong here: the file has only `version`, `actions` and `expectations`",
                crate::yaml::shorten(name)
            ),
            fields.hint(name),
        );
    }
    // A misspelled key was reported just now; that the right one is missing is the same fault.
    let misspelled = |fields: &mut Fields<'d, 3>, name| fields.take_misspelling(name).is_some();

    let beginning = entries
        .first()
        .map_or_else(|| document.span(root), |&(key, _)| document.span(key));
    let version_field = fields.given(document, "version");
    let version = if version_field.is_none() && misspelled(&mut fields, "version") {
        None
    } else {
        version::read(document, version_field, beginning, problems)
    };
    let actions_field = fields.get("actions");
    let actions = if actions_field.is_none() && misspelled(&mut fields, "actions") {
        Vec::new()
    } else {
        read_actions(document, actions_field, beginning, version, problems)
    };
    Some(Sketch {
        version,
        actions,
        expectations: fields
            .given(document, "expectations")
            .map(|field| (field.key, field.value)),
        beginning: version_field.map_or(beginning, |field| field.key),
    })
}

fn report_empty(at: Span, problems: &mut Problems<'_>) {
    problems.error(
        Kind::YamlEmpty,
        at,
        "the file is empty: begin with `version: 5` and `actions:`",
    );
}

fn read_actions<'d>(
    document: &'d Document<'_>,
    field: Option<Field>,
    beginning: Span,
    version: Option<Version>,
    problems: &mut Problems<'_>,
) -> Vec<Draft<'d>> {
    let Some(field) = field else {
        problems.error(
            Kind::ActionsNotAMap,
            beginning,
            "the file has no `actions`: add them, each name with its `run` and `outputs`",
        );
        return Vec::new();
    };
    if let Some(entries) = document.mapping(field.value) {
        let mut words = WordsLeft::new();
        return entries
            .iter()
            .map(|&(key, value)| action::read(document, key, value, version, &mut words, problems))
            .collect();
    }
    let what = if document.sequence(field.value).is_some() {
        "a list: write each action as a name with a colon, not as an item with a dash".to_owned()
    } else {
        format!(
            "{}: make it a map from the name of each action to its `run` and `outputs`",
            document.describe(field.value)
        )
    };
    problems.error(
        Kind::ActionsNotAMap,
        place(document, field),
        format!("`actions` is {what}"),
    );
    Vec::new()
}

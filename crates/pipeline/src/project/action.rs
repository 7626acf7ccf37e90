//! One action.

use std::collections::HashSet;

use super::{
    config, dummy_data_file,
    fields::{Field, Fields, place},
    needs::{self, DraftNeed},
    outputs::{self, DraftOutputs},
    run::{self, DraftRun, WordsLeft},
    version::Version,
};
use crate::{
    kind::Kind,
    problem::Problems,
    rules,
    source::Span,
    yaml::{Document, NodeId, Value, shorten},
};

/// The name that stands for all actions of a project.
pub(crate) const RUN_ALL: &str = "run_all";

/// Job-runners of this platform use the name for a job that records why a request failed.
const ERROR_JOB: &str = "__error__";

/// An action as far as it can be read.
pub(crate) struct Draft<'d> {
    pub(crate) name: String,
    pub(crate) key: Span,
    /// Whether `needs` can refer to it: the name is a string, not a number or a date.
    pub(crate) can_be_needed: bool,
    pub(crate) run: Option<DraftRun>,
    pub(crate) needs: Vec<DraftNeed<'d>>,
    pub(crate) outputs: DraftOutputs<'d>,
    pub(crate) config: Option<serde_json::Value>,
    pub(crate) dummy_data_file: Option<String>,
}

pub(super) fn read<'d>(
    document: &'d Document<'_>,
    key: NodeId,
    value: NodeId,
    version: Option<Version>,
    words: &mut WordsLeft,
    problems: &mut Problems<'_>,
) -> Draft<'d> {
    let mut draft = read_name(document, key, version, problems);
    let name = shorten(&draft.name);
    let Some(entries) = document.mapping(value) else {
        problems.error(
            Kind::ActionNotAMap,
            place(
                document,
                Field {
                    key: draft.key,
                    value,
                },
            ),
            format!(
                "the action {name} is {}: give it a `run` and `outputs`",
                document.describe(value)
            ),
        );
        return draft;
    };

    let mut fields = Fields::sort(
        document,
        entries,
        ["run", "outputs", "needs", "config", "dummy_data_file"],
    );
    for (required, kind, example) in [
        (
            "run",
            Kind::ActionNoRun,
            "run: python:v2 python analysis/script.py",
        ),
        (
            "outputs",
            Kind::ActionNoOutputs,
            "outputs: with at least one security level",
        ),
    ] {
        if fields.get(required).is_none() {
            let help = fields.take_misspelling(required).map(|written| {
                format!(
                    "`{}` is written there: spell it `{required}`",
                    shorten(written)
                )
            });
            problems.error_with_help(
                kind,
                draft.key,
                format!("the action {name} has no `{required}`: add `{example}`"),
                help,
            );
        }
    }
    for &key in &fields.not_strings {
        problems.error(
            Kind::ActionKeyNotAString,
            document.span(key),
            format!(
                "this key of the action {name} is {}: an action has only `run`, `needs`, `outputs`, `config` and `dummy_data_file`",
                document.describe(key)
            ),
        );
    }
    for (unknown, span) in &fields.unknown {
        problems.error_with_help(
            Kind::ActionUnknownKey,
            *span,
            format!(
                "the key `{}` does not belong to an action: it has only `run`, `needs`, `outputs`, `config` and `dummy_data_file`",
                shorten(unknown)
            ),
            fields.hint(unknown),
        );
    }

    // All types first, then contents: the order the reference finds faults in.
    let levels = fields
        .get("outputs")
        .and_then(|field| outputs::read_type(document, field, problems));
    let command = fields
        .get("run")
        .and_then(|field| run::read_type(document, field, problems));
    let needed = fields
        .given(document, "needs")
        .and_then(|field| needs::read_type(document, field, problems));
    draft.config = fields
        .given(document, "config")
        .and_then(|field| config::read(document, field, problems));
    draft.dummy_data_file = fields
        .given(document, "dummy_data_file")
        .and_then(|field| dummy_data_file::read(document, field, problems));

    if let (Some(levels), Some(field)) = (levels, fields.get("outputs")) {
        draft.outputs = outputs::read(document, field, levels, problems);
    }
    if let Some((raw, span)) = command {
        draft.run = run::read(raw, span, words, problems);
    }
    if let Some(items) = needed {
        draft.needs = needs::read(document, items, &name, problems);
    }
    rules::check_image(&draft, problems);
    draft
}

fn read_name<'d>(
    document: &'d Document<'_>,
    key: NodeId,
    version: Option<Version>,
    problems: &mut Problems<'_>,
) -> Draft<'d> {
    let span = document.span(key);
    let value = document.value(key);
    let name = match value {
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Timestamp(text) | Value::String(text)) => text.to_owned(),
        Some(Value::Null | Value::HugeInteger { .. } | Value::Tagged) | None => String::new(),
    };
    let can_be_needed = matches!(value, Some(Value::String(_)));

    if name == RUN_ALL && can_be_needed {
        if version.is_some_and(Version::forbids_run_all) {
            problems.error(
                Kind::ActionRunAllReserved,
                span,
                "`run_all` stands for all actions, so no action may have this name: rename it",
            );
        } else {
            problems.warning(
                Kind::ActionRunAllIgnored,
                span,
                "`run_all` stands for all actions, so it leaves out this action of the same name: rename it",
            );
        }
    }
    let fault = if name.is_empty() {
        Some("is no text")
    } else if name == ERROR_JOB {
        Some("is kept for the system")
    } else {
        None
    };
    if let Some(fault) = fault {
        problems.stricter(
            Kind::ActionBadName,
            span,
            format!("this name of an action {fault}: choose letters, digits, `_` and `-`"),
        );
    } else if !can_be_needed {
        problems.warning(
            Kind::ActionNameNotAString,
            span,
            format!(
                "no action can need {name}, because YAML reads it as {}: put it in quotes",
                document.describe(key)
            ),
        );
    }
    Draft {
        name,
        key: span,
        can_be_needed,
        run: None,
        needs: Vec::new(),
        outputs: DraftOutputs::default(),
        config: None,
        dummy_data_file: None,
    }
}

/// Reports names that are the same text, though one is a string and the other is not: jobs, logs
/// and outputs are filed under the text.
pub(crate) fn check_names(drafts: &[Draft<'_>], problems: &mut Problems<'_>) {
    let mut seen = HashSet::with_capacity(drafts.len());
    for draft in drafts {
        if !draft.name.is_empty() && !seen.insert(draft.name.as_str()) {
            problems.stricter(
                Kind::ActionDuplicateName,
                draft.key,
                format!(
                    "another action is named {} too: rename one",
                    shorten(&draft.name)
                ),
            );
        }
    }
}

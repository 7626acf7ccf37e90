//! `config`: values handed to the command as JSON.

use serde_json::{Map, Number, Value as Json};

use super::fields::{Field, place};
use crate::{
    kind::Kind,
    problem::Problems,
    yaml::{Document, NodeId, Value},
};

pub(super) fn read(
    document: &Document<'_>,
    field: Field,
    problems: &mut Problems<'_>,
) -> Option<Json> {
    if document.mapping(field.value).is_none() {
        problems.error(
            Kind::ConfigNotAMap,
            place(document, field),
            format!(
                "`config` is {}: make it a map from names to values",
                document.describe(field.value)
            ),
        );
        return None;
    }
    match json(document, field.value) {
        Ok(json) => Some(json),
        Err(node) => {
            let span = document.span(node);
            problems.stricter(
                Kind::ConfigNotJson,
                if span.is_empty() { field.key } else { span },
                format!(
                    "{} cannot be handed on as JSON: put it in quotes",
                    document.describe(node)
                ),
            );
            None
        }
    }
}

/// Recursion is bounded: composing refuses documents deeper than its limit, and larger ones too,
/// counted with their aliases written out.
fn json(document: &Document<'_>, id: NodeId) -> Result<Json, NodeId> {
    if let Some(value) = document.value(id) {
        return match value {
            Value::Null => Some(Json::Null),
            Value::Bool(value) => Some(Json::Bool(value)),
            Value::Integer(number) => Number::from_i128(number).map(Json::Number),
            Value::Float(number) => Number::from_f64(number).map(Json::Number),
            Value::Timestamp(text) | Value::String(text) => Some(Json::String(text.to_owned())),
            Value::HugeInteger { .. } | Value::Tagged => None,
        }
        .ok_or(id);
    }
    if let Some(entries) = document.mapping(id) {
        let mut map = Map::with_capacity(entries.len());
        for &(key, value) in entries {
            map.insert(key_text(document, key).ok_or(key)?, json(document, value)?);
        }
        return Ok(Json::Object(map));
    }
    document
        .sequence(id)
        .ok_or(id)?
        .iter()
        .map(|&item| json(document, item))
        .collect::<Result<_, _>>()
        .map(Json::Array)
}

/// A key as JSON has it, as Python's `json` writes keys that are no strings.
fn key_text(document: &Document<'_>, key: NodeId) -> Option<String> {
    match document.value(key)? {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Number::from_f64(number).map(|number| number.to_string()),
        Value::Timestamp(text) | Value::String(text) => Some(text.to_owned()),
        Value::HugeInteger { .. } | Value::Tagged => None,
    }
}

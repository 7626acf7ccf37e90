//! When two keys of a map are the same.

use super::{
    node::{Content, Document, NodeId},
    scalar::Value,
};

/// A key, reduced to what makes it the same as another: `1`, `0x1`, `1.0` and `true` are one key,
/// as they are to Python, which reads the same files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Identity<'a> {
    Null,
    Text(&'a str),
    Number(i128),
    /// The bits of a number that is not whole.
    Fraction(u64),
    Date(&'a str),
    /// Equal only to itself: a list, a map, or what a tag makes of a scalar.
    Opaque(NodeId),
}

impl Document<'_> {
    pub(super) fn key_identity(&self, id: NodeId) -> Identity<'_> {
        match self.value(id) {
            Some(Value::Null) => Identity::Null,
            Some(Value::Bool(value)) => Identity::Number(i128::from(value)),
            Some(Value::Integer(number)) => Identity::Number(number),
            Some(Value::Float(number)) => {
                whole(number).map_or_else(|| Identity::Fraction(number.to_bits()), Identity::Number)
            }
            Some(Value::Timestamp(date)) => Identity::Date(date),
            Some(Value::String(text)) => Identity::Text(text),
            Some(Value::HugeInteger { .. } | Value::Tagged) | None => Identity::Opaque(id),
        }
    }

    /// Whether a key is the merge key `<<`. Quoted, it is a key like any other.
    pub(super) fn is_merge_key(&self, id: NodeId) -> bool {
        matches!(&self.node(id).content, Content::Scalar { text, plain: true } if text == "<<")
    }
}

fn whole(number: f64) -> Option<i128> {
    let in_range = number.abs() < 1e30;
    #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
    (in_range && number.fract() == 0.0).then_some(number as i128)
}

/// The beginning of a text that may be of any length, for a message.
pub(crate) fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

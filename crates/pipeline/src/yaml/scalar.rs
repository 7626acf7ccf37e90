//! What a scalar stands for.
//!
//! The YAML 1.2 core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>), with what the parser
//! of the OpenSAFELY library adds to it: `_` inside numbers, `0b` for binary, and dates as a type
//! of their own. `yes`, `on` and `1:30` are strings.

use super::{key::shorten, tag::Tag};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Integer(i128),
    /// An integer of more digits than anybody counts with.
    HugeInteger {
        negative: bool,
    },
    Float(f64),
    /// A date, or a date and time, as written.
    Timestamp(&'a str),
    String(&'a str),
    /// A scalar that a tag makes into something this format has no use for.
    Tagged,
}

impl Value<'_> {
    /// For a message: "the number 5".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "empty".to_owned(),
            Self::Bool(value) => format!("the word for {value}"),
            Self::Integer(number) => format!("the number {number}"),
            Self::HugeInteger { .. } => "a huge number".to_owned(),
            Self::Float(number) => format!("the number {number}"),
            Self::Timestamp(date) => format!("the date {}", shorten(date)),
            Self::String(text) => format!("the text {:?}", shorten(text)),
            Self::Tagged => "a tagged value".to_owned(),
        }
    }
}

pub(super) fn resolve(text: &str, plain: bool, tag: Tag) -> Value<'_> {
    if tag == Tag::Absent && !plain {
        return Value::String(text);
    }
    match tag {
        Tag::Str => Value::String(text),
        Tag::Custom | Tag::Foreign | Tag::Map | Tag::Seq => Value::Tagged,
        Tag::Null => Value::Null,
        Tag::Timestamp => Value::Timestamp(text),
        Tag::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Value::Bool(true),
            "false" | "no" | "off" | "n" => Value::Bool(false),
            _ => Value::Tagged,
        },
        Tag::Int => integer(text).unwrap_or(Value::Tagged),
        Tag::Float => match number(text) {
            #[expect(clippy::cast_precision_loss, reason = "that is what the tag asks for")]
            Some(Value::Integer(whole)) => Value::Float(whole as f64),
            Some(value) => value,
            None => Value::Tagged,
        },
        Tag::Absent => plain_value(text),
    }
}

fn plain_value(text: &str) -> Value<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        // YAML 1.1's "default value" key, which the OpenSAFELY library's parser still sets apart.
        "=" => return Value::Tagged,
        _ => {}
    }
    let first = text.as_bytes().first().copied().unwrap_or_default();
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return Value::String(text);
    }
    number(text).unwrap_or_else(|| {
        if is_timestamp(text.as_bytes()) {
            Value::Timestamp(text)
        } else {
            Value::String(text)
        }
    })
}

fn number(text: &str) -> Option<Value<'_>> {
    integer(text).or_else(|| float(text).map(Value::Float))
}

fn integer(text: &str) -> Option<Value<'static>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ if digits.starts_with('_') => return None,
        _ => (10, digits),
    };
    let mut value: Option<i128> = Some(0);
    let mut any = false;
    for c in digits.chars().filter(|&c| c != '_') {
        let digit = i128::from(c.to_digit(radix)?);
        any = true;
        value = value
            .and_then(|value| value.checked_mul(i128::from(radix)))
            .and_then(|value| value.checked_add(digit));
    }
    any.then(|| match value {
        Some(value) => Value::Integer(if negative { -value } else { value }),
        None => Value::HugeInteger { negative },
    })
}

/// `[-+]? (\.[0-9]+ | [0-9]+(\.[0-9]*)?) ([eE][-+]?[0-9]+)?`, and the words for the infinite.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            let negative = text.starts_with('-');
            return Some(if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            });
        }
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(f64::NAN),
        _ => {}
    }
    let bytes = unsigned.as_bytes();
    let first = *bytes.first()?;
    let second_is_digit = bytes.get(1).is_some_and(u8::is_ascii_digit);
    if !(first.is_ascii_digit() || first == b'.' && second_is_digit) {
        return None;
    }
    // The rest of the grammar is that of Rust, except for `_` and the words "inf" and "nan",
    // which cannot follow a digit.
    if text.contains('_') {
        text.replace('_', "").parse().ok()
    } else {
        text.parse().ok()
    }
}

/// `2020-01-31`, or a date and a time with an optional fraction and zone.
fn is_timestamp(bytes: &[u8]) -> bool {
    fn digits(bytes: &[u8], least: usize, most: usize) -> Option<&[u8]> {
        let count = bytes
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        (count >= least).then(|| &bytes[count..])
    }
    fn after(bytes: &[u8], expected: u8) -> Option<&[u8]> {
        bytes.strip_prefix(&[expected])
    }
    fn date(bytes: &[u8], least: usize) -> Option<&[u8]> {
        let rest = after(digits(bytes, 4, 4)?, b'-')?;
        digits(after(digits(rest, least, 2)?, b'-')?, least, 2)
    }
    fn time(bytes: &[u8]) -> Option<&[u8]> {
        let rest = after(digits(bytes, 1, 2)?, b':')?;
        let mut rest = digits(after(digits(rest, 2, 2)?, b':')?, 2, 2)?;
        if let Some(fraction) = after(rest, b'.') {
            rest = digits(fraction, 0, usize::MAX)?;
        }
        rest = rest.trim_ascii_start();
        if let Some((b'+' | b'-', zone)) = rest.split_first() {
            rest = digits(zone, 1, 2)?;
            if let Some(minutes) = after(rest, b':') {
                rest = digits(minutes, 2, 2)?;
            }
        } else if let Some(zone) = after(rest, b'Z') {
            rest = zone;
        }
        Some(rest)
    }
    if date(bytes, 2).is_some_and(<[u8]>::is_empty) {
        return true;
    }
    let Some((b'T' | b't' | b' ' | b'\t', rest)) = date(bytes, 1).and_then(<[u8]>::split_first)
    else {
        return false;
    };
    time(rest.trim_ascii_start()).is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars() {
        // What the OpenSAFELY library's parser makes of each was observed by running it.
        let cases = [
            ("", Value::Null),
            ("~", Value::Null),
            ("Null", Value::Null),
            ("nULL", Value::String("nULL")),
            ("TRUE", Value::Bool(true)),
            ("yes", Value::String("yes")),
            ("on", Value::String("on")),
            ("1_000", Value::Integer(1000)),
            ("1__0", Value::Integer(10)),
            ("_1", Value::String("_1")),
            ("010", Value::Integer(10)),
            ("0o10", Value::Integer(8)),
            ("0o8", Value::String("0o8")),
            ("0x1F", Value::Integer(31)),
            ("-0x1", Value::Integer(-1)),
            ("0b11", Value::Integer(3)),
            ("0b2", Value::String("0b2")),
            ("+1", Value::Integer(1)),
            ("-", Value::String("-")),
            (".", Value::String(".")),
            ("..", Value::String("..")),
            ("1e3", Value::Float(1000.0)),
            ("e3", Value::String("e3")),
            ("1e", Value::String("1e")),
            (".5", Value::Float(0.5)),
            ("5.", Value::Float(5.0)),
            ("0.0_1", Value::Float(0.01)),
            (".inf", Value::Float(f64::INFINITY)),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("inf", Value::String("inf")),
            ("-inf", Value::String("-inf")),
            ("+nan", Value::String("+nan")),
            ("1inf", Value::String("1inf")),
            ("4.0.0", Value::String("4.0.0")),
            ("1:30", Value::String("1:30")),
            ("2020-01-01", Value::Timestamp("2020-01-01")),
            (
                "2020-01-01 10:00:00",
                Value::Timestamp("2020-01-01 10:00:00"),
            ),
            (
                "2020-1-1T1:00:00.5+01:00",
                Value::Timestamp("2020-1-1T1:00:00.5+01:00"),
            ),
            ("2001-1-1", Value::String("2001-1-1")),
            ("2020-01-01x", Value::String("2020-01-01x")),
            (
                "99999999999999999999999999999999999999999999",
                Value::HugeInteger { negative: false },
            ),
        ];
        for (text, value) in cases {
            assert_eq!(resolve(text, true, Tag::Absent), value, "{text:?}");
            assert_eq!(resolve(text, false, Tag::Absent), Value::String(text));
            assert_eq!(resolve(text, true, Tag::Str), Value::String(text));
        }
        assert!(matches!(resolve(".nan", true, Tag::Absent), Value::Float(x) if x.is_nan()));
    }

    #[test]
    fn tags_decide() {
        let cases = [
            ("4", Tag::Int, Value::Integer(4)),
            ("x", Tag::Int, Value::Tagged),
            ("3", Tag::Float, Value::Float(3.0)),
            ("yes", Tag::Bool, Value::Bool(true)),
            ("maybe", Tag::Bool, Value::Tagged),
            ("x", Tag::Null, Value::Null),
            ("x", Tag::Custom, Value::Tagged),
            ("x", Tag::Timestamp, Value::Timestamp("x")),
        ];
        for (text, tag, value) in cases {
            assert_eq!(resolve(text, false, tag), value, "{text:?} {tag:?}");
        }
    }
}

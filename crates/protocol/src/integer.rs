//! Whole numbers as JSON has them: `2.0` is the same number as `2`, and some programs write it so.

use std::fmt;

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// The first number that a float cannot be trusted to tell from its neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

struct Whole;

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number that is not negative")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what does not fit is refused before"
    )]
    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        if number.fract() == 0.0 && (0.0..EXACT).contains(&number) {
            Ok(number as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

pub(crate) fn wide<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    from.deserialize_u64(Whole)
}

pub(crate) fn narrow<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = wide(from)?;
    u32::try_from(number).map_err(|_| D::Error::invalid_value(Unexpected::Unsigned(number), &Whole))
}

#[cfg(test)]
mod tests {
    use crate::Ask;

    #[test]
    fn a_number_is_what_it_is_however_it_is_written() {
        let cases = [
            ("2", Some(2)),
            ("2.0", Some(2)),
            ("0.2e1", Some(2)),
            ("-0.0", Some(0)),
            ("2.5", None),
            ("-1", None),
            ("-1.0", None),
            ("4294967296", None),
            ("1e300", None),
            ("\"2\"", None),
            ("null", None),
        ];
        for (text, slots) in cases {
            let ask = format!(r#"{{"agent":"a","slots":{text},"holds":[],"wait_seconds":0}}"#);
            let read = serde_json::from_str::<Ask>(&ask).ok().map(|ask| ask.slots);
            assert_eq!(read, slots, "{text}");
        }
    }
}

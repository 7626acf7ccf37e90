//! The little of CBOR (RFC 8949) that authenticators write: numbers, texts, bytes, lists and maps of a known
//! length. Whoever sends it may be anybody, so its depth and its number of items are bounded.

use super::BadPasskey;

/// How deep things may stand in one another.
const DEEPEST: u8 = 6;

/// How many entries a list or a map may have.
const MOST: u64 = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Number(i64),
    Bytes(&'b [u8]),
    Text(&'b str),
    List(Vec<Value<'b>>),
    Map(Vec<(Value<'b>, Value<'b>)>),
    Simple(u64),
}

impl<'b> Value<'b> {
    /// One value, and what stands after it.
    pub(super) fn read(bytes: &'b [u8]) -> Result<(Self, &'b [u8]), BadPasskey> {
        let mut reader = Reader { rest: bytes };
        let value = reader.value(DEEPEST)?;
        Ok((value, reader.rest))
    }

    /// One value, with nothing after it.
    pub(super) fn read_whole(bytes: &'b [u8]) -> Result<Self, BadPasskey> {
        match Self::read(bytes)? {
            (value, []) => Ok(value),
            _ => Err(BadPasskey::Unreadable),
        }
    }

    /// What a map has under a name.
    pub(super) fn get(&self, name: &Value<'_>) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&'b [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn value(&mut self, depth: u8) -> Result<Value<'b>, BadPasskey> {
        let wrong = BadPasskey::Unreadable;
        let deeper = depth.checked_sub(1).ok_or(wrong)?;
        let first = self.take(1)?[0];
        let argument = self.argument(first & 0x1f)?;
        match first >> 5 {
            0 => i64::try_from(argument)
                .map(Value::Number)
                .map_err(|_| wrong),
            1 => {
                let number = i64::try_from(argument).map_err(|_| wrong)?;
                Ok(Value::Number(-1 - number))
            }
            2 => Ok(Value::Bytes(self.take(argument)?)),
            3 => {
                let text = std::str::from_utf8(self.take(argument)?);
                text.map(Value::Text).map_err(|_| wrong)
            }
            4 if argument <= MOST => {
                let items = (0..argument).map(|_| self.value(deeper));
                items.collect::<Result<_, _>>().map(Value::List)
            }
            5 if argument <= MOST => {
                let mut pairs: Vec<(Value<'b>, Value<'b>)> = Vec::new();
                for _ in 0..argument {
                    let name = self.value(deeper)?;
                    // Of two values under one name, different readers take different ones.
                    if pairs.iter().any(|(known, _)| *known == name) {
                        return Err(wrong);
                    }
                    pairs.push((name, self.value(deeper)?));
                }
                Ok(Value::Map(pairs))
            }
            7 if first & 0x1f <= 24 => Ok(Value::Simple(argument)),
            _ => Err(wrong),
        }
    }

    fn argument(&mut self, short: u8) -> Result<u64, BadPasskey> {
        let size = match short {
            0..=23 => return Ok(u64::from(short)),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            // Lengths that are not known before are none of ours.
            _ => return Err(BadPasskey::Unreadable),
        };
        let bytes = self.take(size)?;
        Ok(bytes
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
    }

    fn take(&mut self, size: u64) -> Result<&'b [u8], BadPasskey> {
        let size = usize::try_from(size).map_err(|_| BadPasskey::Unreadable)?;
        let taken = self.rest.split_at_checked(size);
        let (taken, rest) = taken.ok_or(BadPasskey::Unreadable)?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_what_is_hostile_is_not() {
        let deep = [0x81; 40];
        let good: [(&[u8], Value<'_>); 6] = [
            (&[0x18, 0x2a], Value::Number(42)),
            (&[0x26], Value::Number(-7)),
            (&[0x39, 0x01, 0x00], Value::Number(-257)),
            (&[0x42, 1, 2], Value::Bytes(&[1, 2])),
            (
                &[0x82, 0x01, 0xf5],
                Value::List(vec![Value::Number(1), Value::Simple(21)]),
            ),
            (
                &[0xa1, 0x61, b'a', 0x00],
                Value::Map(vec![(Value::Text("a"), Value::Number(0))]),
            ),
        ];
        for (bytes, wanted) in good {
            assert_eq!(Value::read_whole(bytes), Ok(wanted), "{bytes:?}");
        }
        let bad: [&[u8]; 12] = [
            &[],
            &[0x18],
            &[0x42, 1],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x5f, 0x41, 1, 0xff],
            &[0x9f, 0xff],
            &[0xc0, 0x00],
            &[0x61, 0xff],
            &[0xa2, 0x01, 0x00, 0x01, 0x00],
            &[0x00, 0x00],
        ];
        for bytes in bad {
            assert!(Value::read_whole(bytes).is_err(), "{bytes:?}");
        }
        assert!(Value::read_whole(&deep).is_err());
    }
}

//! Addresses as somebody chose them: what stands behind the question mark, read and written.

use std::convert::Infallible;
use std::fmt::{self, Write as _};

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

/// Longer values are no choice of anybody, and more of them neither.
const LONGEST: usize = 200;
const MOST: usize = 50;

/// What somebody chose; anything that cannot be read is nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Chosen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
        let could_be = |(name, value): &(String, String)| {
            name.len() <= LONGEST && value.len() <= LONGEST && !value.contains('\0')
        };
        Ok(Self(
            pairs.into_iter().filter(could_be).take(MOST).collect(),
        ))
    }
}

impl Chosen {
    #[cfg(test)]
    pub(super) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The value of a name, if there is one.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        let value = self.get(name);
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// All values of a name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| known == name);
        values
            .map(|(_, value)| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The value of a name as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }
}

/// An address that is put together. Displays with everything encoded, whatever it is.
#[derive(Debug, Clone)]
pub(super) struct Address {
    path: String,
    pairs: Vec<(&'static str, String)>,
}

impl Address {
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            pairs: Vec::new(),
        }
    }

    /// The same with what was chosen under these names.
    pub(super) fn keeping(mut self, chosen: &Chosen, names: &[&'static str]) -> Self {
        for name in names {
            for value in chosen.all(name) {
                self.pairs.push((name, value));
            }
        }
        self
    }

    pub(super) fn with(&self, name: &'static str, value: impl fmt::Display) -> Self {
        let mut with = self.clone();
        with.pairs.push((name, value.to_string()));
        with
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (index, (name, value)) in self.pairs.iter().enumerate() {
            f.write_char(if index == 0 { '?' } else { '&' })?;
            write!(f, "{name}=")?;
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    f.write_char(char::from(byte))?;
                } else {
                    write!(f, "%{byte:02X}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_chosen_stays_one_value() {
        let address = Address::new("/event-log/")
            .with("q", "a&b=c \"é#")
            .with("sort", "-number");
        assert_eq!(
            address.to_string(),
            "/event-log/?q=a%26b%3Dc%20%22%C3%A9%23&sort=-number"
        );
    }
}

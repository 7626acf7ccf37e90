//! Where somebody goes on to after they have signed in.

use serde::Deserialize;

/// Longer ones are none of ours.
const LONGEST: usize = 500;

/// The address that leads to signing in and back to a path.
const SIGN_IN: &str = "/sign-in/?next=";

/// A path of this site, whatever was sent: an address of another site would make of ours a door to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Next(String);

impl Next {
    /// The path that a text is; the first page where it is none.
    pub(crate) fn of(text: &str) -> Self {
        let mut bytes = text.bytes();
        // Browsers take `//host` and `/\host` for other hosts, and leave out control characters.
        let is_path = bytes.next() == Some(b'/')
            && !matches!(bytes.next(), Some(b'/' | b'\\'))
            && text.len() <= LONGEST
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        Self(if is_path {
            text.to_owned()
        } else {
            String::new()
        })
    }

    pub(crate) fn path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// Where signing in begins that leads back here.
    pub(crate) fn after_sign_in(&self) -> String {
        format!("{SIGN_IN}{}", encoded(self.path()))
    }
}

impl<'de> Deserialize<'de> for Next {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

/// A text as it may stand in the query of an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(encoded_byte).collect()
}

fn encoded_byte(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_on_to() {
        let long = format!("/{}", "a".repeat(500));
        let cases = [
            ("/settings/", "/settings/"),
            (
                "/event-log/?status=failed&before=3",
                "/event-log/?status=failed&before=3",
            ),
            ("/a//b", "/a//b"),
            ("", "/"),
            ("settings/", "/"),
            ("//evil.example", "/"),
            ("///evil.example", "/"),
            ("/\\evil.example", "/"),
            ("\\\\evil.example", "/"),
            ("/a\\b", "/"),
            ("https://evil.example", "/"),
            ("https:evil.example", "/"),
            ("javascript:alert(1)", "/"),
            (" /settings/", "/"),
            ("/\t/evil.example", "/"),
            ("/\n/evil.example", "/"),
            ("/a\r\nSet-Cookie: a=b", "/"),
            ("/\u{0}", "/"),
            ("/é", "/"),
            (&long, "/"),
        ];
        for (text, wanted) in cases {
            assert_eq!(Next::of(text).path(), wanted, "{text:?}");
        }
        let back = Next::of("/a/?b=c&d").after_sign_in();
        assert_eq!(back, "/sign-in/?next=%2Fa%2F%3Fb%3Dc%26d");
    }
}

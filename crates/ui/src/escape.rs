//! Text made safe to stand in markup.

use std::fmt::Write as _;

/// Text as it stands in an element or in a quoted attribute.
///
/// Characters that XML cannot hold, or that change the order in which a line is read, become U+FFFD: a
/// name must not be able to look like another one.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' | '\'' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\t' | '\n' => escaped.push(c),
            c if c.is_control() || is_reordering(c) => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text whose characters all show, for whoever escapes it afterwards: what acts, or changes the order in
/// which a line is read, becomes U+FFFD.
pub fn plain(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' => c,
        c if c.is_control() || is_reordering(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

fn is_reordering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_and_nothing_reorders() {
        let cases = [
            (
                "a < b & \"c\" 'd'",
                "a &lt; b &amp; &#34;c&#34; &#39;d&#39;",
            ),
            ("é\t\n", "é\t\n"),
            ("\u{0}\u{1b}\u{202e}x", "\u{fffd}\u{fffd}\u{fffd}x"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
    }
}

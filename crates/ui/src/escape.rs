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

/// Text of which every character shows, as it stands in an element: what acts, reorders a line or takes no
/// room stands there by its number. For code, where such a character can be what matters.
pub fn revealed(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' | '\'' => {
                // Writing to a string cannot fail.
                let _ = write!(html, "&#{};", u32::from(c));
            }
            '\t' => html.push(c),
            c if c.is_control() || is_reordering(c) || is_unseen(c) => {
                let _ = write!(html, r#"<b class="unseen">U+{:04X}</b>"#, u32::from(c));
            }
            c => html.push(c),
        }
    }
    html
}

fn is_reordering(c: char) -> bool {
    matches!(
        c,
        '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2028}'..='\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e01ef}'
    )
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

    #[test]
    fn what_cannot_be_seen_is_named() {
        let cases = [
            ("a < b & \"c\"", "a &lt; b &amp; &#34;c&#34;"),
            ("é\tx", "é\tx"),
            (
                "is_\u{202e}admin\u{200b}\r",
                "is_<b class=\"unseen\">U+202E</b>admin<b class=\"unseen\">U+200B</b><b class=\"unseen\">U+000D</b>",
            ),
            ("\u{1b}[2K", "<b class=\"unseen\">U+001B</b>[2K"),
        ];
        for (text, expected) in cases {
            assert_eq!(revealed(text), expected);
        }
    }
}

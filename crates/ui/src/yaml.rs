//! A `project.yaml` as it is read: lines with addresses, keys and comments set apart, scripts linked.

use std::fmt::Write as _;

use crate::escape;

/// Where a word of a command leads, if it names a file of the code.
pub type LinkFor<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text in YAML as an ordered list of lines; line 3 has the address `#L3`.
///
/// Only the look is read from the text, line by line, and nothing depends on it: what cannot be told
/// apart this way (a `#` in a text of several lines) is shown as it stands. Words of `run` lines are
/// offered to `link_for`. Keys are `<i>`, and items have no end, as hundreds of lines stand in a page.
pub fn highlighted(text: &str, link_for: LinkFor<'_>) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    html.push_str(r#"<ol class="code">"#);
    for (number, line) in (1..).zip(text.lines()) {
        // Writing to a string cannot fail.
        let _ = write!(html, r#"<li id="L{number}"><code>"#);
        line_into(&mut html, line, link_for);
        html.push_str("</code>");
    }
    html.push_str("</ol>");
    html
}

fn line_into(html: &mut String, line: &str, link_for: LinkFor<'_>) {
    let (code, comment) = split_comment(line);
    let indent = code.len() - code.trim_start_matches([' ', '-']).len();
    html.push_str(&escape(&code[..indent]));
    let rest = &code[indent..];
    match split_key(rest) {
        Some((key, value)) => {
            let _ = write!(html, "<i>{}</i>:", escape(key));
            if key.trim_matches(['"', '\'']) == "run" {
                words_into(html, value, link_for);
            } else {
                html.push_str(&escape(value));
            }
        }
        None => html.push_str(&escape(rest)),
    }
    if !comment.is_empty() {
        let _ = write!(html, r#"<span class="comment">{}</span>"#, escape(comment));
    }
}

fn words_into(html: &mut String, value: &str, link_for: LinkFor<'_>) {
    for (index, word) in value.split(' ').enumerate() {
        if index > 0 {
            html.push(' ');
        }
        match link_for(word) {
            Some(href) => {
                let _ = write!(html, r#"<a href="{}">{}</a>"#, escape(&href), escape(word));
            }
            None => html.push_str(&escape(word)),
        }
    }
}

/// The line up to its comment, and the comment: a `#` at the beginning or after a space, outside quotes.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '#') if before == ' ' || before == '\t' => return line.split_at(at),
            _ => {}
        }
        before = c;
    }
    (line, "")
}

/// A key and what follows its colon.
fn split_key(text: &str) -> Option<(&str, &str)> {
    let at = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|&at| text[at + 1..].is_empty() || text[at + 1..].starts_with(' '))?;
    let key = &text[..at];
    let is_plain = !key.is_empty() && !key.contains(['{', '[', ',', '#']);
    is_plain.then(|| (key, &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(word: &str) -> Option<String> {
        word.contains("a/")
            .then(|| format!("https://forge.example/{word}"))
    }

    #[test]
    fn keys_comments_and_scripts_are_set_apart() {
        let text = "version: '3.0' # old\n\nactions:\n  match:\n    run: python:latest python a/m.py \"x # y\"\n    needs: [a, b]\n    - item: <b>\n# all\nurl: a:b#c";
        insta::assert_snapshot!(highlighted(text, &link).replace("<li", "\n<li"));
    }

    fn without_tags(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    proptest! {
        #[test]
        fn every_character_is_shown_once_and_none_is_markup(
            lines in proptest::collection::vec("[ -~é]{0,40}", 0..8)
        ) {
            let html = highlighted(&lines.join("\n"), &link);
            prop_assert_eq!(without_tags(&html), lines.concat());
            prop_assert!(!html.contains("<b>"));
        }
    }
}

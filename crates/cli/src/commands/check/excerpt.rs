//! The lines of the source that a problem speaks of, safe to print on a terminal.

use std::ops::Range;

use glovebox_pipeline::Location;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::super::visible::is_unsafe;

/// How long a line may be to be shown: files written on one line are not for reading.
const MAX_LINE: usize = 400;

/// A few lines around a place. The handler that draws them would otherwise walk through the whole
/// file for every problem.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// The number of lines of the file before the excerpt.
    lines_before: usize,
    /// What is meant, in `text`.
    pub(super) marked: Range<usize>,
}

impl Excerpt {
    /// The line of a place with one line before and after; nothing if the line is too long.
    pub(super) fn around(location: &Location, name: &str, text: &str) -> Option<Self> {
        let at = location.span.start;
        let (before, after) = text.split_at_checked(at)?;
        let mut start = line_start(before)?;
        let mut end = at + line_length(after)?;
        let mut lines_before = location.line.checked_sub(1)?;
        if let Some(above) = start
            .checked_sub(1)
            .and_then(|end| line_start(&text[..end]))
        {
            start = above;
            lines_before = lines_before.checked_sub(1)?;
        }
        let below = text.get(end + 1..).unwrap_or_default();
        if let Some(length) = line_length(below).filter(|&length| length > 0) {
            end += 1 + length;
        }
        let excerpt = text.get(start..end)?;
        if excerpt
            .replace("\r\n", "\n")
            .trim_end_matches('\r')
            .contains('\r')
        {
            // Lines that end as they did on the first Macintosh would be drawn as one.
            return None;
        }
        let marked = at - start..location.span.end.clamp(at, end) - start;
        Some(Self {
            name: name.to_owned(),
            text: same_length(excerpt),
            lines_before,
            marked,
        })
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self
            .text
            .read_span(span, context_lines_before, context_lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.lines_before,
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// Where the last line of a text begins, unless it is too long.
fn line_start(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .rev()
        .take(MAX_LINE + 1)
        .take_while(|&byte| byte != b'\n')
        .count();
    (length <= MAX_LINE).then(|| text.len() - length)
}

/// How long the first line of a text is, unless it is too long.
fn line_length(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .take(MAX_LINE + 1)
        .take_while(|&byte| byte != b'\n')
        .count();
    (length <= MAX_LINE).then_some(length)
}

/// A text without characters that act instead of showing, each replaced by one of as many bytes, so
/// that spans stay true.
fn same_length(text: &str) -> String {
    text.chars()
        .map(|c| match (c, c.len_utf8()) {
            ('\n' | '\t', _) => c,
            ('\r', _) => ' ',
            _ if !is_unsafe(c) => c,
            (_, 1) => '?',
            (_, 2) => '¿',
            _ => char::REPLACEMENT_CHARACTER,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> Location {
        let start = text.find(needle).unwrap();
        Location {
            line: text[..start].matches('\n').count() + 1,
            column: 1,
            span: start..start + needle.len(),
        }
    }

    #[test]
    fn an_excerpt_is_the_line_with_its_neighbours() {
        // (text, needle, excerpt, lines before)
        let cases = [
            ("a\nb\nc\nd\n", "c", "b\nc\nd", 1),
            ("a\nb\n", "a", "a\nb", 0),
            ("a", "a", "a", 0),
            ("a\r\nb\r\nc", "b", "a \nb \nc", 0),
            ("a\n\nb\n\nc", "b", "\nb", 1),
            ("x\u{1b}[2J y\u{202e}z", "y", "x?[2J y\u{fffd}z", 0),
        ];
        for (text, needle, expected, lines_before) in cases {
            let excerpt = Excerpt::around(&at(text, needle), "f", text).unwrap();
            assert_eq!(
                (excerpt.text.as_str(), excerpt.lines_before),
                (expected, lines_before)
            );
            assert_eq!(&excerpt.text[excerpt.marked], needle);
        }
    }

    #[test]
    fn long_lines_are_not_shown() {
        let text = format!("{}y", "x".repeat(10_000));
        assert!(Excerpt::around(&at(&text, "y"), "f", &text).is_none());
    }

    #[test]
    fn places_outside_the_text_have_no_excerpt() {
        assert!(Excerpt::around(&at("a\rb\rc", "b"), "f", "a\rb\rc").is_none());
        let location = Location {
            line: 1,
            column: 1,
            span: 9..9,
        };
        assert!(Excerpt::around(&location, "f", "x").is_none());
    }
}

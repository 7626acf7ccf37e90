//! Where in the text something stands.

use std::ops::Range;

use crate::yaml::Regular;

/// A place in a project file, as people and as programs count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// Line, counted from 1. Lines end with `\n`, `\r\n` or `\r`.
    pub line: usize,
    /// Column, counted from 1, in characters.
    pub column: usize,
    /// The bytes of the text that are meant, for showing them; may be empty.
    pub span: Range<usize>,
}

/// A range of bytes in the text. Half the size of `Range<usize>`: every node holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// Turns counts of characters into counts of bytes and back, for one text.
struct CharIndex<'b> {
    text: &'b str,
    /// Byte offsets of every [`STRIDE`]th character; empty when every character is one byte.
    landmarks: Vec<u32>,
}

const STRIDE: usize = 64;
const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'b> CharIndex<'b> {
    fn new(text: &'b str) -> Self {
        let landmarks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STRIDE)
                .map(|(index, _)| narrow(index))
                .collect()
        };
        Self { text, landmarks }
    }

    fn byte_of_char(&self, index: usize) -> usize {
        if self.landmarks.is_empty() {
            return index.min(self.text.len());
        }
        let landmark = self
            .landmarks
            .get(index / STRIDE)
            .map_or(self.text.len(), |&byte| byte as usize);
        self.text[landmark..]
            .char_indices()
            .nth(index % STRIDE)
            .map_or(self.text.len(), |(byte, _)| landmark + byte)
    }

    /// `byte` must be the boundary of a character.
    fn char_of_byte(&self, byte: usize) -> usize {
        if self.landmarks.is_empty() {
            return byte;
        }
        let after = self
            .landmarks
            .partition_point(|&landmark| landmark as usize <= byte);
        let index = after.saturating_sub(1);
        let landmark = self.landmarks.get(index).map_or(0, |&byte| byte as usize);
        index * STRIDE + self.text[landmark..byte].chars().count()
    }
}

/// What is parsed: the text, or its regular form, with the way back to the text.
pub(crate) struct Body<'b> {
    chars: CharIndex<'b>,
    prefix: usize,
    regular: Option<&'b Regular>,
}

impl<'b> Body<'b> {
    pub(crate) fn text(&self) -> &'b str {
        self.chars.text
    }

    /// The byte offset in the text of a character of the body.
    pub(crate) fn place_of_char(&self, index: usize) -> u32 {
        let byte = self.chars.byte_of_char(index);
        let original = self.regular.map_or(byte, |regular| regular.original(byte));
        narrow(self.prefix + original)
    }
}

/// The text as it is, with what is needed to tell lines and columns.
pub(crate) struct Source<'t> {
    text: &'t str,
    /// Bytes of the byte order mark, which is no part of the document.
    prefix: usize,
    line_starts: Vec<u32>,
    chars: CharIndex<'t>,
}

impl<'t> Source<'t> {
    /// `text` must be shorter than 4 GiB; longer texts are refused before they come here.
    pub(crate) fn new(text: &'t str) -> Self {
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let prefix = text.len() - body.len();

        let mut line_starts = vec![narrow(prefix)];
        let bytes = text.as_bytes();
        for (index, byte) in bytes.iter().enumerate().skip(prefix) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                line_starts.push(narrow(index + 1));
            }
        }

        Self {
            text,
            prefix,
            line_starts,
            chars: CharIndex::new(body),
        }
    }

    /// The document, without its byte order mark.
    pub(crate) fn body(&self) -> &'t str {
        &self.text[self.prefix..]
    }

    /// The document, to be parsed as it is.
    pub(crate) fn as_written(&self) -> Body<'t> {
        Body {
            chars: CharIndex::new(self.body()),
            prefix: self.prefix,
            regular: None,
        }
    }

    /// The document, to be parsed in its regular form.
    pub(crate) fn regular<'b>(&self, regular: &'b Regular) -> Body<'b> {
        Body {
            chars: CharIndex::new(&regular.text),
            prefix: self.prefix,
            regular: Some(regular),
        }
    }

    /// A range of bytes of [`Self::body`], as a range of the text.
    pub(crate) fn span_in_body(&self, range: Range<usize>) -> Span {
        Span {
            start: narrow(self.prefix + range.start),
            end: narrow(self.prefix + range.end),
        }
    }

    /// Where the document begins.
    pub(crate) fn beginning(&self) -> Span {
        self.span_in_body(0..0)
    }

    /// The place of a span, cut at the end of its first line: a report points, it does not recite.
    pub(crate) fn locate(&self, span: Span) -> Location {
        let mut start = (span.start as usize).clamp(self.prefix, self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line = self
            .line_starts
            .partition_point(|&line_start| line_start as usize <= start);
        let line_start = line
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index))
            .map_or(self.prefix, |&line_start| line_start as usize);
        let line_end = self
            .line_starts
            .get(line)
            .map_or(self.text.len(), |&next| next as usize);

        let mut end = (span.end as usize).clamp(start, line_end.max(start));
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let shown = self.text[start..end].trim_end();
        Location {
            line: line.max(1),
            column: self.chars.char_of_byte(start - self.prefix)
                - self.chars.char_of_byte(line_start - self.prefix)
                + 1,
            span: start..start + shown.len(),
        }
    }
}

/// Offsets fit: the length of the text was checked against [`crate::MAX_BYTES`] first.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        // (text, byte offset, line, column)
        let cases = [
            ("abc", 0, 1, 1),
            ("abc", 3, 1, 4),
            ("a\nb", 2, 2, 1),
            ("a\r\nb", 3, 2, 1),
            ("a\rb", 2, 2, 1),
            ("é\nàb", 5, 2, 2),
            ("\u{feff}ab", 4, 1, 2),
            ("", 0, 1, 1),
        ];
        for (text, byte, line, column) in cases {
            let at = Source::new(text).locate(Span {
                start: byte,
                end: byte,
            });
            assert_eq!((at.line, at.column), (line, column), "{text:?} at {byte}");
        }
    }

    #[test]
    fn characters_become_bytes_on_both_sides_of_every_landmark() {
        let text = format!("\u{feff}{}", "aé€😀".repeat(40));
        let source = Source::new(&text);
        for (index, (byte, _)) in source.body().char_indices().enumerate() {
            assert_eq!(source.as_written().place_of_char(index) as usize, byte + 3);
            assert_eq!(source.chars.char_of_byte(byte), index);
        }
        let beyond = source.as_written().place_of_char(1_000_000);
        assert_eq!(beyond as usize, text.len());
    }

    #[test]
    fn a_span_is_cut_at_its_line_and_at_characters() {
        let source = Source::new("ab  \ncd é");
        assert_eq!(source.locate(Span { start: 0, end: 9 }).span, 0..2);
        assert_eq!(source.locate(Span { start: 9, end: 9 }).span, 8..8);
        assert_eq!(source.locate(Span { start: 90, end: 99 }).span, 10..10);
    }
}

//! Layout that other parsers put up with, made regular.
//!
//! YAML wants every line of a list in brackets, a map in braces or a quoted text to be indented
//! further than the block it stands in, and our parser insists. The one behind the OpenSAFELY
//! library does not, and public studies contain
//!
//! ```yaml
//! needs: [first,
//! second]
//! ```
//!
//! There, leading spaces mean nothing, so adding some changes nothing but the verdict. The same
//! goes for tabs after the colon of a key, which become spaces. This runs only on texts that
//! failed to parse, and what it makes of them is parsed again by the parser that failed, so it
//! may recognise too little, and never decides anything.

/// A text with regular layout, and what was added where.
pub(crate) struct Regular {
    pub(crate) text: String,
    /// Byte offset in `text` behind each insertion, and the bytes inserted up to there.
    pub(crate) insertions: Vec<(usize, usize)>,
}

/// How far a line may be moved. What begins further right is no layout by hand.
const MAX_INDENT: usize = 400;

/// How many spaces are added to a text in all: its length, within these bounds. Layout by hand needs
/// a few for each line, while short lines in a deep bracket could swell a text a hundredfold.
const INSERTED: (usize, usize) = (64 << 10, 1 << 20);

/// The regular form, if it is another, and not much longer.
pub(crate) fn regularise(text: &str) -> Option<Regular> {
    let mut scan = Scan::default();
    let mut regular = Regular {
        text: String::with_capacity(text.len() + text.len() / 8),
        insertions: Vec::new(),
    };
    let most = text.len().clamp(INSERTED.0, INSERTED.1);
    let mut inserted = 0;
    for line in text.split_inclusive('\n') {
        let wanted = scan.wanted_indent(line);
        let missing = wanted.saturating_sub(leading_spaces(line));
        if missing > 0 {
            if inserted + missing > most {
                return None;
            }
            regular.text.extend(std::iter::repeat_n(' ', missing));
            inserted += missing;
            regular.insertions.push((regular.text.len(), inserted));
        }
        scan.line(line, &mut regular.text);
    }
    (regular.text != text).then_some(regular)
}

impl Regular {
    /// The offset in the original text of an offset in the regular one.
    pub(crate) fn original(&self, offset: usize) -> usize {
        let after = self.insertions.partition_point(|&(end, _)| end <= offset);
        let inserted = after
            .checked_sub(1)
            .and_then(|index| self.insertions.get(index))
            .map_or(0, |&(_, inserted)| inserted);
        offset - inserted
    }
}

/// Where in the structure a line begins.
#[derive(Default)]
struct Scan {
    /// Brackets and braces that stand open.
    brackets: usize,
    /// The quote that stands open.
    quote: Option<char>,
    /// The column, in bytes, behind the outermost open bracket or quote: further in than any block.
    inside: usize,
    /// The indent that the lines of a block scalar exceed.
    block_scalar: Option<usize>,
}

impl Scan {
    fn wanted_indent(&self, line: &str) -> usize {
        let open = self.brackets > 0 || self.quote.is_some();
        let content = line.trim_start_matches(' ');
        let blank = content.trim_end().is_empty();
        // A tab as indentation is an error for everybody.
        if open && !blank && !content.starts_with('\t') && self.inside <= MAX_INDENT {
            self.inside
        } else {
            0
        }
    }

    /// Copies a line, and follows what it opens and closes.
    fn line(&mut self, line: &str, out: &mut String) {
        if let Some(parent) = self.block_scalar {
            if line.trim().is_empty() || leading_spaces(line) > parent {
                out.push_str(line);
                return;
            }
            self.block_scalar = None;
        }
        let mut chars = line.char_indices().peekable();
        // Whether a token may begin here, and how far in the first one of the line stood.
        let mut begins = true;
        let mut first = None;
        let mut previous = ' ';
        while let Some((column, c)) = chars.next() {
            out.push(c);
            if let Some(quote) = self.quote {
                if c == '\\' && quote == '"' {
                    out.extend(chars.next().map(|(_, escaped)| escaped));
                } else if c == quote {
                    match chars.next_if(|&(_, next)| quote == '\'' && next == '\'') {
                        Some((_, doubled)) => out.push(doubled),
                        None => self.quote = None,
                    }
                    begins = false;
                    previous = c;
                }
                continue;
            }
            let next = chars.peek().map_or('\n', |&(_, next)| next);
            match c {
                ' ' | '\t' | '\r' | '\n' => {}
                '#' if previous.is_whitespace() => {
                    out.extend(chars.by_ref().map(|(_, c)| c));
                }
                '"' | '\'' if begins => {
                    if self.brackets == 0 {
                        self.inside = column + 1;
                    }
                    self.quote = Some(c);
                }
                '[' | '{' if begins || self.brackets > 0 => {
                    if self.brackets == 0 {
                        self.inside = column + 1;
                    }
                    self.brackets += 1;
                    begins = true;
                }
                ']' | '}' if self.brackets > 0 => {
                    self.brackets -= 1;
                    begins = false;
                }
                ',' if self.brackets > 0 => begins = true,
                ':' if next.is_whitespace() => {
                    begins = true;
                    while chars.next_if(|&(_, next)| next == '\t').is_some() {
                        out.push(' ');
                    }
                }
                '-' | '?' if begins && next.is_whitespace() => {}
                '&' | '!' if begins => {
                    while let Some((_, c)) = chars.next_if(|(_, next)| !next.is_whitespace()) {
                        out.push(c);
                    }
                }
                '|' | '>' if begins && self.brackets == 0 && is_header(&line[column + 1..]) => {
                    self.block_scalar = Some(first.unwrap_or(column));
                    out.extend(chars.by_ref().map(|(_, c)| c));
                }
                _ => {
                    begins = false;
                    first = first.or(Some(column));
                }
            }
            previous = c;
        }
    }
}

fn leading_spaces(line: &str) -> usize {
    line.bytes().take_while(|&byte| byte == b' ').count()
}

/// Whether what follows `|` or `>` makes it the header of a block scalar.
fn is_header(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    rest.trim().is_empty() || (rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_irregular_layout_is_changed() {
        // (text, regular form; nothing where it is regular)
        let cases = [
            ("a: [b,\n c]\n", Some("a: [b,\n    c]\n")),
            ("a: [b,\nc]\nd: e\n", Some("a: [b,\n    c]\nd: e\n")),
            ("a: {\n}\n", Some("a: {\n    }\n")),
            ("a: 'b\nc'\n", Some("a: 'b\n    c'\n")),
            ("a: 'it''s\nc'\n", Some("a: 'it''s\n    c'\n")),
            ("a: \"\\\"\nc\"\n", Some("a: \"\\\"\n    c\"\n")),
            ("a:\t\tb\n", Some("a:  b\n")),
            ("a: [b, # ]\nc]\n", Some("a: [b, # ]\n    c]\n")),
            ("a: [\n\nb]\n", Some("a: [\n\n    b]\n")),
            ("a: &x !y [b,\nc]", Some("a: &x !y [b,\n          c]")),
            ("a: b [c\nd: e\n", None),
            ("a: it's\nd: e\n", None),
            ("a: # [\nd: e\n", None),
            ("a: |\n  [\n  '\n  b:\tc\nd: e\n", None),
            ("- a: |\n    [\n  b: c\n", None),
            ("a: >-  # x\n  [\nd: e\n", None),
            ("a: [b,\n    c]\n", None),
            ("a: [b,\n\tc]\n", None),
            ("a: 'b:\tc'\n", None),
            ("a: b\tc\n", None),
        ];
        for (text, expected) in cases {
            let regular = regularise(text).map(|regular| regular.text);
            assert_eq!(regular.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn places_are_found_back() {
        let text = "a: [b,\nc,\nd]\ne: f\n";
        let regular = regularise(text).unwrap();
        for needle in ["a", "b", "c", "d", "e", "f"] {
            let place = regular.text.find(needle).unwrap();
            assert_eq!(Some(regular.original(place)), text.find(needle), "{needle}");
        }
    }
}

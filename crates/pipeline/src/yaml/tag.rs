//! Tags: what a node says of its own type.

/// What a tag says about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// None, or `!`: the content decides.
    Absent,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
    Map,
    Seq,
    /// A tag of YAML's own that makes something else of a node: `!!set`, `!!binary` ….
    Foreign,
    /// A tag of somebody's application.
    Custom,
}

/// The longest directive that is read, in bytes. A `%TAG` gives a prefix a short name, and the
/// parser writes the prefix out wherever the name is used, so a long one costs its length each time.
pub(super) const MAX_DIRECTIVE: usize = 1 << 10;

impl Tag {
    pub(super) fn read(tag: &saphyr_parser::Tag) -> Self {
        const CORE: &str = "tag:yaml.org,2002:";
        // A directive may cut the address anywhere, so only the whole says what is meant.
        let full = format!("{}{}", tag.handle, tag.suffix);
        if full == "!" {
            return Self::Absent;
        }
        match full.strip_prefix(CORE) {
            Some("str") => Self::Str,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("map") => Self::Map,
            Some("seq") => Self::Seq,
            Some("binary" | "set" | "omap" | "pairs") => Self::Foreign,
            _ => Self::Custom,
        }
    }
}

/// The byte at which a directive begins that is too long to be read.
///
/// Directives stand before the `---` of their document; without one, a line that begins with `%` is
/// either text or an error.
pub(super) fn long_directive(text: &str) -> Option<usize> {
    let begins_line = |&at: &usize| text[..at].is_empty() || text[..at].ends_with(['\n', '\r']);
    let length = |at: usize| text[at..].find(['\n', '\r']).unwrap_or(text.len() - at);
    // Nearly no file has such a sign, so looking for it first costs nothing.
    let directive = text
        .match_indices('%')
        .map(|(at, _)| at)
        .filter(begins_line)
        .find(|&at| length(at) > MAX_DIRECTIVE)?;
    let document = text
        .match_indices("---")
        .map(|(at, _)| at)
        .find(begins_line)?;
    (directive < document).then_some(directive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_directives_are_found_where_directives_stand() {
        let long = format!("%TAG !e! tag:{}\n", "x".repeat(MAX_DIRECTIVE));
        let cases = [
            (format!("{long}---\na: b\n"), Some(0)),
            (format!("# c\r%YAML 1.2\n{long}---\n"), Some(14)),
            (format!("%TAG !e! tag:x\n{long}{long}--- a\n"), Some(15)),
            (format!("a: 'b\n{long}'\n"), None),
            (format!("---\na: |\n{long}"), None),
            (format!(" {long}---\n"), None),
            ("%TAG !e! tag:x\n---\n".to_owned(), None),
            (String::new(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(long_directive(&text), expected, "{text:?}");
        }
    }
}

//! Splitting a command into words as a POSIX shell does, without expanding anything.

/// Why a command cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// This quote is opened and never closed.
    #[error("a {0} is opened and never closed")]
    UnbalancedQuote(char),
    /// The text ends after a backslash.
    #[error("the text ends with a backslash that escapes nothing")]
    TrailingBackslash,
}

/// Splits at spaces, tabs and line ends; `'…'` keeps everything, `"…"` everything but `\"` and
/// `\\`, and a backslash keeps the character after it. The same as `shlex.split` of Python's
/// standard library: `#` begins no comment, and `$`, `*`, `|` and `>` stand for themselves.
pub fn split_words(text: &str) -> Result<Vec<String>, SplitError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => {
                let escaped = chars.next().ok_or(SplitError::TrailingBackslash)?;
                word.get_or_insert_default().push(escaped);
            }
            '\'' | '"' => quoted(c, &mut chars, word.get_or_insert_default())?,
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing quote.
fn quoted(
    quote: char,
    chars: &mut std::str::Chars<'_>,
    word: &mut String,
) -> Result<(), SplitError> {
    loop {
        let c = chars.next().ok_or(SplitError::UnbalancedQuote(quote))?;
        if c == quote {
            return Ok(());
        }
        if c == '\\' && quote == '"' {
            let escaped = chars.next().ok_or(SplitError::TrailingBackslash)?;
            if escaped != '"' && escaped != '\\' {
                word.push('\\');
            }
            word.push(escaped);
        } else {
            word.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_python() {
        // Expected values were computed with `shlex.split` of Python 3.11.
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \t\r\n", &[]),
            ("a b", &["a", "b"]),
            ("  a   b  ", &["a", "b"]),
            ("''", &[""]),
            ("'' \"\"", &["", ""]),
            ("a''b", &["ab"]),
            ("'a b'c", &["a bc"]),
            ("\"a 'b' c\"", &["a 'b' c"]),
            (r#"'a "b" c'"#, &[r#"a "b" c"#]),
            (r"a\ b", &["a b"]),
            (r"\'", &["'"]),
            (r"'\'", &[r"\"]),
            (r#""\"""#, &["\""]),
            (r#""\\""#, &[r"\"]),
            (r#""\n\$""#, &[r"\n\$"]),
            (r"\n", &["n"]),
            ("a\\\nb", &["a\nb"]),
            ("a # b", &["a", "#", "b"]),
            (
                "$HOME ~ *.csv `x` $(y)",
                &["$HOME", "~", "*.csv", "`x`", "$(y)"],
            ),
            ("a&&b|c>d;e", &["a&&b|c>d;e"]),
            ("a\u{a0}b\u{b}c", &["a\u{a0}b\u{b}c"]),
            ("é 😀", &["é", "😀"]),
            (
                r#"--config '{"a": "b c"}'"#,
                &["--config", r#"{"a": "b c"}"#],
            ),
        ];
        for (text, words) in cases {
            assert_eq!(
                split_words(text).as_deref(),
                Ok(*words)
                    .map(|w| w.iter().map(ToString::to_string).collect::<Vec<_>>())
                    .as_deref(),
                "{text:?}"
            );
        }
        let faults = [
            ("'", SplitError::UnbalancedQuote('\'')),
            ("a \"b", SplitError::UnbalancedQuote('"')),
            ("a 'b\"", SplitError::UnbalancedQuote('\'')),
            ("\\", SplitError::TrailingBackslash),
            ("a\\", SplitError::TrailingBackslash),
            ("\"a\\", SplitError::TrailingBackslash),
            ("'a\\", SplitError::UnbalancedQuote('\'')),
        ];
        for (text, fault) in faults {
            assert_eq!(split_words(text), Err(fault), "{text:?}");
        }
    }
}

//! From text to tokens.

use super::condition::{Arithmetic, Comparison};

/// How many tokens an expression may have.
const MAX_TOKENS: usize = 50_000;
/// Longest string literal, in characters.
const MAX_TEXT: usize = 64;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(i64),
    Float(f64),
    Text(String),
    Open,
    Close,
    And,
    Or,
    Not,
    Comparison(Comparison),
    Arithmetic(Arithmetic),
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// A character that no token begins with.
    #[error("unexpected '{0}' in the expression")]
    Character(char),
    /// SQL that this language does not have.
    #[error("'{found}' is not supported in an expression; {instead}")]
    Unsupported {
        /// What was found.
        found: String,
        /// What to write instead.
        instead: &'static str,
    },
    /// A string's quote is not closed.
    #[error("a string in the expression has no closing quote")]
    OpenText,
    /// A string with characters that are not allowed.
    #[error(
        "the string '{0}' has characters other than letters, digits, spaces and _ < > = ~; compare \
         with a column of patients.fixed_value instead"
    )]
    TextCharacters(String),
    /// A string that is too long.
    #[error("a string in the expression is longer than {MAX_TEXT} characters")]
    TextLength,
    /// A comment that does not end.
    #[error("a comment in the expression is not closed")]
    OpenComment,
    /// A number too large to hold.
    #[error("the number {0} is too large")]
    Number(String),
    /// Something is missing or left over.
    #[error("{0}")]
    Structure(&'static str),
    /// Nested too deeply, or too long.
    #[error("the expression is nested too deeply or too long")]
    TooComplex,
}

/// Splits a text into tokens; blanks and SQL comments fall away.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if rest.starts_with("--") || rest.starts_with("# ") {
            rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").ok_or(ExpressionError::OpenComment)?;
            rest = &rest[end + 2..];
        } else {
            if tokens.len() == MAX_TOKENS {
                return Err(ExpressionError::TooComplex);
            }
            let (token, length) = token(first, rest)?;
            tokens.push(token);
            rest = &rest[length..];
        }
    }
    Ok(tokens)
}

/// The token that a text begins with, and its length in bytes.
fn token(first: char, text: &str) -> Result<(Token, usize), ExpressionError> {
    match first {
        '\'' | '"' => string(first, text),
        '0'..='9' | '.' => number(text),
        'a'..='z' | 'A'..='Z' | '_' => word(text),
        _ => symbol(first, text),
    }
}

fn symbol(first: char, text: &str) -> Result<(Token, usize), ExpressionError> {
    let unsupported = |found: &str, instead| {
        Err(ExpressionError::Unsupported {
            found: found.to_owned(),
            instead,
        })
    };
    if text.starts_with("==") {
        return unsupported("==", "write =");
    }
    if text.starts_with("<>") {
        return unsupported("<>", "write !=");
    }
    let two = [
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
    ];
    if let Some((_, comparison)) = two.iter().find(|(sign, _)| text.starts_with(sign)) {
        return Ok((Token::Comparison(*comparison), 2));
    }
    let token = match first {
        '(' => Token::Open,
        ')' => Token::Close,
        '=' => Token::Comparison(Comparison::Equal),
        '<' => Token::Comparison(Comparison::Less),
        '>' => Token::Comparison(Comparison::Greater),
        '+' => Token::Arithmetic(Arithmetic::Add),
        '-' => Token::Arithmetic(Arithmetic::Subtract),
        '*' => Token::Arithmetic(Arithmetic::Multiply),
        '/' => Token::Arithmetic(Arithmetic::Divide),
        ';' => return unsupported(";", "an expression is one condition"),
        other => return Err(ExpressionError::Character(other)),
    };
    Ok((token, 1))
}

fn string(quote: char, text: &str) -> Result<(Token, usize), ExpressionError> {
    let inner = &text[1..];
    let end = inner.find(quote).ok_or(ExpressionError::OpenText)?;
    let inner = &inner[..end];
    if inner.chars().count() > MAX_TEXT {
        return Err(ExpressionError::TextLength);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_ <>=~".contains(c);
    if !inner.chars().all(allowed) {
        return Err(ExpressionError::TextCharacters(inner.to_owned()));
    }
    Ok((Token::Text(inner.to_owned()), end + 2))
}

fn number(text: &str) -> Result<(Token, usize), ExpressionError> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let digits = &text[..end];
    let too_large = || ExpressionError::Number(digits.to_owned());
    if text[end..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(ExpressionError::Structure(
            "a name in the expression begins with a digit",
        ));
    }
    let token = if digits.contains('.') {
        Token::Float(digits.parse().map_err(|_| too_large())?)
    } else {
        Token::Int(digits.parse().map_err(|_| too_large())?)
    };
    Ok((token, end))
}

fn word(text: &str) -> Result<(Token, usize), ExpressionError> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let word = &text[..end];
    let token = match word {
        "AND" => Token::And,
        "OR" => Token::Or,
        "NOT" => Token::Not,
        _ => match word.to_ascii_uppercase().as_str() {
            "AND" | "OR" | "NOT" => return unsupported(word, "write AND, OR and NOT in capitals"),
            "IN" | "BETWEEN" | "LIKE" => return unsupported(word, "combine comparisons with OR"),
            "IS" | "NULL" => {
                return unsupported(word, "a bare name asks whether a variable has a value");
            }
            "TRUE" | "FALSE" => return unsupported(word, "write 1 or 0, or the bare name"),
            _ => Token::Name(word.to_owned()),
        },
    };
    Ok((token, end))
}

fn unsupported(found: &str, instead: &'static str) -> Result<(Token, usize), ExpressionError> {
    Err(ExpressionError::Unsupported {
        found: found.to_owned(),
        instead,
    })
}

//! `run`: the image and the command.

use super::{
    fields::{Field, place},
    image::{self, Image},
    words::{SplitError, split_words},
};
use crate::{kind::Kind, problem::Problems, source::Span, yaml::Document};

/// What an action runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// As written.
    pub raw: String,
    /// Its words as a POSIX shell would split them; the first is the image. Never empty.
    pub parts: Vec<String>,
    /// The image, taken apart.
    pub image: Image,
}

impl Run {
    /// The words after the image.
    pub fn arguments(&self) -> &[String] {
        self.parts.get(1..).unwrap_or_default()
    }
}

/// A run that could be read, and where it stands.
pub(crate) struct DraftRun {
    pub(crate) run: Run,
    pub(crate) span: Span,
}

pub(super) fn read_type<'d>(
    document: &'d Document<'_>,
    field: Field,
    problems: &mut Problems<'_>,
) -> Option<(&'d str, Span)> {
    let at = place(document, field);
    let text = document.string(field.value);
    if text.is_none() {
        problems.error(
            Kind::RunNotAString,
            at,
            format!(
                "`run` is {}: make it one line of text such as `python:v2 python analysis/script.py`",
                document.describe(field.value)
            ),
        );
    }
    text.map(|text| (text, at))
}

/// How many words the commands of one file may still have. Each takes some fifty bytes, however
/// short it is, so that a text of single letters would grow thirtyfold.
pub(super) struct WordsLeft(usize);

/// Several hundred times what the largest public project has.
const MAX_WORDS: usize = 1_000_000;

impl WordsLeft {
    pub(super) const fn new() -> Self {
        Self(MAX_WORDS)
    }

    /// Counts at white space, quoted or not: never too little, and without making the words.
    fn take(&mut self, raw: &str) -> bool {
        let words = raw.split_ascii_whitespace().count();
        self.0 = self.0.saturating_sub(words);
        self.0 > 0
    }
}

pub(super) fn read(
    raw: &str,
    span: Span,
    words: &mut WordsLeft,
    problems: &mut Problems<'_>,
) -> Option<DraftRun> {
    if !words.take(raw) {
        problems.stricter(
            Kind::RunTooManyWords,
            span,
            format!("the commands up to this one have more than {MAX_WORDS} words: make them shorter, or put them into scripts"),
        );
        return None;
    }
    let parts = match split_words(raw) {
        Ok(parts) => parts,
        Err(SplitError::UnbalancedQuote(quote)) => {
            problems.error(
                Kind::RunUnbalancedQuote,
                span,
                format!("a {quote} is opened in this command and never closed: close it, or write \\{quote} if it stands for itself"),
            );
            return None;
        }
        Err(SplitError::TrailingBackslash) => {
            problems.error(
                Kind::RunTrailingBackslash,
                span,
                "this command ends with a backslash that escapes nothing: delete it, or double it",
            );
            return None;
        }
    };
    let Some(first) = parts.first() else {
        problems.error(
            Kind::RunEmpty,
            span,
            "this command is empty: begin it with an image and its version, such as `python:v2`",
        );
        return None;
    };
    let image = image::read(first, span, problems)?;
    Some(DraftRun {
        run: Run {
            raw: raw.to_owned(),
            parts,
            image,
        },
        span,
    })
}

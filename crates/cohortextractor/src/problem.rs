//! What is wrong with a study, said to the person who wrote it.

use std::fmt;

use crate::document::Place;

/// One problem. A study's problems are always reported together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// A stable word for the kind of problem, for programs.
    pub kind: String,
    /// The study definition, if the problem lies in one.
    pub study: Option<String>,
    /// The variable, if the problem lies in one.
    pub variable: Option<String>,
    /// Where the study's own code declared it.
    pub place: Place,
    /// A sentence: what is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place.file, self.place.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, _) => {
                if let Some(study) = &self.study {
                    write!(f, "{study}: ")?;
                }
            }
        }
        if let Some(variable) = &self.variable {
            write!(f, "{variable}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The most problems that are kept of one study. Nobody reads more, and each may quote the study.
pub(crate) const MAX_PROBLEMS: usize = 1000;
/// The longest sentence, in characters: what a study's author wrote is quoted, and may be huge.
const MAX_MESSAGE: usize = 2000;
/// The longest name of a variable that is shown, in characters.
const MAX_NAME: usize = 200;

/// Collects the problems of one variable, or of a study as a whole.
pub(crate) struct Reporter<'a> {
    study: &'a str,
    variable: Option<&'a str>,
    place: &'a Place,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(
        study: &'a str,
        variable: Option<&'a str>,
        place: &'a Place,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            study,
            variable,
            place,
            problems,
        }
    }

    pub(crate) fn report(&mut self, kind: &str, message: impl Into<String>) {
        if self.problems.len() == MAX_PROBLEMS {
            return;
        }
        self.problems.push(Problem {
            kind: kind.to_owned(),
            study: Some(self.study.to_owned()),
            variable: self.variable.map(|name| shortened(name, MAX_NAME)),
            place: self.place.clone(),
            message: shortened(&message.into(), MAX_MESSAGE),
        });
    }
}

/// The beginning of a text, and a sign that there is more.
fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a, b, c`, for messages.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

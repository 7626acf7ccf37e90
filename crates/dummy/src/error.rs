//! What can go wrong.

use std::io;

/// A column that cannot be generated as described.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{column}: {message}")]
pub struct Problem {
    /// The column's name.
    pub column: String,
    /// What is wrong and what is wanted instead, in a sentence.
    pub message: String,
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum DummyError {
    /// The study cannot be generated; all reasons.
    #[error("the dummy data cannot be generated: {}", list(.0))]
    Invalid(Vec<Problem>),
    /// The caller asked to stop. What was written so far is incomplete.
    #[error("stopped before all rows were written")]
    Cancelled,
    /// The output could not be written. What was written so far is incomplete.
    #[error("the dummy data could not be written")]
    Write(#[from] io::Error),
}

fn list(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

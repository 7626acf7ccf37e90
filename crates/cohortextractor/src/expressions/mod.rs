//! Conditions of `satisfying` and `categorised_as`.
//!
//! The language is a small part of SQL: names, numbers, strings, comparison, arithmetic and the
//! uppercase words AND, OR and NOT. A bare name where a condition is wanted asks whether the
//! variable has a value.

mod condition;
mod lexer;
mod parser;

pub use condition::{Arithmetic, Comparison, Condition, Operand};
pub use lexer::ExpressionError;
pub use parser::parse_expression;

//! What functions return.

use std::fmt;

/// The type of a variable's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// Yes or no, printed as 1 and 0.
    Flag,
    /// A date.
    Date,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text, such as a code or a category.
    Text,
}

impl fmt::Display for ValueType {
    /// The name that study definitions use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "bool",
            Self::Date => "date",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "str",
        })
    }
}

/// How a function's type follows from its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Always the same.
    Always(ValueType),
    /// What the argument `returning` says.
    Choice {
        /// What it is if the argument is absent; with no default it must be given.
        default: Option<&'static str>,
        /// What may be asked for, and its type.
        choices: &'static [(&'static str, ValueType)],
    },
    /// The type of the keys of a map of categories.
    Categories,
    /// The type of the variables compared.
    Sources,
    /// The type of the value given.
    Value,
    /// What the argument `returning_type` says.
    ReturningType,
}

//! Study definitions of the cohortextractor language, on the trusted side.
//!
//! A study definition is Python. It is evaluated in a sandbox that holds no data, by the package in
//! `python/cohortextractor`, which prints one JSON document. This crate reads that document and
//! believes nothing in it: [`parse_document`] bounds and types it, [`check_study`] finds every
//! problem of every variable, and [`plan_dummy`] lowers checked studies to dummy data.
//!
//! | module | knows |
//! |---|---|
//! | `document` | the JSON document |
//! | `functions` | the `patients` functions: their arguments and what they return |
//! | `dates` | date expressions such as `first_day_of_month(index_date) - 15 days` |
//! | `expressions` | conditions such as `age >= 18 AND NOT sex = ""` |
//! | `study` | checked studies: old forms normalised, names resolved, types inferred |
//! | `expectations` | `return_expectations` and what they say of a column |
//! | `files` | files of the study that variables are read from |
//! | `request` | the command's options: index dates, formats, the output's path |
//! | `lower` | from checked studies to dummy columns |

mod dates;
mod document;
mod expectations;
mod expressions;
mod files;
mod functions;
mod lower;
mod problem;
mod request;
mod study;

pub use dates::{
    DateError, DateExpression, DateFunction, DateName, DateOffset, DateUnit, parse_date_expression,
};
pub use document::{
    Code, Codelist, Document, DocumentError, FORMAT, MAX_DOCUMENT_BYTES, Measure, Place, Request,
    StudyEntry, VariableEntry, parse_document,
};
pub use expressions::{
    Arithmetic, Comparison, Condition, ExpressionError, Operand, parse_expression,
};
pub use files::OpenFile;
pub use functions::{
    Argument, ArgumentKind, FUNCTIONS, Function, Group, Returns, ValueType, function,
};
pub use lower::{DummyCohort, DummyOptions, plan_dummy};
pub use problem::Problem;
pub use request::OutputFormat;
pub use study::{
    AggregateSource, CheckedStudy, DateFormat, Operation, Period, Pick, Rule, Variable, check_study,
};

//! A study whose every name is known and whose every variable has a type.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::dates::DateExpression;
use crate::document::Place;
use crate::expressions::Condition;
use crate::functions::{Function, ValueType};

/// A study definition with one index date.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedStudy {
    /// The file's name without `.py`.
    pub name: String,
    /// The index date.
    pub index_date: Option<Date>,
    /// Whether the index date was asked for on the command line, and so names the output.
    pub index_date_in_name: bool,
    /// Variables in order; each uses earlier ones only. The last is the population.
    pub variables: Vec<Variable>,
    /// What a variable's own expectations are merged into.
    pub default_expectations: Map<String, Value>,
}

/// One variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The column's name.
    pub name: String,
    /// Where it was declared.
    pub place: Place,
    /// The function that finds its value.
    pub function: &'static Function,
    /// The type of its value.
    pub value_type: ValueType,
    /// Whether it is left out of the output.
    pub hidden: bool,
    /// What is asked of the function, where it can return several things.
    pub returning: Option<String>,
    /// Which records count.
    pub period: Period,
    /// Which of several matching records counts.
    pub pick: Pick,
    /// How much of a date is kept.
    pub format: DateFormat,
    /// Date arguments such as `reference_date`.
    pub dates: BTreeMap<&'static str, DateExpression>,
    /// How it follows from other variables, if it does.
    pub rule: Rule,
    /// The function's other arguments, each of the kind that the function's table states.
    pub arguments: Map<String, Value>,
    /// Its own expectations.
    pub expectations: Option<Map<String, Value>>,
}

/// A period of calendar days; both ends belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Option<DateExpression>,
    /// Last day.
    pub to: Option<DateExpression>,
}

/// Which of several matching records counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The earliest.
    First,
    /// The latest.
    #[default]
    Last,
}

/// How much of a date is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// `YYYY`
    #[default]
    Year,
    /// `YYYY-MM`
    Month,
    /// `YYYY-MM-DD`
    Day,
}

impl DateFormat {
    /// As study definitions write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "YYYY",
            Self::Month => "YYYY-MM",
            Self::Day => "YYYY-MM-DD",
        }
    }

    /// Reads what study definitions write.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Year, Self::Month, Self::Day]
            .into_iter()
            .find(|format| format.as_str() == text)
    }
}

/// How a variable follows from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// It does not: the function reads records.
    Records,
    /// The date at which another variable's value was found.
    DateOf(String),
    /// Another value found with a variable's value (a comparator or a bound).
    Beside(String),
    /// Whether a condition holds.
    Satisfying(Condition),
    /// The first category whose condition holds. No condition: the default.
    Categories(Vec<(Value, Option<Condition>)>),
    /// The least or greatest.
    Aggregate {
        /// Least or greatest.
        operation: Operation,
        /// Of what.
        sources: Vec<AggregateSource>,
    },
    /// The same for everyone.
    Fixed(Value),
    /// A column of a file (whether a patient is in it, if no column is named).
    File {
        /// The file, relative to the study's folder.
        path: String,
        /// The column.
        column: Option<String>,
    },
}

/// Least or greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `minimum_of`
    Minimum,
    /// `maximum_of`
    Maximum,
}

/// What an aggregate compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AggregateSource {
    /// An earlier variable.
    Variable(String),
    /// A date.
    Date(Date),
}

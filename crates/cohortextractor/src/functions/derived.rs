//! Variables made of other variables, of constants and of files.

use super::argument::ArgumentKind::{
    Categories, Expression, File, OneOf, Text as Word, Value, Variable, Variables,
};
use super::argument::Group::{Expectations, Format, OldFormat};
use super::argument::required;
use super::returns::Returns::{self, Always};
use super::returns::ValueType::{Date, Flag, Float, Text};
use super::table::Function;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "date_of",
        arguments: &[required("source", Variable)],
        groups: &[Format, OldFormat, Expectations],
        returns: Always(Date),
    },
    Function {
        name: "comparator_from",
        arguments: &[required("source", Variable)],
        groups: &[Expectations],
        returns: Always(Text),
    },
    Function {
        name: "reference_range_lower_bound_from",
        arguments: &[required("source", Variable)],
        groups: &[Expectations],
        returns: Always(Float),
    },
    Function {
        name: "reference_range_upper_bound_from",
        arguments: &[required("source", Variable)],
        groups: &[Expectations],
        returns: Always(Float),
    },
    Function {
        name: "categorised_as",
        arguments: &[required("category_definitions", Categories)],
        groups: &[Expectations],
        returns: Returns::Categories,
    },
    Function {
        name: "satisfying",
        arguments: &[required("expression", Expression)],
        groups: &[Expectations],
        returns: Always(Flag),
    },
    Function {
        name: "minimum_of",
        arguments: &[required("column_names", Variables)],
        groups: &[],
        returns: Returns::Sources,
    },
    Function {
        name: "maximum_of",
        arguments: &[required("column_names", Variables)],
        groups: &[],
        returns: Returns::Sources,
    },
    Function {
        name: "fixed_value",
        arguments: &[required("value", Value)],
        groups: &[],
        returns: Returns::Value,
    },
    Function {
        name: "with_value_from_file",
        arguments: &[
            required("f_path", File),
            required("returning", Word),
            required(
                "returning_type",
                OneOf(&["bool", "date", "str", "int", "float"]),
            ),
        ],
        groups: &[Format],
        returns: Returns::ReturningType,
    },
    Function {
        name: "which_exist_in_file",
        arguments: &[required("f_path", File)],
        groups: &[],
        returns: Always(Flag),
    },
];

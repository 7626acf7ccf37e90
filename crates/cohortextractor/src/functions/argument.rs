//! Kinds of arguments.

/// An argument of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgumentKind,
    /// Whether it must be given.
    pub required: bool,
}

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A codelist of one of these coding systems (any, if none is listed).
    Codelist(&'static [&'static str]),
    /// A codelist, a string or a list of strings.
    Codes,
    /// A date expression.
    Date,
    /// A string.
    Text,
    /// A string or a list of strings.
    Texts,
    /// A whole number of 0 or more.
    Count,
    /// A number from 0 to 100.
    Percent,
    /// True or False.
    Flag,
    /// True, False or None.
    OptionalFlag,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A string of the form `series of events each <= N days apart`.
    Episode,
    /// The name of an earlier variable.
    Variable,
    /// Names of earlier variables, or ISO dates.
    Variables,
    /// A condition.
    Expression,
    /// A map from category to condition.
    Categories,
    /// Any string, number, flag or date.
    Value,
    /// A path of a CSV file inside the study's folder.
    File,
    /// What to match in a record of vaccination.
    Vaccine,
}

/// Arguments that come together in many functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `on_or_before`, `on_or_after`, `between`.
    Period,
    /// `find_first_match_in_period`, `find_last_match_in_period`.
    Matches,
    /// `date_format`, to the day.
    Format,
    /// `date_format`, to the month at most.
    FormatWithoutDay,
    /// `include_month`, `include_day`: the old form of `date_format`.
    OldFormat,
    /// `return_binary_flag` and the like: the old form of `returning`.
    OldReturning,
    /// `include_date_of_match`: adds a column of dates.
    DateOfMatch,
    /// `include_measurement_date`: adds a column of dates.
    DateOfMeasurement,
    /// `return_expectations`.
    Expectations,
}

impl Group {
    /// The names of the arguments.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Period => &["on_or_before", "on_or_after", "between"],
            Self::Matches => &["find_first_match_in_period", "find_last_match_in_period"],
            Self::Format | Self::FormatWithoutDay => &["date_format"],
            Self::OldFormat => &["include_month", "include_day"],
            Self::OldReturning => &[
                "return_binary_flag",
                "return_number_of_matches_in_period",
                "return_first_date_in_period",
                "return_last_date_in_period",
            ],
            Self::DateOfMatch => &["include_date_of_match"],
            Self::DateOfMeasurement => &["include_measurement_date"],
            Self::Expectations => &["return_expectations"],
        }
    }
}

/// An argument that may be left out.
pub(super) const fn optional(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument {
        name,
        kind,
        required: false,
    }
}

/// An argument that must be given.
pub(super) const fn required(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument {
        name,
        kind,
        required: true,
    }
}

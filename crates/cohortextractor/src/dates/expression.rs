//! Parsing date expressions, and evaluating those that name no variable.

use jiff::civil::Date;

use super::calendar::iso_date;

/// A date, or how to find one for each patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateExpression {
    /// A date known before any patient is.
    Static(Date),
    /// A date that depends on a variable. The function applies before the offset.
    OfVariable {
        /// The variable.
        variable: String,
        /// The first or last day of the period around it.
        function: Option<DateFunction>,
        /// Added to it.
        offset: Option<DateOffset>,
    },
}

/// What an expression may begin with, as the parser sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateName {
    /// `today`
    Today,
    /// `index_date`
    IndexDate,
    /// Any other name.
    Variable(String),
}

/// The functions of date expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFunction {
    /// `first_day_of_month`
    FirstDayOfMonth,
    /// `last_day_of_month`
    LastDayOfMonth,
    /// `first_day_of_year`
    FirstDayOfYear,
    /// `last_day_of_year`
    LastDayOfYear,
    /// `first_day_of_nhs_financial_year`: 1 April
    FirstDayOfNhsFinancialYear,
    /// `last_day_of_nhs_financial_year`: 31 March
    LastDayOfNhsFinancialYear,
    /// `first_day_of_school_year`: 1 September
    FirstDayOfSchoolYear,
    /// `last_day_of_school_year`: 31 August
    LastDayOfSchoolYear,
}

/// Names of the functions.
const FUNCTIONS: [(&str, DateFunction); 8] = [
    ("first_day_of_month", DateFunction::FirstDayOfMonth),
    ("last_day_of_month", DateFunction::LastDayOfMonth),
    ("first_day_of_year", DateFunction::FirstDayOfYear),
    ("last_day_of_year", DateFunction::LastDayOfYear),
    (
        "first_day_of_nhs_financial_year",
        DateFunction::FirstDayOfNhsFinancialYear,
    ),
    (
        "last_day_of_nhs_financial_year",
        DateFunction::LastDayOfNhsFinancialYear,
    ),
    (
        "first_day_of_school_year",
        DateFunction::FirstDayOfSchoolYear,
    ),
    ("last_day_of_school_year", DateFunction::LastDayOfSchoolYear),
];

/// A signed number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateOffset {
    /// How many; negative goes back.
    pub amount: i64,
    /// Of what.
    pub unit: DateUnit,
}

/// Units of offsets, singular or plural.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateUnit {
    /// `day`
    Day,
    /// `month`
    Month,
    /// `year`
    Year,
}

/// Why a text is no date expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Neither an ISO date nor of the expressions' form.
    #[error("Date not in YYYY-MM-DD format, and not a date expression")]
    Unreadable,
    /// No such function.
    #[error("Unknown date function '{0}' (allowed are {list})", list = function_names())]
    UnknownFunction(String),
    /// No such unit.
    #[error("Unknown date unit '{0}' (allowed are days, months, years)")]
    UnknownUnit(String),
    /// The study has no index date.
    #[error("index_date not defined: give the study an index_date")]
    NoIndexDate,
    /// Not every month has the day.
    #[error("No such date {day} {month} {year}")]
    NoSuchDate {
        /// Day of the month.
        day: i8,
        /// Name of the month.
        month: &'static str,
        /// Year.
        year: i16,
    },
    /// Before the year 1 or after 9999.
    #[error("the date lies outside the years 1 to 9999")]
    OutOfRange,
}

fn function_names() -> String {
    crate::problem::listed(FUNCTIONS.iter().map(|(name, _)| *name))
}

/// Parses a date expression, and evaluates it unless it names a variable.
///
/// # Errors
/// If the text has no meaning, or means a date that does not exist.
pub fn parse_date_expression(
    text: &str,
    index_date: Option<Date>,
    today: Date,
) -> Result<DateExpression, DateError> {
    if let Some(date) = iso_date(text.trim()) {
        return Ok(DateExpression::Static(date));
    }
    let (name, function, offset) = parse(text)?;
    let date = match name {
        DateName::Today => today,
        DateName::IndexDate => index_date.ok_or(DateError::NoIndexDate)?,
        DateName::Variable(variable) => {
            return Ok(DateExpression::OfVariable {
                variable,
                function,
                offset,
            });
        }
    };
    let date = function.map_or(Ok(date), |function| function.apply(date))?;
    let date = offset.map_or(Ok(date), |offset| offset.unit.add(date, offset.amount))?;
    Ok(DateExpression::Static(date))
}

type Parts = (DateName, Option<DateFunction>, Option<DateOffset>);

fn parse(text: &str) -> Result<Parts, DateError> {
    let text: String = text.chars().filter(|character| *character != ' ').collect();
    let (first, rest) = word(&text).ok_or(DateError::Unreadable)?;
    let (function, name, rest) = match rest.strip_prefix('(') {
        None => (None, first, rest),
        Some(inner) => {
            let (name, rest) = word(inner).ok_or(DateError::Unreadable)?;
            let rest = rest.strip_prefix(')').ok_or(DateError::Unreadable)?;
            (Some(first), name, rest)
        }
    };
    let offset = if rest.is_empty() {
        None
    } else {
        Some(parse_offset(rest)?)
    };
    let function = function.map(parse_function).transpose()?;
    let name = match name {
        "today" => DateName::Today,
        "index_date" => DateName::IndexDate,
        other => DateName::Variable(other.to_owned()),
    };
    Ok((name, function, offset))
}

fn parse_function(name: &str) -> Result<DateFunction, DateError> {
    let found = FUNCTIONS.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, function)| *function)
        .ok_or_else(|| DateError::UnknownFunction(name.to_owned()))
}

fn parse_offset(text: &str) -> Result<DateOffset, DateError> {
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (None, Some(rest)) => (-1, rest),
        (None, None) => return Err(DateError::Unreadable),
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digits, unit) = rest.split_at(digits);
    let (unit, end) = word(unit).ok_or(DateError::Unreadable)?;
    if digits.is_empty() || !end.is_empty() {
        return Err(DateError::Unreadable);
    }
    let amount: i64 = digits.parse().map_err(|_| DateError::OutOfRange)?;
    let unit = match unit {
        "day" | "days" => DateUnit::Day,
        "month" | "months" => DateUnit::Month,
        "year" | "years" => DateUnit::Year,
        other => return Err(DateError::UnknownUnit(other.to_owned())),
    };
    Ok(DateOffset {
        amount: sign * amount,
        unit,
    })
}

/// A leading name and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        .then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn shown(text: &str, index_date: &str) -> String {
        let today = date(2024, 5, 17);
        match parse_date_expression(text, iso_date(index_date), today) {
            Ok(DateExpression::Static(date)) => date.to_string(),
            Ok(of_variable) => format!("{of_variable:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn static_expressions_are_dates() {
        let cases = [
            ("2020-02-29", "", "2020-02-29"),
            ("today", "", "2024-05-17"),
            ("index_date", "2020-02-01", "2020-02-01"),
            ("index_date - 1 day", "2020-03-01", "2020-02-29"),
            ("index_date+1month", "2020-12-15", "2021-01-15"),
            ("index_date - 13 months", "2020-01-15", "2018-12-15"),
            ("index_date + 2 years", "2020-02-28", "2022-02-28"),
            (
                "first_day_of_nhs_financial_year(index_date)",
                "2017-08-19",
                "2017-04-01",
            ),
            (
                "last_day_of_nhs_financial_year(index_date)",
                "2017-08-19",
                "2018-03-31",
            ),
            (
                "first_day_of_nhs_financial_year(index_date)",
                "2017-03-31",
                "2016-04-01",
            ),
            (
                "first_day_of_school_year(index_date)",
                "2017-08-19",
                "2016-09-01",
            ),
            (
                "last_day_of_school_year(index_date)",
                "2017-08-19",
                "2017-08-31",
            ),
            ("first_day_of_year(index_date)", "2017-08-19", "2017-01-01"),
            ("last_day_of_year(index_date)", "2017-08-19", "2017-12-31"),
            ("last_day_of_month(index_date)", "2020-02-10", "2020-02-29"),
            (
                "first_day_of_month(index_date) - 15 days",
                "2017-08-19",
                "2017-07-17",
            ),
        ];
        for (text, index_date, expected) in cases {
            assert_eq!(shown(text, index_date), expected, "{text}");
        }
    }

    #[test]
    fn impossible_and_unknown_dates_are_errors() {
        let cases = [
            (
                "index_date + 1 year",
                "2020-02-29",
                "No such date 29 February 2021",
            ),
            (
                "index_date + 1 month",
                "2020-01-31",
                "No such date 31 February 2020",
            ),
            (
                "index_date + 1 week",
                "2020-01-31",
                "Unknown date unit 'week'",
            ),
            (
                "next(index_date)",
                "2020-01-31",
                "Unknown date function 'next'",
            ),
            ("index_date", "", "index_date not defined"),
            ("2020-02-30", "", "not in YYYY-MM-DD format"),
            ("2020-2-3", "", "not in YYYY-MM-DD format"),
            ("", "", "not in YYYY-MM-DD format"),
            ("a + 1", "", "not in YYYY-MM-DD format"),
            ("a + day", "", "not in YYYY-MM-DD format"),
            ("f(a", "", "not in YYYY-MM-DD format"),
            (
                "index_date + 99999999999999999999 days",
                "2020-01-31",
                "outside the years",
            ),
            ("index_date - 9999 years", "2020-01-31", "outside the years"),
            (
                "index_date + 9000000000 days",
                "2020-01-31",
                "outside the years",
            ),
        ];
        for (text, index_date, expected) in cases {
            let message = shown(text, index_date);
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn other_names_are_variables() {
        let parsed = parse_date_expression(
            "last_day_of_month(bmi_date) - 2 years",
            None,
            date(2020, 1, 1),
        );
        let expected = DateExpression::OfVariable {
            variable: "bmi_date".to_owned(),
            function: Some(DateFunction::LastDayOfMonth),
            offset: Some(DateOffset {
                amount: -2,
                unit: DateUnit::Year,
            }),
        };
        assert_eq!(parsed, Ok(expected));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse_date_expression(&text, Some(date(2020, 2, 29)), date(2020, 1, 31));
        }

        #[test]
        fn no_offset_panics(amount: u64, unit in "day|month|year", sign in "[+-]") {
            let text = format!("index_date {sign} {amount} {unit}");
            let _ = parse_date_expression(&text, Some(date(2020, 2, 29)), date(2020, 1, 31));
        }
    }
}

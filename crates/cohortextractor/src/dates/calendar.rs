//! Arithmetic on calendar dates that refuses to guess.

use jiff::Span;
use jiff::civil::{Date, date};

use super::expression::{DateError, DateFunction, DateUnit};

/// An ISO date: exactly `YYYY-MM-DD`.
pub(crate) fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(position, byte)| match position {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    if !shaped {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let (month, day) = (
        i8::try_from(number(5..7)?).ok()?,
        i8::try_from(number(8..10)?).ok()?,
    );
    let year = number(0..4)?;
    (year > 0)
        .then(|| Date::new(year, month, day).ok())
        .flatten()
}

/// The same day of another month; there may be none.
pub(crate) fn add_months(from: Date, months: i64) -> Result<Date, DateError> {
    let month = i64::from(from.year()) * 12 + i64::from(from.month()) - 1;
    let month = month.checked_add(months).ok_or(DateError::OutOfRange)?;
    let year = i16::try_from(month.div_euclid(12))
        .ok()
        .filter(|year| (1..=9999).contains(year));
    let year = year.ok_or(DateError::OutOfRange)?;
    let month = i8::try_from(month.rem_euclid(12) + 1).map_err(|_| DateError::OutOfRange)?;
    Date::new(year, month, from.day()).map_err(|_| DateError::NoSuchDate {
        day: from.day(),
        month: MONTHS[usize::from(month.unsigned_abs()) - 1],
        year,
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl DateUnit {
    /// A date so many units later.
    pub(super) fn add(self, from: Date, amount: i64) -> Result<Date, DateError> {
        match self {
            Self::Day => Span::new()
                .try_days(amount)
                .and_then(|span| from.checked_add(span))
                .ok()
                .filter(|date| date.year() >= 1)
                .ok_or(DateError::OutOfRange),
            Self::Month => add_months(from, amount),
            Self::Year => add_months(from, amount.checked_mul(12).ok_or(DateError::OutOfRange)?),
        }
    }
}

impl DateFunction {
    /// The first or last day of the period that holds a date.
    pub(super) fn apply(self, of: Date) -> Result<Date, DateError> {
        let (year, month) = (of.year(), of.month());
        let starting = |first_month: i8| if month < first_month { year - 1 } else { year };
        let result = match self {
            Self::FirstDayOfMonth => of.first_of_month(),
            Self::LastDayOfMonth => of.last_of_month(),
            Self::FirstDayOfYear => date(year, 1, 1),
            Self::LastDayOfYear => date(year, 12, 31),
            Self::FirstDayOfNhsFinancialYear => day(starting(4), 4, 1)?,
            Self::LastDayOfNhsFinancialYear => day(starting(4) + 1, 3, 31)?,
            Self::FirstDayOfSchoolYear => day(starting(9), 9, 1)?,
            Self::LastDayOfSchoolYear => day(starting(9) + 1, 8, 31)?,
        };
        Ok(result)
    }
}

fn day(year: i16, month: i8, day: i8) -> Result<Date, DateError> {
    if !(1..=9999).contains(&year) {
        return Err(DateError::OutOfRange);
    }
    Date::new(year, month, day).map_err(|_| DateError::OutOfRange)
}

//! Calendar dates as comparable numbers, and the offsets that make a control's index date.

use std::fmt;

use jiff::{Span, civil};

/// A calendar date, or missing, in four bytes.
///
/// Year, month and day are packed so that the order of the numbers is the order of the dates.
/// Missing is greater than every date, so that sorting puts it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(i32);

impl Day {
    /// No date.
    pub(crate) const MISSING: Self = Self(i32::MAX);

    fn new(date: civil::Date) -> Self {
        Self(i32::from(date.year()) << 9 | i32::from(date.month()) << 5 | i32::from(date.day()))
    }

    /// Reads `YYYY-MM-DD`, with or without a time of day, `YYYY-MM` (its first day) or `YYYY`
    /// (1 January). The time of day is checked for its form and then left out: matching works in
    /// whole days. `None` if the text is anything else or no day of the calendar.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let year = number(text.get(..4)?)?;
        let (month, day) = match text.get(4..)? {
            [] => (1, 1),
            [b'-', month @ ..] if month.len() == 2 => (number(month)?, 1),
            [b'-', m1, m2, b'-', d1, d2, rest @ ..] if is_time_of_day(rest) => {
                (number(&[*m1, *m2])?, number(&[*d1, *d2])?)
            }
            _ => return None,
        };
        let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        date.ok().filter(|date| date.year() > 0).map(Self::new)
    }

    /// Missing?
    pub(crate) fn is_missing(self) -> bool {
        self == Self::MISSING
    }

    /// The month, 1 to 12; `None` if missing.
    pub(crate) fn month(self) -> Option<u32> {
        self.date()
            .map(|date| u32::from(date.month().unsigned_abs()))
    }

    fn date(self) -> Option<civil::Date> {
        if self.is_missing() {
            return None;
        }
        let field = |value: i32| i8::try_from(value).ok();
        let year = i16::try_from(self.0 >> 9).ok()?;
        civil::Date::new(year, field(self.0 >> 5 & 0xf)?, field(self.0 & 0x1f)?).ok()
    }
}

impl fmt::Display for Day {
    /// `YYYY-MM-DD`, or nothing if missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(
                f,
                "{:04}-{:02}-{:02}",
                date.year(),
                date.month(),
                date.day()
            ),
            None => Ok(()),
        }
    }
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + i16::from(digit - b'0'))
    })
}

/// Nothing, or `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f…` after a space or a `T`.
fn is_time_of_day(rest: &[u8]) -> bool {
    let two = |at: usize, below: i16| {
        rest.get(at..at + 2)
            .and_then(number)
            .is_some_and(|value| value < below)
    };
    let seconds = |tail: &[u8]| match tail {
        [] => true,
        [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    match rest {
        [] => true,
        [b' ' | b'T', ..] if two(1, 24) && rest.get(3) == Some(&b':') && two(4, 60) => {
            match rest.get(6) {
                None => true,
                Some(b':') => two(7, 60) && rest.get(9..).is_some_and(seconds),
                Some(_) => false,
            }
        }
        _ => false,
    }
}

/// A unit of calendar arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Calendar years; 29 February becomes 28 February where there is none.
    Years,
    /// Calendar months, clipped to the end of a shorter month.
    Months,
    /// Days.
    Days,
}

/// How a control's index date is made from its case's: the setting `generate_match_index_date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateOffset {
    /// How many units: below zero is earlier, above is later, zero is the same day.
    pub length: i32,
    /// The unit counted.
    pub unit: Unit,
}

impl DateOffset {
    /// Reads `no_offset` or `<number>_<unit>_<earlier|later>`, the unit in the singular or plural.
    ///
    /// The error is the rest of a sentence that begins with the setting's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "no_offset" {
            return Ok(Self {
                length: 0,
                unit: Unit::Days,
            });
        }
        let form = "write no_offset, or a number, a unit and a direction as in 2_months_earlier";
        let parts: Vec<&str> = text.split('_').collect();
        let [length, unit, direction] = parts.as_slice() else {
            return Err(format!("`{text}` is not an offset; {form}"));
        };
        if length.is_empty() || length.len() > 5 || !length.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!(
                "`{length}` in `{text}` is not a whole number from 0 to 99999; {form}"
            ));
        }
        let length: i32 = length
            .parse()
            .map_err(|_| format!("`{text}` is too far; {form}"))?;
        let unit = match *unit {
            "year" | "years" => Unit::Years,
            "month" | "months" => Unit::Months,
            "day" | "days" => Unit::Days,
            other => {
                return Err(format!(
                    "`{other}` in `{text}` is not a unit; use year, month or day"
                ));
            }
        };
        match *direction {
            "earlier" => Ok(Self {
                length: -length,
                unit,
            }),
            "later" => Ok(Self { length, unit }),
            other => Err(format!(
                "`{other}` in `{text}` is not a direction; use earlier or later"
            )),
        }
    }

    /// The date at this offset from `day`; missing stays missing. `None` if it would lie outside
    /// the years 1 to 9999.
    pub(crate) fn apply(self, day: Day) -> Option<Day> {
        let Some(date) = day.date() else {
            return Some(Day::MISSING);
        };
        let span = match self.unit {
            Unit::Years => Span::new().try_years(self.length),
            Unit::Months => Span::new().try_months(self.length),
            Unit::Days => Span::new().try_days(self.length),
        };
        let date = date.checked_add(span.ok()?).ok()?;
        (date.year() > 0).then(|| Day::new(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_forms_that_extracts_use() {
        let read = |text: &str| Day::parse(text.as_bytes()).map(|day| day.to_string());
        for (text, expected) in [
            ("2020-02-29", Some("2020-02-29")),
            ("2020-02", Some("2020-02-01")),
            ("2020", Some("2020-01-01")),
            ("2020-02-29 00:00:00", Some("2020-02-29")),
            ("2020-02-29T23:59", Some("2020-02-29")),
            ("2020-02-29 12:00:00.000", Some("2020-02-29")),
            ("2019-02-29", None),
            ("2020-13-01", None),
            ("2020-2-1", None),
            ("29/02/2020", None),
            ("20200229", None),
            ("2020-02-29 later", None),
            ("2020-02-29 24:00", None),
            ("2020-02-29 12:00:00.", None),
            ("0000-01-01", None),
            ("", None),
            ("20é0-01-01", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn missing_sorts_after_every_date_and_prints_as_nothing() {
        let last = Day::parse(b"9999-12-31").unwrap();
        assert!(last < Day::MISSING && !last.is_missing());
        assert_eq!(Day::MISSING.to_string(), "");
        assert_eq!(Day::MISSING.month(), None);
    }

    #[test]
    fn offsets_follow_the_calendar_and_clip_to_the_end_of_a_month() {
        for (offset, from, to) in [
            ("no_offset", "2020-02-29", Some("2020-02-29")),
            ("1_year_earlier", "2020-02-29", Some("2019-02-28")),
            ("1_year_earlier", "2020-03-31", Some("2019-03-31")),
            ("1_month_earlier", "2020-03-31", Some("2020-02-29")),
            ("2_months_later", "2020-12-31", Some("2021-02-28")),
            ("10_days_later", "2020-02-25", Some("2020-03-06")),
            ("0_days_later", "2020-02-25", Some("2020-02-25")),
            ("99999_years_later", "2020-02-25", None),
            ("3000_years_earlier", "2020-02-25", None),
        ] {
            let day = Day::parse(from.as_bytes()).unwrap();
            let moved = DateOffset::parse(offset).unwrap().apply(day);
            assert_eq!(
                moved.map(|day| day.to_string()).as_deref(),
                to,
                "{offset} of {from}"
            );
        }
        assert_eq!(
            DateOffset::parse("1_day_later")
                .unwrap()
                .apply(Day::MISSING),
            Some(Day::MISSING)
        );
    }

    #[test]
    fn words_that_are_no_offset_are_refused() {
        for text in [
            "1_year",
            "1_week_earlier",
            "x_days_later",
            "1_year_sideways",
            "-1_year_earlier",
            "+1_year_earlier",
            "1_syears_earlier",
            "1.5_years_earlier",
            "_years_earlier",
            "1__earlier",
            "123456_days_later",
            "no-offset",
            "1_year_earlier_",
        ] {
            assert!(DateOffset::parse(text).is_err(), "{text}");
        }
    }
}

//! `--index-date-range`: `DATE`, `DATE to DATE` or `DATE to DATE by week|month`.

use jiff::Span;
use jiff::civil::Date;

use crate::dates::{add_months, iso_date};

/// The most dates of a range. A range over every week of a century is longer than any study's.
const MAX_DATES: usize = 5_300;

/// The dates of a range, newest first.
///
/// A step of a month keeps the day of the month.
///
/// # Errors
/// A sentence, if the text is no range, ends before it begins, or meets a month without the day.
pub(crate) fn index_dates(range: &str, today: Date) -> Result<Vec<Date>, String> {
    let words: Vec<&str> = range.split_whitespace().collect();
    let date = |text: &str| match text {
        "today" => Ok(today),
        _ => iso_date(text).ok_or_else(|| {
            format!("--index-date-range: '{text}' is not a date (write YYYY-MM-DD or today)")
        }),
    };
    let (first, last, step) = match words.as_slice() {
        [only] => return Ok(vec![date(only)?]),
        [first, "to", last] => (date(first)?, date(last)?, "month"),
        [first, "to", last, "by", step @ ("week" | "month")] => (date(first)?, date(last)?, *step),
        [_, "to", _, "by", step] => {
            return Err(format!(
                "--index-date-range: the step is week or month, not '{step}'"
            ));
        }
        _ => {
            return Err(format!(
                "--index-date-range: '{range}' is not of the form DATE to DATE by week or month"
            ));
        }
    };
    if last < first {
        return Err(format!(
            "--index-date-range: the range ends ({last}) before it begins ({first})"
        ));
    }
    let mut dates = Vec::new();
    let mut next = first;
    while next <= last {
        if dates.len() == MAX_DATES {
            return Err(format!("--index-date-range: more than {MAX_DATES} dates"));
        }
        dates.push(next);
        let count = i64::try_from(dates.len()).unwrap_or(i64::MAX);
        next = match step {
            "week" => match first.checked_add(Span::new().weeks(count)) {
                Ok(date) => date,
                Err(_) => break,
            },
            _ => {
                add_months(first, count).map_err(|error| format!("--index-date-range: {error}"))?
            }
        };
    }
    dates.reverse();
    Ok(dates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn shown(range: &str) -> String {
        match index_dates(range, date(2020, 3, 5)) {
            Ok(dates) => dates
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            Err(message) => message,
        }
    }

    #[test]
    fn ranges_are_listed_newest_first() {
        let cases = [
            ("2020-01-01", "2020-01-01"),
            ("today", "2020-03-05"),
            (
                "2020-01-01 to 2020-01-20 by week",
                "2020-01-15 2020-01-08 2020-01-01",
            ),
            (
                "2019-12-05 to today",
                "2020-03-05 2020-02-05 2020-01-05 2019-12-05",
            ),
            ("2020-01-15 to 2020-02-14 by month", "2020-01-15"),
        ];
        for (range, expected) in cases {
            assert_eq!(shown(range), expected, "{range}");
        }
    }

    #[test]
    fn bad_ranges_are_errors() {
        let cases = [
            (
                "2020-02-01 to 2020-01-01",
                "ends (2020-01-01) before it begins",
            ),
            (
                "2020-01-01 to 2020-02-01 by day",
                "the step is week or month",
            ),
            ("tomorrow", "is not a date"),
            ("", "is not of the form"),
            ("2020-01-01 2020-02-01", "is not of the form"),
            ("2020-01-31 to 2020-04-01", "No such date 31 February 2020"),
            ("0001-01-01 to 9999-01-01 by week", "more than"),
        ];
        for (range, expected) in cases {
            assert!(shown(range).contains(expected), "{range}: {}", shown(range));
        }
    }
}

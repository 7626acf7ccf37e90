//! Calendar days as numbers, and their text.

use jiff::civil::Date;

/// A calendar day: days since 1970-01-01 (negative before it), proleptic Gregorian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// How much of a date is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// `2020`
    Year,
    /// `2020-02`
    Month,
    /// `2020-02-01`
    Day,
}

impl Day {
    /// No date. Sorts before every day.
    pub(crate) const NONE: Self = Self(i32::MIN);

    /// The number of a civil date.
    pub fn from_date(date: Date) -> Self {
        let (year, month, day) = (
            i32::from(date.year()),
            i32::from(date.month()),
            i32::from(date.day()),
        );
        // Years begin in March here, so that the leap day is the last day of a year.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month (1 to 12) and day of the month.
    fn civil(self) -> (i32, u32, u32) {
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        // In 0..146_097, so that the rest is unsigned 32-bit arithmetic.
        let day_of_era = u32::try_from(shifted.rem_euclid(146_097)).unwrap_or(0);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = i64::from(year_of_era) + era * 400 + i64::from(month <= 2);
        (i32::try_from(year).unwrap_or(0), month, day)
    }

    /// Appends the date's text; nothing for [`Day::NONE`].
    pub(crate) fn write(self, precision: Precision, text: &mut Vec<u8>) {
        if self == Self::NONE {
            return;
        }
        let (year, month, day) = self.civil();
        match u32::try_from(year) {
            Ok(year @ 0..=9999) => {
                push_pair(year / 100, text);
                push_pair(year % 100, text);
            }
            _ => text.extend_from_slice(itoa::Buffer::new().format(year).as_bytes()),
        }
        if precision == Precision::Year {
            return;
        }
        text.push(b'-');
        push_pair(month, text);
        if precision == Precision::Month {
            return;
        }
        text.push(b'-');
        push_pair(day, text);
    }
}

/// Appends a number below 100 as two digits.
fn push_pair(number: u32, text: &mut Vec<u8>) {
    let digits =
        [number / 10 % 10, number % 10].map(|digit| b'0' + u8::try_from(digit).unwrap_or(0));
    text.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(day: Day, precision: Precision) -> String {
        let mut bytes = Vec::new();
        day.write(precision, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_precision_cuts_the_text() {
        let day = Day::from_date(jiff::civil::date(2020, 2, 29));
        assert_eq!(text(day, Precision::Year), "2020");
        assert_eq!(text(day, Precision::Month), "2020-02");
        assert_eq!(text(day, Precision::Day), "2020-02-29");
        assert_eq!(text(Day::NONE, Precision::Day), "");
    }

    proptest! {
        #[test]
        fn numbers_and_text_agree_with_the_calendar(year in 1..=9999_i16, of_year in 1..=365_i16) {
            let date = jiff::civil::date(year, 1, 1).with().day_of_year(of_year).build().unwrap();
            let day = Day::from_date(date);
            prop_assert_eq!(text(day, Precision::Day), date.to_string());
            let epoch = jiff::civil::date(1970, 1, 1);
            prop_assert_eq!(day.0, (date - epoch).get_days());
        }
    }
}

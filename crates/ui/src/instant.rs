//! Moments and durations as people read them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// A moment: relative for people, absolute for whoever looks closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Timestamp);

impl Instant {
    /// From milliseconds since 1970; moments beyond the calendar become its ends.
    pub fn from_millis(millis: i64) -> Self {
        let end = if millis < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Self(Timestamp::from_millisecond(millis).unwrap_or(end))
    }

    /// As machines read it, in UTC: `2026-11-24T10:14:05Z`.
    pub fn machine(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// As people read it, in UTC: `24 Nov 2026, 10:14:05 UTC`.
    pub fn absolute(self) -> String {
        self.0.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
    }

    /// How long ago it was at `now`: `just now`, `5 minutes ago`, `3 days ago`.
    pub fn relative(self, now: Self) -> String {
        let seconds = now.0.as_second().saturating_sub(self.0.as_second());
        if seconds < 0 {
            return "in the future".to_owned();
        }
        let ago = |number: i64, unit: &str| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{number} {unit}{plural} ago")
        };
        match seconds {
            0..10 => "just now".to_owned(),
            10..60 => ago(seconds, "second"),
            60..3_600 => ago(seconds / 60, "minute"),
            3_600..86_400 => ago(seconds / 3_600, "hour"),
            86_400..2_592_000 => ago(seconds / 86_400, "day"),
            2_592_000..31_536_000 => ago(seconds / 2_592_000, "month"),
            _ => ago(seconds / 31_536_000, "year"),
        }
    }

    /// How long after `earlier` it is; nothing if it is before it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or_default()
    }

    /// A `<time>` element with all three.
    pub fn element(self, now: Self) -> Element {
        Element { at: self, now }
    }
}

/// A `<time>` element; safe to stand in a page.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    at: Instant,
    now: Instant,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<time datetime="{}" title="{}">{}</time>"#,
            self.at.machine(),
            self.at.absolute(),
            self.at.relative(self.now)
        )
    }
}

/// A duration in the two largest units that it has: `420 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
pub fn duration_in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_durations_read_well() {
        let at = |seconds: i64| Instant::from_millis(1_637_000_000_000 + seconds * 1000);
        let then = at(0);
        assert_eq!(then.machine(), "2021-11-15T18:13:20Z");
        assert_eq!(then.absolute(), "15 Nov 2021, 18:13:20 UTC");
        for (seconds, words) in [
            (-5, "in the future"),
            (3, "just now"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (7_300, "2 hours ago"),
            (86_400, "1 day ago"),
            (40 * 86_400, "1 month ago"),
            (800 * 86_400, "2 years ago"),
        ] {
            assert_eq!(then.relative(at(seconds)), words);
        }
        for (millis, words) in [
            (420, "420 ms"),
            (12_340, "12.3 s"),
            (245_000, "4 min 05 s"),
            (34_192_000, "9 h 29 min"),
        ] {
            assert_eq!(duration_in_words(Duration::from_millis(millis)), words);
        }
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!Instant::from_millis(extreme).absolute().is_empty());
        }
    }
}

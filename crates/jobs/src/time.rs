//! Points in time, and a clock that only ever moves forwards by believable amounts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01 00:00 UTC.
///
/// It is only ever shown and compared for age. Nothing is decided by the difference between two of
/// them, because the clocks of servers are set back and jump.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// How long after `earlier` this is; nothing if it is before it.
    pub fn since(self, earlier: Self) -> Duration {
        let milliseconds = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
    }
}

/// What leases, delays and time limits are counted by: the time that passed while somebody watched.
///
/// It adds up the differences between the times it is shown. A step backwards adds nothing, and a
/// step longer than `longest` adds only `longest`: either the clock was set, or the server was
/// stopped and no agent could reach it. So nothing falls due because of a clock that jumps or of a
/// server that was away, and nothing is put off for longer than the real time it should take.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    last: Option<Timestamp>,
    passed: Duration,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            last: None,
            passed: Duration::ZERO,
        }
    }

    /// Moves on to `now` and gives what has passed since the clock was made.
    pub(crate) fn advance(&mut self, now: Timestamp, longest: Duration) -> Duration {
        if let Some(last) = self.last.replace(now) {
            self.passed = self.passed.saturating_add(now.since(last).min(longest));
        }
        self.passed
    }

    pub(crate) fn passed(&self) -> Duration {
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_believes_neither_jumps_nor_steps_back() {
        let second = Duration::from_secs(1);
        let mut clock = Clock::new();
        let cases = [
            (1_000, 0),
            (1_400, 400),
            (900, 400),
            (1_000, 500),
            (i64::MAX, 1_500),
            (i64::MIN, 1_500),
            (i64::MAX, 2_500),
            (0, 2_500),
            (10, 2_510),
        ];
        for (now, passed) in cases {
            assert_eq!(
                clock.advance(Timestamp(now), second),
                Duration::from_millis(passed),
                "at {now}"
            );
        }
    }
}

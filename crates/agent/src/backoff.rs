//! How long to wait after a failure: twice as long each time, and never in step with others.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// Waits that double from `first` to `longest`, each cut at random to between its half and itself, so
/// that agents which lost a server together do not return together.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// How long to wait after one more failure.
    pub(crate) fn failed(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let wait = doubled.min(self.longest);
        // Each `RandomState` has keys of its own: randomness that needs no generator.
        let random = RandomState::new().hash_one(self.failures) >> 32;
        let part = random as f64 / f64::from(u32::MAX);
        wait.mul_f64(f64::midpoint(1.0, part).min(1.0))
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_start_anew() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(first, longest);
        for most in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.failed();
            let most = Duration::from_millis(most);
            assert!(wait >= most / 2 && wait <= most, "{wait:?} of {most:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed() <= first);
        for _ in 0..1000 {
            assert!(backoff.failed() <= longest);
        }
    }
}

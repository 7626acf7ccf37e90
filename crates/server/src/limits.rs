//! How often somebody may do something, in a fixed amount of memory.

use std::{
    borrow::Borrow,
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often each of many may do something: so often in a row, and then one more each time some time has
/// passed (a token bucket).
///
/// It knows `max_keys` to twice as many keys, and forgets those that it heard of longest ago. Whoever can
/// show up under more keys than that is limited less, and no key that was not heard of is ever refused.
pub struct Limiter<K> {
    burst: u32,
    every: Duration,
    max_keys: usize,
    known: Mutex<Known<K>>,
}

/// Keys, and when each has all its times again. Later than that it is as one that was never heard of.
struct Known<K> {
    newer: HashMap<K, Instant>,
    older: HashMap<K, Instant>,
}

impl<K: Hash + Eq> Limiter<K> {
    /// `burst` times in a row, and one more each time `every` has passed.
    pub fn new(burst: u32, every: Duration, max_keys: usize) -> Self {
        Self {
            burst: burst.max(1),
            every,
            max_keys: max_keys.max(1),
            known: Mutex::new(Known {
                newer: HashMap::new(),
                older: HashMap::new(),
            }),
        }
    }

    /// Counts one time, or says how long until the next.
    pub fn check(&self, key: K) -> Result<(), Duration> {
        self.check_at(key, Instant::now())
    }

    /// Says whether [`Self::check`] would pass, and counts nothing.
    pub fn look<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Result<(), Duration>
    where
        K: Borrow<Q>,
    {
        self.look_at(key, Instant::now())
    }

    /// Takes back one time that was counted: it turned out to be of a kind that may happen. Whoever
    /// counts before it looks at a password takes back after a right one.
    pub fn take_back(&self, key: K) {
        self.take_back_at(key, Instant::now());
    }

    fn check_at(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut known = self.lock();
        let full = known.full_again(&key).unwrap_or(now).max(now);
        self.wait(full, now)?;
        known.keep(key, full + self.every, self.max_keys);
        Ok(())
    }

    fn look_at<Q: Hash + Eq + ?Sized>(&self, key: &Q, now: Instant) -> Result<(), Duration>
    where
        K: Borrow<Q>,
    {
        let full = self.lock().full_again(key).unwrap_or(now).max(now);
        self.wait(full, now)
    }

    fn take_back_at(&self, key: K, now: Instant) {
        let mut known = self.lock();
        let full = known.full_again(&key).unwrap_or(now).max(now);
        let earlier = full.checked_sub(self.every).unwrap_or(now);
        known.keep(key, earlier.max(now), self.max_keys);
    }

    /// There is room for one more while all but one of the burst have come back.
    fn wait(&self, full: Instant, now: Instant) -> Result<(), Duration> {
        let ahead = full.saturating_duration_since(now);
        let may_be = self.every.saturating_mul(self.burst - 1);
        let wait = ahead.saturating_sub(may_be);
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known<K>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Known<K> {
    fn full_again<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Instant>
    where
        K: Borrow<Q>,
    {
        self.newer.get(key).or_else(|| self.older.get(key)).copied()
    }

    fn keep(&mut self, key: K, full: Instant, max_keys: usize) {
        self.older.remove(&key);
        if self.newer.len() >= max_keys && !self.newer.contains_key(&key) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, full);
    }
}

/// Keys are addresses and names of people, which no log is to hold.
impl<K> fmt::Debug for Limiter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("burst", &self.burst)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(10);

    #[test]
    fn so_often_in_a_row_and_then_one_by_one() {
        let limiter: Limiter<&str> = Limiter::new(3, EVERY, 8);
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        let wait = |seconds: u64| Err(Duration::from_secs(seconds));
        let script = [
            (0, "a", Ok(())),
            (0, "a", Ok(())),
            (0, "a", Ok(())),
            (0, "a", wait(10)),
            (0, "b", Ok(())),
            (4, "a", wait(6)),
            // A refusal costs nothing.
            (10, "a", Ok(())),
            (10, "a", wait(10)),
            // All came back, and no more than all.
            (1000, "a", Ok(())),
            (1000, "a", Ok(())),
            (1000, "a", Ok(())),
            (1000, "a", wait(10)),
        ];
        for (place, (seconds, key, expected)) in script.into_iter().enumerate() {
            assert_eq!(limiter.look_at(key, at(seconds)), expected, "{place}");
            assert_eq!(limiter.check_at(key, at(seconds)), expected, "{place}");
        }
    }

    #[test]
    fn what_is_taken_back_was_never_counted() {
        let limiter: Limiter<&str> = Limiter::new(2, EVERY, 8);
        let now = Instant::now();
        for _ in 0..20 {
            assert_eq!(limiter.check_at("a", now), Ok(()));
            limiter.take_back_at("a", now);
        }
        limiter.take_back_at("a", now);
        assert_eq!(limiter.check_at("a", now), Ok(()));
        assert_eq!(limiter.check_at("a", now), Ok(()));
        assert_eq!(limiter.check_at("a", now), Err(EVERY));
    }

    #[test]
    fn memory_is_bounded_and_those_heard_of_lately_are_known() {
        let limiter: Limiter<u32> = Limiter::new(1, EVERY, 100);
        let now = Instant::now();
        for key in 0..10_000 {
            assert_eq!(limiter.check_at(key, now), Ok(()), "{key}");
            let known = limiter.lock();
            assert!(known.newer.len() + known.older.len() <= 200);
        }
        for key in 9_900..10_000 {
            assert_eq!(limiter.check_at(key, now), Err(EVERY), "{key}");
        }
    }

    #[test]
    fn many_at_once_get_no_more_than_one() {
        let limiter: Limiter<u8> = Limiter::new(50, Duration::from_hours(1), 8);
        let passed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..50).filter(|_| limiter.check(1).is_ok()).count()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(passed, 50);
        assert!(limiter.look(&1).is_err());
        assert!(limiter.look(&2).is_ok());
    }
}

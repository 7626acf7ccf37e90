//! How long a task may go on without a word from the server.

use std::time::Duration;

use crate::moment::Moment;

/// A lease, counted from when what renewed it was *sent*: the server counts from when it heard that,
/// which is later, so the agent stops first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    length: Duration,
    from: Moment,
}

impl Lease {
    pub(crate) fn new(length: Duration, from: Moment) -> Self {
        Self { length, from }
    }

    /// Something that was sent at `from` was heard.
    pub(crate) fn renew(&mut self, from: Moment) {
        self.from = self.from.max(from);
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.left(now).is_zero()
    }

    /// How long it still lasts.
    pub(crate) fn left(&self, now: Moment) -> Duration {
        self.from.after(self.length).wait_from(now)
    }

    /// Whether so little of it is left that it is renewed before anything is begun under it: what brought
    /// it was sent long before, perhaps because the server waited until there was a task.
    pub(crate) fn is_old(&self, now: Moment) -> bool {
        self.left(now) <= self.length / 2
    }

    /// When to renew it: with time for two more tries.
    pub(crate) fn renew_at(&self) -> Moment {
        self.from.after(self.length / 3)
    }

    /// How long one try to renew it may take.
    pub(crate) fn patience(&self) -> Duration {
        (self.length / 3).clamp(Duration::from_millis(100), Duration::from_secs(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_from_what_was_sent_and_never_shrinks() {
        let start = Moment::now();
        let seconds = |seconds| start.after(Duration::from_secs(seconds));
        let mut lease = Lease::new(Duration::from_secs(30), start);
        assert!(!lease.is_over(seconds(29)));
        assert!(lease.is_over(seconds(30)));
        assert_eq!(lease.renew_at(), seconds(10));
        lease.renew(seconds(12));
        // An older message that was heard late takes nothing away.
        lease.renew(seconds(3));
        assert!(!lease.is_over(seconds(41)));
        assert!(lease.is_over(seconds(42)));
    }
}

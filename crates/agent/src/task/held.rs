//! A task that this agent holds, as its threads share it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Why a task is to stop. Where there are several reasons, the later one in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The agent is to end now.
    Halted,
    /// The server was not heard for a whole lease.
    Lapsed,
    /// The server said so.
    Told,
    /// The server gave it to somebody else, or is done with it.
    NotOurs,
}

/// A task that this agent holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// The task's name.
    pub(crate) task: String,
    stop: Arc<AtomicBool>,
    why: Mutex<Option<Why>>,
}

impl Held {
    pub(crate) fn new(task: String) -> Self {
        Self {
            task,
            stop: Arc::default(),
            why: Mutex::default(),
        }
    }

    /// Stops what works on it; whether this reason is news.
    pub(crate) fn stop(&self, why: Why) -> bool {
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = *known < Some(why);
        *known = (*known).max(Some(why));
        self.stop.store(true, Ordering::Release);
        is_news
    }

    /// Why it was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<Why> {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Raised when it is stopped.
    pub(crate) fn flag(&self) -> &Arc<AtomicBool> {
        &self.stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightiest_reason_counts() {
        let held = Held::new("t".to_owned());
        assert_eq!(held.stopped(), None);
        for (why, counts, is_news) in [
            (Why::Lapsed, Why::Lapsed, true),
            (Why::Halted, Why::Lapsed, false),
            (Why::Told, Why::Told, true),
            (Why::Told, Why::Told, false),
            (Why::NotOurs, Why::NotOurs, true),
            (Why::Told, Why::NotOurs, false),
        ] {
            assert_eq!(held.stop(why), is_news);
            assert_eq!(held.stopped(), Some(counts));
            assert!(held.flag().load(Ordering::Acquire));
        }
    }
}

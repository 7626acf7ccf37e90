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

    /// Stops what works on it.
    pub(crate) fn stop(&self, why: Why) {
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (*known).max(Some(why));
        self.stop.store(true, Ordering::Release);
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
        for (why, counts) in [
            (Why::Lapsed, Why::Lapsed),
            (Why::Halted, Why::Lapsed),
            (Why::Told, Why::Told),
            (Why::NotOurs, Why::NotOurs),
            (Why::Told, Why::NotOurs),
        ] {
            held.stop(why);
            assert_eq!(held.stopped(), Some(counts));
            assert!(held.flag().load(Ordering::Acquire));
        }
    }
}

//! Asking an agent to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Asks an agent to end: once to finish what it has, twice to stop that too. Cheap to clone; asking is
/// all that a thread that waits for signals has to do.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Nothing asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first time: take no more tasks, and end when those under way have. From the second time
    /// on: stop them, and end.
    pub fn ask(&self) {
        let asked = |times: u8| Some(times.saturating_add(1));
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, asked);
    }

    /// Whether no more tasks are to be taken.
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire) >= 1
    }

    /// Whether tasks under way are to be stopped.
    pub fn is_halting(&self) -> bool {
        self.0.load(Ordering::Acquire) >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_drains_and_twice_halts() {
        let stop = Stop::new();
        let clone = stop.clone();
        assert!(!stop.is_draining());
        clone.ask();
        assert!(stop.is_draining() && !stop.is_halting());
        for _ in 0..1000 {
            clone.ask();
        }
        assert!(stop.is_draining() && stop.is_halting());
    }
}

//! What time says: leases that lapsed, jobs that ran too long.

use super::{Attempt, Backend, Lapsed};
use crate::{event::Effects, id::TaskId, state::StatusCode, time::Timestamp};

/// What is due for a running job.
enum Due {
    /// Nobody holds it: what was kept of it is damaged.
    Orphaned,
    Lapsed,
    TooLong,
}

impl Backend {
    pub(super) fn run_timers(&mut self, now: Timestamp, effects: &mut Effects) {
        let passed = self.clock.passed();
        for slot in self.running.clone() {
            match self.due(slot) {
                Some(Due::Lapsed) => {
                    if let Some(entry) = self.touch(slot) {
                        let started_at = entry.job.started_at;
                        let attempt = entry.attempt.take();
                        entry.lapsed =
                            attempt.map(|Attempt { agent, .. }| Lapsed { agent, started_at });
                    }
                    self.fault(slot, now, effects);
                }
                Some(Due::Orphaned) => self.fault(slot, now, effects),
                Some(Due::TooLong) => {
                    self.stop(slot, effects);
                    self.end(slot, StatusCode::TimeLimitExceeded, now, effects);
                }
                None => {}
            }
        }
        let stopped: Vec<TaskId> = self
            .stopping
            .iter()
            .filter(|(_, stopping)| stopping.until <= passed)
            .map(|(task, _)| task.clone())
            .collect();
        for task in stopped {
            self.stopping.remove(&task);
            self.release(&task);
        }
    }

    fn due(&self, slot: usize) -> Option<Due> {
        let passed = self.clock.passed();
        let entry = self.slots[slot].as_ref()?;
        let Some(attempt) = &entry.attempt else {
            return Some(Due::Orphaned);
        };
        let limit = entry.job.time_limit.or(self.settings.time_limit);
        let ran = attempt
            .ran_before
            .saturating_add(passed.saturating_sub(attempt.began));
        if limit.is_some_and(|limit| ran >= limit) {
            Some(Due::TooLong)
        } else {
            (attempt.lease_until <= passed).then_some(Due::Lapsed)
        }
    }
}

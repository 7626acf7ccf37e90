//! The few ways in which a job changes.

use super::{Backend, Entry, Stopping};
use crate::{
    event::{Effects, Stop},
    state::{State, StatusCode},
    time::Timestamp,
};

impl Backend {
    /// The entry in a slot, to be changed: it will be among the effects of this step.
    pub(super) fn touch(&mut self, slot: usize) -> Option<&mut Entry> {
        let entry = self.slots[slot].as_mut()?;
        if !std::mem::replace(&mut entry.touched, true) {
            self.touched.push((slot, entry.arrival));
        }
        Some(entry)
    }

    /// Gives a job another code of the same state, if it is another.
    pub(super) fn set_code(&mut self, slot: usize, code: StatusCode, now: Timestamp) {
        let differs = self.slots[slot]
            .as_ref()
            .is_some_and(|entry| entry.job.code != code);
        if differs && let Some(entry) = self.touch(slot) {
            entry.job.take(code, now);
        }
    }

    /// Ends a job: it leaves, and those that wait for it learn how it ended. Gives the slots of
    /// those that can never start because of it.
    pub(super) fn end(
        &mut self,
        slot: usize,
        code: StatusCode,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Vec<usize> {
        let Some(mut entry) = self.slots[slot].take() else {
            return Vec::new();
        };
        self.running.remove(&slot);
        self.index.remove(&entry.job.id);
        self.empty.push(slot);
        entry.job.take(code, now);
        let mut doomed = Vec::new();
        for (slot, arrival) in entry.followers {
            if let Some(follower) = &mut self.slots[slot]
                && follower.arrival == arrival
            {
                follower.awaits -= 1;
                if entry.job.state() == State::Failed {
                    follower.doomed = true;
                    doomed.push(slot);
                }
            }
        }
        effects.changed.push(entry.job);
        doomed
    }

    /// Takes a running job back to pending. The agent that holds it is to stop, and no other begins
    /// before it said that it did or must have.
    pub(super) fn take_back(
        &mut self,
        slot: usize,
        code: StatusCode,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        self.stop(slot, effects);
        self.put_back(slot, code, now);
    }

    /// Takes a running job back to pending after its attempt failed by a fault of the machinery, or
    /// lets it fail if there were too many of these. To be called when the attempt is over, or after
    /// [`Self::stop`].
    pub(super) fn fault(&mut self, slot: usize, now: Timestamp, effects: &mut Effects) {
        let retries = self.settings.retries;
        let passed = self.clock.passed();
        let stopping = &self.stopping;
        let task = self.slots[slot].as_ref().and_then(|entry| entry.job.task());
        let still_held = task.is_some_and(|task| stopping.contains_key(&task));
        let Some(entry) = self.touch(slot) else {
            return;
        };
        if !still_held {
            entry.job.holder = None;
        }
        entry.job.faults = entry.job.faults.saturating_add(1);
        if entry.job.faults >= retries.attempts {
            self.end(slot, StatusCode::InternalError, now, effects);
        } else {
            entry.not_before = passed.saturating_add(retries.delay(entry.job.faults));
            self.put_back(slot, StatusCode::WaitingOnNewTask, now);
        }
    }

    fn put_back(&mut self, slot: usize, code: StatusCode, now: Timestamp) {
        self.running.remove(&slot);
        if let Some(entry) = self.touch(slot) {
            entry.attempt = None;
            entry.job.take(code, now);
        }
    }

    /// Tells the agent that runs a job to stop.
    pub(super) fn stop(&mut self, slot: usize, effects: &mut Effects) {
        let Some(entry) = &self.slots[slot] else {
            return;
        };
        if let (Some(attempt), Some(task)) = (&entry.attempt, entry.job.task()) {
            let agent = attempt.agent.clone();
            effects.stops.push(Stop {
                task: task.clone(),
                agent: agent.clone(),
            });
            let until = attempt.lease_until;
            self.stopping.insert(task, Stopping { agent, until });
        }
    }
}

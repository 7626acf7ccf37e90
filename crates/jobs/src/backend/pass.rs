//! What waits for what, and what can start.

use super::{Backend, Entry, hand_out::Takers};
use crate::{
    event::{Ask, Effects},
    job::Job,
    order::{Candidate, offer},
    pool::{Free, Short},
    state::{State, StatusCode},
    time::Timestamp,
};

/// What is to be done about a pending job.
enum Verdict {
    /// It stays pending, for this reason.
    Wait(StatusCode),
    /// It can never run.
    Fail(StatusCode),
    /// Nothing keeps it but workers.
    Ready,
}

impl Backend {
    pub(super) fn pass(&mut self, now: Timestamp, asks: &[Ask], effects: &mut Effects) {
        let mut takers = self.hear(now, asks, effects);
        let mut candidates = Vec::new();
        let mut failed: Vec<(usize, StatusCode)> = Vec::new();
        for slot in 0..self.slots.len() {
            let Some(entry) = &self.slots[slot] else {
                continue;
            };
            if entry.job.state() != State::Pending {
                continue;
            }
            match self.judge(entry) {
                Verdict::Wait(code) => self.set_code(slot, code, now),
                Verdict::Fail(code) => failed.push((slot, code)),
                Verdict::Ready => candidates.push(candidate(slot, entry)),
            }
        }
        while let Some((slot, code)) = failed.pop() {
            for follower in self.end(slot, code, now, effects) {
                let fails = self.slots[follower].as_ref().map(|entry| self.judge(entry));
                if let Some(Verdict::Fail(code)) = fails {
                    failed.push((follower, code));
                }
            }
        }
        self.hand_out_all(now, candidates, &mut takers, effects);
    }

    /// The jobs that wait for nothing but workers, in the order in which they would begin if
    /// workers became free one after the other. Takes time in proportion to n log n.
    pub fn queue(&self) -> Vec<&Job> {
        let (_, mut running) = self.in_use();
        let occupied = self.slots.iter().enumerate();
        let candidates = occupied
            .filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)))
            .filter(|(_, entry)| entry.job.state() == State::Pending)
            .filter(|(_, entry)| matches!(self.judge(entry), Verdict::Ready))
            .map(|(slot, entry)| candidate(slot, entry))
            .collect();
        let mut queue = Vec::new();
        offer(candidates, &mut running, |candidate| {
            queue.extend(self.slots[candidate.slot].as_ref().map(|entry| &entry.job));
            true
        });
        queue
    }

    /// What of the pools is free, and how many jobs of each workspace run.
    fn in_use(&self) -> (Free, Vec<u32>) {
        let mut free = self.settings.pools.free();
        let mut running = vec![0; self.workspaces.len()];
        for &slot in &self.running {
            if let Some(entry) = &self.slots[slot] {
                free.take(entry.weight, entry.job.requires_db);
                running[entry.workspace] += 1;
            }
        }
        (free, running)
    }

    /// The reasons in the order of the reference. What keeps the whole backend goes before what
    /// concerns the job, so that nothing fails while the backend is held.
    fn judge(&self, entry: &Entry) -> Verdict {
        let job = &entry.job;
        if self.paused {
            // Said already, and more to the point.
            let stopped_for_it = job.code == StatusCode::WaitingOnReboot;
            return Verdict::Wait(if stopped_for_it {
                job.code
            } else {
                StatusCode::Paused
            });
        }
        if self.maintenance && job.requires_db {
            return Verdict::Wait(StatusCode::WaitingDbMaintenance);
        }
        if !self.settings.pools.can_hold(entry.weight, job.requires_db) {
            return Verdict::Fail(StatusCode::TooHeavy);
        }
        if entry.doomed {
            return Verdict::Fail(StatusCode::DependencyFailed);
        }
        if entry.awaits > 0 {
            return Verdict::Wait(StatusCode::WaitingOnDependencies);
        }
        if job.holder.is_some() || self.clock.passed() < entry.not_before {
            let code = if job.code.is_reset() {
                job.code
            } else {
                StatusCode::WaitingOnNewTask
            };
            return Verdict::Wait(code);
        }
        Verdict::Ready
    }

    fn hand_out_all(
        &mut self,
        now: Timestamp,
        candidates: Vec<Candidate>,
        takers: &mut Takers<'_>,
        effects: &mut Effects,
    ) {
        let (mut free, mut running) = self.in_use();
        if takers.iter().all(|(_, slots)| *slots == 0) {
            // The order is of no matter, and sorting is most of the work.
            for candidate in &candidates {
                self.set_code(candidate.slot, waits_for(free, candidate), now);
            }
            return;
        }
        offer(candidates, &mut running, |candidate| {
            let fits = free
                .shortage(candidate.weight, candidate.requires_db)
                .is_none();
            let taker = takers
                .iter_mut()
                .rev()
                .max_by_key(|(_, slots)| *slots)
                .filter(|(_, slots)| fits && *slots > 0);
            let Some((agent, slots)) = taker else {
                self.set_code(candidate.slot, waits_for(free, candidate), now);
                return false;
            };
            *slots -= 1;
            free.take(candidate.weight, candidate.requires_db);
            self.hand_out(candidate.slot, agent, now, effects);
            true
        });
    }
}

fn candidate(slot: usize, entry: &Entry) -> Candidate {
    Candidate {
        slot,
        workspace: entry.workspace,
        requires_db: entry.job.requires_db,
        weight: entry.weight,
        created_at: entry.job.created_at,
        arrival: entry.arrival,
    }
}

/// Why a job that could not start waits. One for which there is room waits for an agent.
fn waits_for(free: Free, candidate: &Candidate) -> StatusCode {
    match free.shortage(candidate.weight, candidate.requires_db) {
        Some(Short::DbWorkers) => StatusCode::WaitingOnDbWorkers,
        Some(Short::Workers) | None => StatusCode::WaitingOnWorkers,
    }
}

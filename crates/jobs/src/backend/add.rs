//! How jobs come in: new ones, and those that a server which starts anew has kept.

use std::{collections::HashMap, time::Duration};

use super::{Attempt, Backend, Entry, Stopping};
use crate::{id::JobId, job::Job, state::State};

/// Why jobs cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAdd {
    /// There is one of this name.
    #[error("there is a job {0} already")]
    Known(JobId),
    /// These jobs wait for each other, so that none could ever start.
    #[error("job {0} waits for itself, through others or not")]
    Cycle(JobId),
}

impl Backend {
    /// Adds jobs: all of them, or none if one cannot be added.
    ///
    /// Of jobs of one age, those that come first start first. Jobs that have ended may be among
    /// them; they are not kept, but those that wait for them learn how they ended. A job that is
    /// waited for and not known is taken to have succeeded, as in the reference.
    pub fn add(&mut self, jobs: Vec<Job>) -> Result<(), CannotAdd> {
        self.check(&jobs)?;
        let ended: HashMap<JobId, State> = jobs
            .iter()
            .filter(|job| job.state().is_final())
            .map(|job| (job.id.clone(), job.state()))
            .collect();
        let added: Vec<usize> = jobs
            .into_iter()
            .filter(|job| !job.state().is_final())
            .map(|job| self.insert(job))
            .collect();
        for slot in added {
            self.connect(slot, &ended);
        }
        Ok(())
    }

    fn check(&self, jobs: &[Job]) -> Result<(), CannotAdd> {
        let mut places: HashMap<&JobId, usize> = HashMap::new();
        for (place, job) in jobs.iter().enumerate() {
            if self.index.contains_key(&job.id) || places.insert(&job.id, place).is_some() {
                return Err(CannotAdd::Known(job.id.clone()));
            }
        }
        // Those that are there wait for none of these, so a cycle is among these only. Each is
        // taken away once all that it waits for are; what is left waits for itself.
        let mut awaits = vec![0_usize; jobs.len()];
        let mut followers = vec![Vec::new(); jobs.len()];
        for (place, job) in jobs.iter().enumerate() {
            for awaited in job.wait_for.iter().filter_map(|id| places.get(id)) {
                awaits[place] += 1;
                followers[*awaited].push(place);
            }
        }
        let mut open: Vec<usize> = (0..jobs.len())
            .filter(|&place| awaits[place] == 0)
            .collect();
        let mut left = jobs.len();
        while let Some(place) = open.pop() {
            left -= 1;
            for &follower in &followers[place] {
                awaits[follower] -= 1;
                if awaits[follower] == 0 {
                    open.push(follower);
                }
            }
        }
        match (0..jobs.len()).find(|&place| awaits[place] > 0) {
            Some(place) if left > 0 => Err(CannotAdd::Cycle(jobs[place].id.clone())),
            _ => Ok(()),
        }
    }

    fn insert(&mut self, job: Job) -> usize {
        let slot = self.empty.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        let next = self.workspaces.len();
        let workspace = *self.workspaces.entry(job.workspace.clone()).or_insert(next);
        let passed = self.clock.passed();
        let patience = self.settings.leases.patience();
        let mut attempt = None;
        let mut not_before = Duration::ZERO;
        if job.state() == State::Running {
            self.running.insert(slot);
            attempt = job.holder.as_ref().map(|agent| Attempt {
                agent: agent.clone(),
                lease_until: passed.saturating_add(patience),
                began: passed,
                ran_before: job
                    .started_at
                    .map_or(Duration::ZERO, |started| job.updated_at.since(started)),
                hand_outs: 1,
            });
        } else {
            if let (Some(agent), Some(task)) = (&job.holder, job.task()) {
                let stop = Stopping {
                    agent: agent.clone(),
                    until: passed.saturating_add(patience),
                };
                self.stopping.insert(task, stop);
            }
            if job.faults > 0 {
                not_before = passed.saturating_add(self.settings.retries.delay(job.faults));
            }
        }
        self.arrivals += 1;
        self.index.insert(job.id.clone(), slot);
        self.slots[slot] = Some(Entry {
            weight: self.settings.weigh(&job),
            job,
            arrival: self.arrivals,
            workspace,
            awaits: 0,
            doomed: false,
            followers: Vec::new(),
            not_before,
            attempt,
            lapsed: None,
            touched: false,
        });
        slot
    }

    /// Lets a job wait for those of its `wait_for` that have not ended.
    fn connect(&mut self, slot: usize, ended: &HashMap<JobId, State>) {
        let Some(entry) = &self.slots[slot] else {
            return;
        };
        let arrival = entry.arrival;
        let mut awaits = 0;
        let mut doomed = false;
        for awaited in entry.job.wait_for.clone() {
            doomed |= ended.get(&awaited) == Some(&State::Failed);
            let known = self.index.get(&awaited).copied();
            if let Some(awaited) = known.and_then(|slot| self.slots[slot].as_mut()) {
                awaited.followers.push((slot, arrival));
                awaits += 1;
            }
        }
        if let Some(entry) = &mut self.slots[slot] {
            entry.awaits = awaits;
            entry.doomed = doomed;
        }
    }
}

//! How tasks come to agents.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use super::{Attempt, Backend};
use crate::{
    event::{Ask, Effects, HandOut, Stop},
    id::{AgentId, TaskId},
    state::StatusCode,
    time::Timestamp,
};

/// Agents that ask, and how many tasks each would still take.
pub(super) type Takers<'a> = Vec<(&'a AgentId, u32)>;

impl Backend {
    /// Begins a new attempt.
    pub(super) fn hand_out(
        &mut self,
        slot: usize,
        agent: &AgentId,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let passed = self.clock.passed();
        let leases = self.settings.leases;
        let time_limit = self.settings.time_limit;
        self.running.insert(slot);
        let Some(entry) = self.touch(slot) else {
            return;
        };
        entry.job.tasks = entry.job.tasks.saturating_add(1);
        entry.job.holder = Some(agent.clone());
        entry.job.take(StatusCode::Initiated, now);
        entry.lapsed = None;
        entry.attempt = Some(Attempt {
            agent: agent.clone(),
            lease_until: passed.saturating_add(leases.patience()),
            began: passed,
            ran_before: Duration::ZERO,
            hand_outs: 1,
        });
        effects
            .handed_out
            .extend(entry.job.task().map(|task| HandOut {
                task,
                agent: agent.clone(),
                lease: leases.length,
                time_limit: entry.job.time_limit.or(time_limit),
                again: false,
            }));
    }

    /// Compares what agents that ask hold with what they should hold: hands out again what was
    /// lost on the way, and stops what is no longer theirs.
    pub(super) fn hear<'a>(
        &mut self,
        now: Timestamp,
        asks: &'a [Ask],
        effects: &mut Effects,
    ) -> Takers<'a> {
        // An agent that asks again has given up its earlier question.
        let asking: BTreeMap<&AgentId, &Ask> = asks.iter().map(|ask| (&ask.agent, ask)).collect();
        if asking.is_empty() {
            return Vec::new();
        }
        let mut theirs: BTreeMap<&AgentId, Vec<(usize, TaskId)>> = BTreeMap::new();
        for &slot in &self.running {
            if let Some(entry) = &self.slots[slot]
                && let (Some(attempt), Some(task)) = (&entry.attempt, entry.job.task())
                && let Some((agent, _)) = asking.get_key_value(&attempt.agent)
            {
                theirs.entry(agent).or_default().push((slot, task));
            }
        }
        let mut takers = Vec::new();
        for (agent, ask) in asking {
            let theirs = theirs.remove(agent).unwrap_or_default();
            let running: HashSet<&TaskId> = theirs.iter().map(|(_, task)| task).collect();
            for task in ask.holds.iter().filter(|task| !running.contains(task)) {
                effects.stops.push(Stop {
                    task: task.clone(),
                    agent: agent.clone(),
                });
            }
            let holds: HashSet<&TaskId> = ask.holds.iter().collect();
            let mut slots = ask.slots;
            for (slot, task) in &theirs {
                if !holds.contains(task) && slots > 0 {
                    slots -= u32::from(self.hand_out_again(*slot, task, now, effects));
                }
            }
            takers.push((agent, slots));
        }
        takers
    }

    /// Hands out the same attempt once more; whether it did.
    fn hand_out_again(
        &mut self,
        slot: usize,
        task: &TaskId,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        let settings = &self.settings;
        let until = self
            .clock
            .passed()
            .saturating_add(settings.leases.patience());
        let Some(entry) = &mut self.slots[slot] else {
            return false;
        };
        let Some(attempt) = &mut entry.attempt else {
            return false;
        };
        if attempt.hand_outs >= settings.retries.hand_outs {
            // Perhaps it is this task that makes the agent fall over. Perhaps, too, it was not lost
            // and only the asks were out of order, so nobody else begins before the agent stopped.
            self.stop(slot, effects);
            self.fault(slot, now, effects);
            return false;
        }
        attempt.hand_outs += 1;
        attempt.lease_until = until;
        effects.handed_out.push(HandOut {
            task: task.clone(),
            agent: attempt.agent.clone(),
            lease: settings.leases.length,
            time_limit: entry.job.time_limit.or(settings.time_limit),
            again: true,
        });
        true
    }
}

//! What must always hold.

use std::collections::{BTreeMap, BTreeSet};

use glovebox_jobs::{AgentId, Effects, Event, JobId, State, StatusCode};

use super::{ATTEMPTS, DB_WORKERS, HEAVY, WORKERS, World};

impl World {
    /// Whether an agent speaks of an attempt that is no longer the newest, or not its own.
    pub(super) fn is_void(&self, event: &Event) -> bool {
        if let Event::Stopped { agent, task } = event {
            return self
                .backend
                .stops(agent)
                .iter()
                .all(|stop| stop.task != *task);
        }
        let (Event::Progress { agent, task, .. }
        | Event::Renewed { agent, task }
        | Event::Finished { agent, task, .. }) = event
        else {
            return false;
        };
        let job = &self.kept[&task.job];
        let holders = match event {
            // The report of a lapsed lease, before anybody began anew.
            Event::Finished { .. } if job.state() == State::Pending => None,
            _ => Some(agent),
        };
        job.state().is_final() || job.tasks != task.number || job.holder.as_ref() != holders
    }

    /// What happens in the store: every change is a transition that may be.
    pub(super) fn keep(&mut self, effects: &Effects) {
        let mut seen = BTreeSet::new();
        for job in &effects.changed {
            assert!(seen.insert(&job.id), "{} changed twice in one step", job.id);
            let before = self.kept.get(&job.id).expect("no job comes from nowhere");
            assert!(
                !before.state().is_final(),
                "{} changed after its end",
                job.id
            );
            assert!(before.tasks <= job.tasks && before.faults <= job.faults);
            let given_up = job.code == StatusCode::InternalError;
            assert!(
                job.faults < ATTEMPTS || given_up,
                "{} is tried for ever",
                job.id
            );
            // One step may pass through several codes, such as back to pending and on.
            let leads = StatusCode::ALL
                .iter()
                .any(|via| before.code.may_become(*via) && via.may_become(job.code));
            assert!(
                before.code == job.code || before.code.may_become(job.code) || leads,
                "{}: {} to {}",
                job.id,
                before.code,
                job.code
            );
            if let (Some(started), Some(completed)) = (job.started_at, job.completed_at) {
                assert!(started <= completed, "{} ended before it began", job.id);
            }
            self.kept.insert(job.id.clone(), job.clone());
        }
    }

    pub(super) fn inspect(&mut self, effects: &Effects) {
        let mut weight = 0;
        let mut database = 0;
        for job in self.kept.values() {
            let known = self.backend.job(&job.id);
            if job.state().is_final() {
                assert_eq!(known, None, "{} ended and is kept on", job.id);
            } else {
                assert_eq!(known, Some(job), "{} differs from what was kept", job.id);
            }
            if job.state() == State::Running {
                assert!(job.holder.is_some(), "{} runs nowhere", job.id);
                weight += if job.action == HEAVY { 2 } else { 1 };
                database += u32::from(job.requires_db);
            }
        }
        assert!(
            weight <= WORKERS && database <= DB_WORKERS,
            "too many at once"
        );
        assert_eq!(
            self.backend.jobs().count(),
            self.kept
                .values()
                .filter(|job| !job.state().is_final())
                .count()
        );
        let (paused, maintenance) = self.flags;
        for hand_out in &effects.handed_out {
            let job = &self.kept[&hand_out.task.job];
            assert_eq!(job.task().as_ref(), Some(&hand_out.task));
            assert_eq!(job.holder.as_ref(), Some(&hand_out.agent));
            assert_eq!(
                self.handed_out.insert(hand_out.task.clone()),
                !hand_out.again,
                "{} is handed out anew",
                hand_out.task
            );
            assert!(hand_out.again || !paused, "{} began while paused", job.id);
            assert!(
                !maintenance || !job.requires_db,
                "{} began in maintenance",
                job.id
            );
            for awaited in &job.wait_for {
                let awaited = self.kept.get(awaited);
                assert!(
                    awaited.is_none_or(|job| job.code == StatusCode::Succeeded),
                    "{} began before what it needs",
                    job.id
                );
            }
        }
    }

    /// No two agents are at work on one job, in the real world.
    pub(crate) fn inspect_machines(&self) {
        let mut at_work: BTreeMap<&JobId, &AgentId> = BTreeMap::new();
        for agent in &self.agents {
            for task in agent.at_work() {
                let other = at_work.insert(&task.job, &agent.id);
                assert_eq!(other, None, "{task} runs twice");
            }
        }
    }
}

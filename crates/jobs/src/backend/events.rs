//! What agents and people say.

use super::Backend;
use crate::{
    event::{Effects, Event, Ignored, IgnoredBecause, Stage, TaskResult},
    id::{AgentId, JobId, TaskId},
    job::{Cancellation, CancelledAs},
    state::{State, StatusCode},
    time::Timestamp,
};

/// How often a job that runs and does not change is kept anew, to show that its agent is alive:
/// once a minute, as in the reference.
const REFRESH_MS: u64 = 60_000;

impl Backend {
    pub(super) fn apply(&mut self, now: Timestamp, events: Vec<Event>, effects: &mut Effects) {
        let mut events: Vec<(usize, Event)> = events.into_iter().enumerate().collect();
        events.sort_by_key(|(_, event)| turn(event));
        for (place, event) in events {
            if let Err(why) = self.apply_one(now, event, effects) {
                effects.ignored.push(Ignored { event: place, why });
            }
        }
    }

    fn apply_one(
        &mut self,
        now: Timestamp,
        event: Event,
        effects: &mut Effects,
    ) -> Result<(), IgnoredBecause> {
        match event {
            Event::Progress { agent, task, stage } => {
                self.renew(&agent, &task, Some(stage), now)?;
            }
            Event::Renewed { agent, task } => self.renew(&agent, &task, None, now)?,
            Event::Finished {
                agent,
                task,
                result,
            } => self.finish(&agent, &task, result, now, effects)?,
            Event::Stopped { agent, task } => self.confirm_stop(&agent, &task, effects)?,
            Event::Cancel { job, by, role } => self.cancel(&job, by, role, now, effects)?,
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::MaintenanceBegan => {
                self.maintenance = true;
                self.take_back_all(true, StatusCode::WaitingDbMaintenance, now, effects);
            }
            Event::MaintenanceEnded => self.maintenance = false,
            Event::PrepareForReboot => {
                self.paused = true;
                self.take_back_all(false, StatusCode::WaitingOnReboot, now, effects);
            }
        }
        Ok(())
    }

    /// The slot of the job that an agent runs under this task.
    fn held(&self, agent: &AgentId, task: &TaskId) -> Option<usize> {
        let slot = *self.index.get(&task.job)?;
        let entry = self.slots[slot].as_ref()?;
        let attempt = entry.attempt.as_ref()?;
        (entry.job.tasks == task.number && attempt.agent == *agent).then_some(slot)
    }

    fn renew(
        &mut self,
        agent: &AgentId,
        task: &TaskId,
        stage: Option<Stage>,
        now: Timestamp,
    ) -> Result<(), IgnoredBecause> {
        let slot = self.held(agent, task).ok_or(IgnoredBecause::NotHeld)?;
        let until = self
            .clock
            .passed()
            .saturating_add(self.settings.leases.patience());
        if let Some(entry) = &mut self.slots[slot] {
            if let Some(attempt) = &mut entry.attempt {
                attempt.lease_until = until;
            }
            if now.0.abs_diff(entry.job.updated_at.0) >= REFRESH_MS
                && let Some(entry) = self.touch(slot)
            {
                entry.job.updated_at = now;
            }
        }
        if let Some(stage) = stage {
            self.set_code(slot, stage.code(), now);
        }
        Ok(())
    }

    fn finish(
        &mut self,
        agent: &AgentId,
        task: &TaskId,
        result: TaskResult,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), IgnoredBecause> {
        if self.confirm_stop(agent, task, effects).is_ok() {
            return Err(IgnoredBecause::StoppedBefore);
        }
        let slot = self
            .held(agent, task)
            .or_else(|| self.lapsed(agent, task, result))
            .ok_or(IgnoredBecause::NotHeld)?;
        let code = match result {
            TaskResult::MayPass => {
                self.fault(slot, now, effects);
                return Ok(());
            }
            TaskResult::Exited {
                exit_code,
                unmatched_patterns,
                withheld,
            } => {
                if let Some(entry) = &mut self.slots[slot] {
                    entry.job.exit_code = Some(exit_code);
                    entry.job.withheld = withheld;
                    if let Some(lapsed) = &entry.lapsed {
                        entry.job.started_at = lapsed.started_at;
                    }
                }
                match (exit_code, unmatched_patterns) {
                    (0, false) => StatusCode::Succeeded,
                    (0, true) => StatusCode::UnmatchedPatterns,
                    _ => StatusCode::NonzeroExit,
                }
            }
            TaskResult::TimedOut => StatusCode::TimeLimitExceeded,
            TaskResult::WillNotPass => StatusCode::JobError,
        };
        self.end(slot, code, now, effects);
        Ok(())
    }

    /// The slot of a job whose lease this agent let lapse, if what it says now is still of use: the
    /// command ended, and nobody began anew. Hours of work are not thrown away because the report
    /// came late.
    fn lapsed(&self, agent: &AgentId, task: &TaskId, result: TaskResult) -> Option<usize> {
        let slot = *self.index.get(&task.job)?;
        let entry = self.slots[slot].as_ref()?;
        let useful = match entry.job.code {
            StatusCode::WaitingOnNewTask | StatusCode::Paused => {
                matches!(result, TaskResult::Exited { .. })
            }
            StatusCode::WaitingDbMaintenance => result.is_success(),
            _ => false,
        };
        let newest = entry.job.tasks == task.number
            && entry
                .lapsed
                .as_ref()
                .is_some_and(|lapsed| lapsed.agent == *agent);
        (useful && newest).then_some(slot)
    }

    fn confirm_stop(
        &mut self,
        agent: &AgentId,
        task: &TaskId,
        effects: &mut Effects,
    ) -> Result<(), IgnoredBecause> {
        let stopping = self.stopping.get(task);
        if stopping.is_none_or(|stopping| stopping.agent != *agent) {
            return Err(IgnoredBecause::NotHeld);
        }
        self.stopping.remove(task);
        self.release(task);
        effects.stops.retain(|stop| stop.task != *task);
        Ok(())
    }

    /// Lets the job of a task that was being stopped start anew.
    pub(super) fn release(&mut self, task: &TaskId) {
        let slot = self.index.get(&task.job).copied();
        if let Some(entry) = slot.and_then(|slot| self.touch(slot))
            && entry.job.tasks == task.number
            && entry.job.state() == State::Pending
        {
            entry.job.holder = None;
        }
    }

    fn cancel(
        &mut self,
        job: &JobId,
        by: String,
        role: CancelledAs,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), IgnoredBecause> {
        let slot = *self.index.get(job).ok_or(IgnoredBecause::NotActive)?;
        if let Some(entry) = &mut self.slots[slot] {
            entry.job.cancelled = Some(Cancellation { by, role, at: now });
        }
        self.stop(slot, effects);
        self.end(slot, role.code(), now, effects);
        Ok(())
    }

    fn take_back_all(
        &mut self,
        database_only: bool,
        code: StatusCode,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        for slot in self.running.clone() {
            let concerned = self.slots[slot]
                .as_ref()
                .is_some_and(|entry| entry.job.requires_db || !database_only);
            if concerned {
                self.take_back(slot, code, now, effects);
            }
        }
    }
}

/// Which of several events of one moment goes first.
fn turn(event: &Event) -> u8 {
    match event {
        Event::Cancel { .. } => 0,
        Event::Finished { result, .. } if result.is_success() => 1,
        Event::Pause
        | Event::Resume
        | Event::MaintenanceBegan
        | Event::MaintenanceEnded
        | Event::PrepareForReboot => 2,
        Event::Progress { .. }
        | Event::Renewed { .. }
        | Event::Finished { .. }
        | Event::Stopped { .. } => 3,
    }
}

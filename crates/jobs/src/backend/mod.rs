//! The jobs of one backend that have not ended, and what becomes of them step by step.
//!
//! A step takes what happened since the last one and what time it is, and gives what changed. It
//! looks at each job once. Nothing in it can fail, so no job can keep another from being looked at.
//!
//! * `add` takes in new jobs.
//! * `events` applies what agents and people say.
//! * `timers` applies what time says: leases, limits.
//! * `pass` decides what waits for what and what can start, `hand_out` gives it to agents.
//! * `change` has the few ways in which a job changes, which all of these use.

mod add;
mod change;
mod events;
mod hand_out;
mod pass;
mod timers;

pub use add::CannotAdd;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::{
    event::{Ask, Effects, Event, Stop},
    id::{AgentId, JobId, TaskId},
    job::Job,
    pool::Weight,
    settings::Settings,
    time::{Clock, Timestamp},
};

/// The jobs of one backend that have not ended.
///
/// It is made anew from what was kept: by [`Self::new`], [`Self::with_flags`], and [`Self::add`] of
/// all jobs that had not ended, in the order they were made. Leases then run anew, since no agent
/// could reach the server meanwhile.
#[derive(Debug, Clone)]
pub struct Backend {
    settings: Settings,
    paused: bool,
    maintenance: bool,
    clock: Clock,
    slots: Vec<Option<Entry>>,
    empty: Vec<usize>,
    index: HashMap<JobId, usize>,
    /// The slots of those that run.
    running: BTreeSet<usize>,
    workspaces: HashMap<String, usize>,
    arrivals: u64,
    /// What agents were told to stop and may still be at work on.
    stopping: BTreeMap<TaskId, Stopping>,
    /// The slots whose jobs changed in this step, and who was in them.
    touched: Vec<(usize, u64)>,
}

/// A job, and what is known of it only here.
#[derive(Debug, Clone)]
struct Entry {
    job: Job,
    /// Tells it from another job that came to the same slot later.
    arrival: u64,
    workspace: usize,
    weight: Weight,
    /// How many jobs it waits for.
    awaits: usize,
    /// Whether one of those failed.
    doomed: bool,
    /// Those that wait for it: slot and arrival.
    followers: Vec<(usize, u64)>,
    /// When the next attempt may begin, by the clock.
    not_before: Duration,
    /// The attempt that runs.
    attempt: Option<Attempt>,
    /// Who held the newest attempt when its lease ran out.
    lapsed: Option<Lapsed>,
    touched: bool,
}

#[derive(Debug, Clone)]
struct Attempt {
    agent: AgentId,
    /// When the lease is over, by the clock.
    lease_until: Duration,
    /// When it began, by the clock.
    began: Duration,
    /// How long it ran before the clock began.
    ran_before: Duration,
    hand_outs: u32,
}

#[derive(Debug, Clone)]
struct Lapsed {
    agent: AgentId,
    started_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Stopping {
    agent: AgentId,
    /// When the agent has stopped of itself, by the clock.
    until: Duration,
}

impl Backend {
    /// A backend without jobs.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            paused: false,
            maintenance: false,
            clock: Clock::new(),
            slots: Vec::new(),
            empty: Vec::new(),
            index: HashMap::new(),
            running: BTreeSet::new(),
            workspaces: HashMap::new(),
            arrivals: 0,
            stopping: BTreeMap::new(),
            touched: Vec::new(),
        }
    }

    /// The same, paused or under database maintenance.
    #[must_use]
    pub fn with_flags(self, paused: bool, maintenance: bool) -> Self {
        Self {
            paused,
            maintenance,
            ..self
        }
    }

    /// Whether nothing is to start.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether the database is being maintained.
    pub fn is_under_maintenance(&self) -> bool {
        self.maintenance
    }

    /// Uses other settings from now on. Leases that were given keep their length until renewed.
    pub fn change_settings(&mut self, settings: Settings) {
        for entry in self.slots.iter_mut().flatten() {
            entry.weight = settings.weigh(&entry.job);
        }
        self.settings = settings;
    }

    /// The job with a name, unless it has ended.
    pub fn job(&self, id: &JobId) -> Option<&Job> {
        let slot = *self.index.get(id)?;
        self.slots[slot].as_ref().map(|entry| &entry.job)
    }

    /// All jobs that have not ended, in no particular order.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.slots.iter().flatten().map(|entry| &entry.job)
    }

    /// What an agent is to stop and has not yet said that it stopped.
    pub fn stops(&self, agent: &AgentId) -> Vec<Stop> {
        let of_agent = self
            .stopping
            .iter()
            .filter(|(_, stop)| stop.agent == *agent);
        of_agent
            .map(|(task, stop)| Stop {
                task: task.clone(),
                agent: stop.agent.clone(),
            })
            .collect()
    }

    /// Applies what happened, what time says, and hands out what can start to those who ask.
    ///
    /// Events that come together are one moment. Within it, a cancellation goes before a result: who
    /// cancels does not want it. A success goes before the start of maintenance, and that before a
    /// failure, which is likely its doing. All else is taken in the order given.
    ///
    /// To be called whenever something happens, and else more often than
    /// [`Settings::longest_step`]. It takes time in proportion to the number of jobs that have not
    /// ended, times its logarithm while some of them can start.
    pub fn step(&mut self, now: Timestamp, events: Vec<Event>, asks: &[Ask]) -> Effects {
        self.clock.advance(now, self.settings.longest_step);
        let mut effects = Effects::default();
        self.apply(now, events, &mut effects);
        self.run_timers(now, &mut effects);
        self.pass(now, asks, &mut effects);
        for (slot, arrival) in std::mem::take(&mut self.touched) {
            if let Some(entry) = &mut self.slots[slot]
                && entry.arrival == arrival
            {
                entry.touched = false;
                effects.changed.push(entry.job.clone());
            }
        }
        effects.stops.sort_unstable();
        effects.stops.dedup();
        effects
    }
}

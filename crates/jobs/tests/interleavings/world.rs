//! A backend, its store and its agents, joined by a network that loses and delays.
//!
//! What must always hold is asserted after each step, so whatever is done to it is a test.

mod agent;
mod inspect;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use glovebox_jobs::{
    Ask, Backend, CancelledAs, Effects, Event, Job, JobId, Leases, Pools, Retries, Settings,
    StatusCode, TaskId, TaskResult, Timestamp, Weight, Weights,
};

pub(crate) use agent::Agent;

pub(crate) const LEASE_MS: i64 = 10_000;
pub(crate) const GRACE_MS: i64 = 5_000;
/// What one jump of the clock can gain at most.
pub(crate) const LONGEST_STEP_MS: i64 = 1_000;
pub(crate) const ATTEMPTS: u32 = 4;
pub(crate) const WORKERS: u32 = 4;
pub(crate) const DB_WORKERS: u32 = 2;

/// `GRACE_MS / LONGEST_STEP_MS`: so often the clock may be set forwards before leases mean nothing.
const JUMPS_PER_LEASE: usize = 5;

/// Actions of this name take two workers.
pub(crate) const HEAVY: &str = "heavy";
/// Actions of this name take more workers than there are.
pub(crate) const TOO_HEAVY: &str = "too-heavy";

pub(crate) struct World {
    pub(crate) backend: Backend,
    /// What a database would hold: every job there ever was, as it last changed.
    pub(crate) kept: BTreeMap<JobId, Job>,
    /// In the order they came.
    pub(crate) order: Vec<JobId>,
    pub(crate) agents: Vec<Agent>,
    /// Real time, in milliseconds, which is also what agents count by.
    pub(crate) now: i64,
    /// By how much the server's clock is wrong.
    pub(crate) skew: i64,
    /// When the clock was set forwards.
    jumps: Vec<i64>,
    /// Tasks that were ever handed out.
    handed_out: BTreeSet<TaskId>,
    /// What was sent and may come at any time, more than once too.
    mail: Vec<Letter>,
    flags: (bool, bool),
}

pub(crate) fn settings() -> Settings {
    let mut weights = Weights::default();
    for (pattern, weight) in [(HEAVY, 2.0), (TOO_HEAVY, 4.5)] {
        let weight = Weight::new(weight).expect("a weight");
        weights.add(Some("w0"), pattern, weight).expect("a rule");
    }
    let ms = |ms: i64| Duration::from_millis(ms.unsigned_abs());
    Settings {
        pools: Pools {
            workers: WORKERS,
            db_workers: DB_WORKERS,
        },
        weights,
        retries: Retries {
            attempts: ATTEMPTS,
            first_delay: ms(300),
            longest_delay: ms(1_000),
            hand_outs: 3,
        },
        leases: Leases {
            length: ms(LEASE_MS),
            grace: ms(GRACE_MS),
        },
        time_limit: Some(ms(60_000)),
        longest_step: ms(LONGEST_STEP_MS),
    }
}

#[derive(Clone)]
enum Letter {
    Said(Event),
    Asked(Ask),
}

impl World {
    pub(crate) fn new(agents: usize) -> Self {
        Self {
            backend: Backend::new(settings()),
            kept: BTreeMap::new(),
            order: Vec::new(),
            agents: (0..agents).map(Agent::new).collect(),
            now: 1_000_000,
            skew: 0,
            jumps: Vec::new(),
            handed_out: BTreeSet::new(),
            mail: Vec::new(),
            flags: (false, false),
        }
    }

    pub(crate) fn add(&mut self, job: Job) {
        self.order.push(job.id.clone());
        // Those it waits for may have ended between planning and now.
        let awaited: BTreeSet<&JobId> = job.wait_for.iter().collect();
        let awaited = awaited.into_iter().map(|id| &self.kept[id]);
        let ended = awaited.filter(|job| job.state().is_final()).cloned();
        let jobs = ended.chain([job.clone()]).collect();
        self.kept.insert(job.id.clone(), job);
        self.backend.add(jobs).expect("a new job");
    }

    /// The server stops and starts anew from what it kept.
    pub(crate) fn restart_server(&mut self) {
        let jobs = self.order.iter().map(|id| self.kept[id].clone()).collect();
        let (paused, maintenance) = self.flags;
        self.backend = Backend::new(settings()).with_flags(paused, maintenance);
        self.backend.add(jobs).expect("what was kept");
    }

    pub(crate) fn wait(&mut self, ms: i64) {
        self.now += ms;
        for agent in &mut self.agents {
            agent.watch_leases(self.now);
        }
    }

    /// Time goes by while the server ticks.
    pub(crate) fn watch(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.wait(500);
            drop(self.step(Vec::new(), &[]));
        }
    }

    /// What an agent says and asks now comes later, if ever, and its answer never. It may come
    /// under the name of another.
    pub(crate) fn post(&mut self, agent: usize, under: usize) {
        let name = &self.agents[under].id;
        let says = self.agents[agent].says_as(name);
        self.mail.extend(says.into_iter().map(Letter::Said));
        let holds = self.agents[agent].holds();
        self.mail.push(Letter::Asked(Ask {
            agent: self.agents[agent].id.clone(),
            slots: 1,
            holds,
        }));
    }

    pub(crate) fn deliver(&mut self, which: usize) {
        if self.mail.is_empty() {
            return;
        }
        drop(match self.mail[which % self.mail.len()].clone() {
            Letter::Said(event) => self.step(vec![event], &[]),
            Letter::Asked(ask) => self.step(Vec::new(), &[ask]),
        });
    }

    /// Sets the server's clock, unless forwards so often that no lease could be trusted.
    pub(crate) fn jump(&mut self, ms: i64) {
        if ms > 0 {
            let window = self.now - LEASE_MS - GRACE_MS;
            self.jumps.retain(|at| *at > window);
            if self.jumps.len() + 2 > JUMPS_PER_LEASE {
                return;
            }
            self.jumps.push(self.now);
        }
        self.skew += ms;
    }

    pub(crate) fn step(&mut self, events: Vec<Event>, asks: &[Ask]) -> Effects {
        for event in &events {
            match event {
                Event::Pause | Event::PrepareForReboot => self.flags.0 = true,
                Event::Resume => self.flags.0 = false,
                Event::MaintenanceBegan => self.flags.1 = true,
                Event::MaintenanceEnded => self.flags.1 = false,
                _ => {}
            }
        }
        let void: Vec<usize> = (0..events.len())
            .filter(|place| self.is_void(&events[*place]))
            .collect();
        let now = Timestamp(self.now + self.skew);
        let effects = self.backend.step(now, events, asks);
        for place in void {
            let ignored = effects.ignored.iter().any(|ignored| ignored.event == place);
            assert!(ignored, "what no longer counts was counted");
        }
        self.keep(&effects);
        self.inspect(&effects);
        effects
    }

    /// An agent asks for work. The answer may be lost.
    pub(crate) fn ask(&mut self, agent: usize, slots: u32, answer_lost: bool) {
        let agent_now = &self.agents[agent];
        if !agent_now.alive {
            return;
        }
        let ask = Ask {
            agent: agent_now.id.clone(),
            slots,
            holds: agent_now.holds(),
        };
        let id = ask.agent.clone();
        let effects = self.step(Vec::new(), &[ask]);
        if answer_lost {
            return;
        }
        for hand_out in effects.handed_out {
            assert_eq!(hand_out.agent, id, "only who asks is given work");
            self.agents[agent].begin(hand_out.task, self.now);
            self.inspect_machines();
        }
        for stop in effects.stops.iter().filter(|stop| stop.agent == id) {
            self.agents[agent].stop(&stop.task);
        }
    }

    /// An agent says that it is at work on what it holds, and on what it ended or stopped.
    pub(crate) fn talk(&mut self, agent: usize, answer_lost: bool) {
        if !self.agents[agent].alive {
            return;
        }
        let events = self.agents[agent].says();
        let effects = self.step(events.clone(), &[]);
        if answer_lost {
            return;
        }
        let now = self.now;
        let refused: BTreeSet<usize> = effects.ignored.iter().map(|event| event.event).collect();
        for (place, event) in events.into_iter().enumerate() {
            self.agents[agent].hears(&event, !refused.contains(&place), now);
        }
        self.inspect_machines();
        for stop in self.backend.stops(&self.agents[agent].id) {
            self.agents[agent].stop(&stop.task);
        }
    }

    pub(crate) fn cancel(&mut self, job: &JobId) {
        let cancel = Event::Cancel {
            job: job.clone(),
            by: "somebody".to_owned(),
            role: CancelledAs::User,
        };
        let was_active = self.backend.job(job).is_some();
        let effects = self.step(vec![cancel], &[]);
        assert_eq!(effects.ignored.is_empty(), was_active);
    }

    /// From now on one agent works well, and the others never again: every job ends.
    pub(crate) fn settle(&mut self) {
        drop(self.step(vec![Event::Resume, Event::MaintenanceEnded], &[]));
        for (place, agent) in self.agents.iter_mut().enumerate() {
            agent.alive = place == 0;
        }
        for _ in 0..600 {
            let ended = self.kept.values().all(|job| job.state().is_final());
            let stopped = self
                .agents
                .iter()
                .all(|agent| self.backend.stops(&agent.id).is_empty());
            if ended && stopped {
                return;
            }
            self.wait(500);
            self.talk(0, false);
            self.ask(0, 3, false);
            self.agents[0].end_all(TaskResult::Exited {
                exit_code: 0,
                unmatched_patterns: false,
                withheld: false,
            });
        }
        let left: Vec<&Job> = self.backend.jobs().collect();
        panic!("nothing moves these: {left:#?}");
    }
}

pub(crate) fn job(number: u32, workspace: usize, action: &str, db: bool, awaits: &[&JobId]) -> Job {
    Job {
        id: JobId(format!("j{number}")),
        request: "abcdefghij234567".to_owned(),
        backend: "test".to_owned(),
        workspace: format!("w{workspace}"),
        action: action.to_owned(),
        run_command: format!("python:v2 {action}.py"),
        requires_db: db,
        needs: Vec::new(),
        wait_for: awaits.iter().map(|id| (*id).clone()).collect(),
        time_limit: None,
        code: StatusCode::Created,
        created_at: Timestamp(i64::from(number) / 3),
        updated_at: Timestamp(i64::from(number) / 3),
        started_at: None,
        completed_at: None,
        tasks: 0,
        faults: 0,
        holder: None,
        cancelled: None,
        exit_code: None,
        withheld: false,
    }
}

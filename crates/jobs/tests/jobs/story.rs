//! Words to tell stories about a backend with.

use std::{collections::BTreeMap, time::Duration};

use glovebox_jobs::{
    AgentId, Ask, Backend, CancelledAs, Effects, Event, Job, JobId, Leases, Retries, Settings,
    StatusCode, TaskId, TaskResult, Timestamp,
};

/// A lease lapses after three minutes.
pub(crate) fn settings() -> Settings {
    Settings {
        leases: Leases {
            length: Duration::from_mins(2),
            grace: Duration::from_mins(1),
        },
        retries: Retries::default(),
        ..Settings::default()
    }
}

pub(crate) struct Story {
    pub(crate) backend: Backend,
    settings: Settings,
    kept: BTreeMap<JobId, Job>,
    now: i64,
    elapsed: i64,
}

impl Story {
    pub(crate) fn new(settings: Settings, jobs: impl IntoIterator<Item = Told>) -> Self {
        let jobs: Vec<Job> = jobs.into_iter().map(|told| told.0).collect();
        let mut backend = Backend::new(settings.clone());
        backend.add(jobs.clone()).expect("new jobs");
        Self {
            backend,
            settings,
            kept: jobs.into_iter().map(|job| (job.id.clone(), job)).collect(),
            now: 1_000_000,
            elapsed: 0,
        }
    }

    pub(crate) fn job(&self, id: &str) -> &Job {
        &self.kept[&JobId(id.to_owned())]
    }

    pub(crate) fn code(&self, id: &str) -> &'static str {
        self.job(id).code.as_str()
    }

    /// Time goes by while the server ticks each second.
    pub(crate) fn pass_time(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.now += 1_000;
            self.elapsed += 1;
            let _ = self.step(Vec::new());
        }
    }

    pub(crate) fn pass_time_until(&mut self, seconds: i64) {
        self.pass_time(seconds - self.elapsed);
    }

    /// The clock is set.
    pub(crate) fn jump(&mut self, seconds: i64) {
        self.now += seconds * 1_000;
    }

    /// The server starts anew from what it kept.
    pub(crate) fn restart(&mut self) {
        let jobs = self.kept.values().cloned().collect();
        let (paused, maintenance) = (
            self.backend.is_paused(),
            self.backend.is_under_maintenance(),
        );
        self.backend = Backend::new(self.settings.clone()).with_flags(paused, maintenance);
        self.backend.add(jobs).expect("what was kept");
    }

    pub(crate) fn step(&mut self, events: Vec<Event>) -> Effects {
        self.take(events, &[])
    }

    fn take(&mut self, events: Vec<Event>, asks: &[Ask]) -> Effects {
        let effects = self.backend.step(Timestamp(self.now), events, asks);
        for job in &effects.changed {
            self.kept.insert(job.id.clone(), job.clone());
        }
        effects
    }

    /// An agent that holds nothing asks; what it is given.
    pub(crate) fn ask(&mut self, agent: &str, slots: u32) -> Vec<String> {
        self.ask_holding(agent, slots, &[])
    }

    pub(crate) fn ask_holding(&mut self, agent: &str, slots: u32, holds: &[&str]) -> Vec<String> {
        let effects = self.asking(agent, slots, holds);
        let given = effects.handed_out.iter();
        given
            .map(|hand_out| {
                let again = if hand_out.again { " again" } else { "" };
                format!("{}{again}", hand_out.task)
            })
            .collect()
    }

    pub(crate) fn asking(&mut self, name: &str, slots: u32, holds: &[&str]) -> Effects {
        let ask = Ask {
            agent: agent(name),
            slots,
            holds: holds.iter().map(|name| task(name)).collect(),
        };
        self.take(Vec::new(), &[ask])
    }

    pub(crate) fn ask_together(&mut self, agents: &[(&str, u32)]) -> Vec<String> {
        let asks: Vec<Ask> = agents
            .iter()
            .map(|(name, slots)| Ask {
                agent: agent(name),
                slots: *slots,
                holds: Vec::new(),
            })
            .collect();
        let effects = self.take(Vec::new(), &asks);
        let given = effects.handed_out.iter();
        given
            .map(|hand_out| format!("{} {}", hand_out.agent, hand_out.task))
            .collect()
    }

    pub(crate) fn stops(&self, name: &str) -> Vec<String> {
        let stops = self.backend.stops(&agent(name));
        stops.iter().map(|stop| stop.task.to_string()).collect()
    }
}

pub(crate) struct Told(pub(crate) Job);

impl Told {
    pub(crate) fn db(mut self) -> Self {
        self.0.requires_db = true;
        self
    }

    pub(crate) fn awaits(mut self, id: &str) -> Self {
        self.0.wait_for.push(JobId(id.to_owned()));
        self
    }

    pub(crate) fn limit(mut self, seconds: u64) -> Self {
        self.0.time_limit = Some(Duration::from_secs(seconds));
        self
    }
}

/// A job of an action of the same name.
pub(crate) fn job(id: &str) -> Told {
    Told(Job {
        id: JobId(id.to_owned()),
        request: "abcdefghij234567".to_owned(),
        backend: "test".to_owned(),
        workspace: "ws".to_owned(),
        action: id.to_owned(),
        run_command: format!("python:v2 {id}.py"),
        requires_db: false,
        needs: Vec::new(),
        wait_for: Vec::new(),
        time_limit: None,
        code: StatusCode::Created,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        started_at: None,
        completed_at: None,
        tasks: 0,
        faults: 0,
        holder: None,
        cancelled: None,
        exit_code: None,
        withheld: false,
    })
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId(name.to_owned())
}

pub(crate) fn task(name: &str) -> TaskId {
    name.parse().expect("a task")
}

pub(crate) fn success() -> TaskResult {
    TaskResult::Exited {
        exit_code: 0,
        unmatched_patterns: false,
        withheld: false,
    }
}

pub(crate) fn finished(name: &str, of: &str, result: TaskResult) -> Event {
    Event::Finished {
        agent: agent(name),
        task: task(of),
        result,
    }
}

pub(crate) fn renewed(name: &str, of: &str) -> Event {
    Event::Renewed {
        agent: agent(name),
        task: task(of),
    }
}

pub(crate) fn stopped(name: &str, of: &str) -> Event {
    Event::Stopped {
        agent: agent(name),
        task: task(of),
    }
}

pub(crate) fn cancel(id: &str, by: &str) -> Event {
    Event::Cancel {
        job: JobId(id.to_owned()),
        by: by.to_owned(),
        role: CancelledAs::User,
    }
}

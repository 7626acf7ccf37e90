//! Agents that wait for something to do.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use glovebox_jobs::{AgentId, Ask, Event, Stop, TaskId};
use glovebox_protocol::{Answer, Task};
use tokio::sync::oneshot;

/// An agent that was told to stop a task may need a while for it. Until then, hearing it again is no
/// reason to end its waiting: it would ask over and over.
const REMIND: Duration = Duration::from_secs(5);

/// Asks that were not answered yet, at most one for each agent.
#[derive(Default)]
pub(super) struct Asks {
    waiting: Vec<Waiting>,
    /// When agents were last told to stop something.
    told: HashMap<TaskId, Instant>,
}

struct Waiting {
    ask: Ask,
    until: Instant,
    answer: oneshot::Sender<Answer>,
}

impl Asks {
    /// Takes an ask. An earlier one of the same agent is over, and is answered with nothing.
    pub(super) fn take(&mut self, ask: Ask, wait: Duration, answer: oneshot::Sender<Answer>) {
        let until = Instant::now() + wait;
        let same = |waiting: &Waiting| waiting.ask.agent == ask.agent;
        if let Some(place) = self.waiting.iter().position(same) {
            let _ = self
                .waiting
                .swap_remove(place)
                .answer
                .send(Answer::default());
        }
        self.waiting.push(Waiting { ask, until, answer });
    }

    /// Brings waiting asks up to date with what their agents said since, and leaves out those that
    /// nobody waits for any more.
    pub(super) fn hear(&mut self, events: &[Event]) {
        self.waiting.retain(|waiting| !waiting.answer.is_closed());
        for event in events {
            if let Event::Finished { agent, task, .. } | Event::Stopped { agent, task } = event {
                self.told.remove(task);
                for waiting in &mut self.waiting {
                    if waiting.ask.agent == *agent {
                        waiting.ask.holds.retain(|held| held != task);
                    }
                }
            }
        }
    }

    /// What the machine is shown.
    pub(super) fn asks(&self) -> Vec<Ask> {
        self.waiting
            .iter()
            .map(|waiting| waiting.ask.clone())
            .collect()
    }

    /// When the next ask has waited long enough.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.until).min()
    }

    /// Answers those for whom there is something, and those who have waited long enough.
    pub(super) fn answer(
        &mut self,
        mut begin: HashMap<AgentId, Vec<Task>>,
        stops: impl Fn(&AgentId) -> Vec<Stop>,
    ) {
        let now = Instant::now();
        self.told
            .retain(|_, told| now.saturating_duration_since(*told) < REMIND);
        for waiting in std::mem::take(&mut self.waiting) {
            let begin = begin.remove(&waiting.ask.agent).unwrap_or_default();
            let stop: Vec<TaskId> = stops(&waiting.ask.agent)
                .into_iter()
                .map(|stop| stop.task)
                .collect();
            let news = stop.iter().any(|task| !self.told.contains_key(task));
            if begin.is_empty() && !news && waiting.until > now {
                self.waiting.push(waiting);
                continue;
            }
            for task in &stop {
                self.told.entry(task.clone()).or_insert(now);
            }
            let answer = Answer {
                begin,
                stop: stop.iter().map(ToString::to_string).collect(),
            };
            // If the agent has gone, its next ask tells that it does not hold what was sent.
            let _ = waiting.answer.send(answer);
        }
    }

    /// Answers all with nothing: the server stops.
    pub(super) fn dismiss(self) {
        for waiting in self.waiting {
            let _ = waiting.answer.send(Answer::default());
        }
    }
}

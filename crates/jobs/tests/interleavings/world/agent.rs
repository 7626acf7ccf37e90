//! An agent that keeps to the rules, on a machine that may fall over.

use std::collections::BTreeMap;

use glovebox_jobs::{AgentId, Event, Stage, TaskId, TaskResult};

use super::LEASE_MS;

pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) alive: bool,
    tasks: BTreeMap<TaskId, Held>,
}

struct Held {
    /// When it sent what last renewed its lease.
    renewed: i64,
    work: Work,
    stage: Option<Stage>,
}

#[derive(PartialEq)]
enum Work {
    /// A process runs.
    Running,
    /// Nothing runs, and whether it may run is to be asked first.
    Unsure,
    /// It ended; to be said until it is heard.
    Ended(TaskResult),
    /// It was stopped; to be said until it is heard.
    Stopped,
}

impl Agent {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            id: AgentId(format!("agent-{number}")),
            alive: true,
            tasks: BTreeMap::new(),
        }
    }

    pub(crate) fn holds(&self) -> Vec<TaskId> {
        self.tasks.keys().cloned().collect()
    }

    pub(crate) fn at_work(&self) -> impl Iterator<Item = &TaskId> {
        let running = self
            .tasks
            .iter()
            .filter(|(_, held)| held.work == Work::Running);
        running.map(|(task, _)| task)
    }

    pub(crate) fn begin(&mut self, task: TaskId, now: i64) {
        let held = Held {
            renewed: now,
            work: Work::Running,
            stage: None,
        };
        self.tasks.insert(task, held);
    }

    /// Ends what it has not been able to renew, whatever the server thinks.
    pub(crate) fn watch_leases(&mut self, now: i64) {
        for held in self.tasks.values_mut() {
            if held.work == Work::Running && now - held.renewed >= LEASE_MS {
                held.work = Work::Unsure;
            }
        }
    }

    pub(crate) fn stop(&mut self, task: &TaskId) {
        if let Some(held) = self.tasks.get_mut(task) {
            held.work = Work::Stopped;
        } else {
            // It never received it, or has forgotten it: there is nothing to stop.
            let held = Held {
                renewed: 0,
                work: Work::Stopped,
                stage: None,
            };
            self.tasks.insert(task.clone(), held);
        }
    }

    pub(crate) fn progress(&mut self, stage: Stage) {
        for held in self.tasks.values_mut() {
            held.stage = Some(stage);
        }
    }

    pub(crate) fn end_one(&mut self, which: usize, result: TaskResult) {
        let mut running: Vec<&mut Held> = self
            .tasks
            .values_mut()
            .filter(|held| held.work == Work::Running)
            .collect();
        if !running.is_empty() {
            let place = which % running.len();
            running[place].work = Work::Ended(result);
        }
    }

    pub(crate) fn end_all(&mut self, result: TaskResult) {
        for held in self.tasks.values_mut() {
            if held.work == Work::Running {
                held.work = Work::Ended(result);
            }
        }
    }

    /// All its processes end with it. It may have lost what it knew.
    pub(crate) fn fall_over(&mut self, forgets: bool) {
        self.alive = false;
        if forgets {
            self.tasks.clear();
        }
        for held in self.tasks.values_mut() {
            if held.work == Work::Running {
                held.work = Work::Unsure;
            }
        }
    }

    pub(crate) fn says(&self) -> Vec<Event> {
        self.says_as(&self.id)
    }

    /// The same, under the name of another.
    pub(crate) fn says_as(&self, name: &AgentId) -> Vec<Event> {
        let mut events = Vec::new();
        for (task, held) in &self.tasks {
            let agent = name.clone();
            let task = task.clone();
            events.push(match (&held.work, held.stage) {
                (Work::Ended(result), _) => Event::Finished {
                    agent,
                    task,
                    result: *result,
                },
                (Work::Stopped, _) => Event::Stopped { agent, task },
                (Work::Running, Some(stage)) => Event::Progress { agent, task, stage },
                (Work::Running | Work::Unsure, _) => Event::Renewed { agent, task },
            });
        }
        events
    }

    /// The answer to one of the things it said.
    pub(crate) fn hears(&mut self, event: &Event, accepted: bool, now: i64) {
        match event {
            Event::Finished { task, .. } | Event::Stopped { task, .. } => {
                self.tasks.remove(task);
            }
            Event::Progress { task, .. } | Event::Renewed { task, .. } if !accepted => {
                self.tasks.remove(task);
            }
            Event::Progress { task, .. } | Event::Renewed { task, .. } => {
                if let Some(held) = self.tasks.get_mut(task) {
                    held.renewed = now;
                    held.work = Work::Running;
                }
            }
            _ => {}
        }
    }
}

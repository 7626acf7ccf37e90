//! The threads that keep tasks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use super::Heard;
use crate::core::Core;
use crate::task::{Begin, Held, Why, keep};

/// The threads that keep tasks, one a task.
pub(super) struct Tending {
    core: Arc<Core>,
    tell: Sender<Heard>,
    threads: Vec<JoinHandle<()>>,
}

impl Tending {
    pub(super) fn new(core: Arc<Core>, tell: Sender<Heard>) -> Self {
        Self {
            core,
            tell,
            threads: Vec::new(),
        }
    }

    /// How many tasks are held, those included whose end is still to be said.
    pub(super) fn holds(&self) -> usize {
        self.core.held().len()
    }

    /// Whether no more may be held.
    pub(super) fn is_full(&self) -> bool {
        self.holds() as u64 >= u64::from(self.core.settings.slots)
    }

    /// Takes a task, unless it is held already: then it was handed out again because messages
    /// crossed, and goes on. Whether it was taken.
    pub(super) fn take(&mut self, task: &str, begin: Begin) -> bool {
        let held = Arc::new(Held::new(task.to_owned()));
        {
            let mut all = self.core.held();
            if all.contains_key(task) {
                return false;
            }
            all.insert(task.to_owned(), Arc::clone(&held));
        }
        let (core, tell) = (Arc::clone(&self.core), self.tell.clone());
        let tend = move || {
            let kept = catch_unwind(AssertUnwindSafe(|| keep(&core, &held, begin)));
            if kept.is_err() {
                tracing::error!(task = held.task, "a defect stopped the keeping of a task");
            }
            core.held().remove(&held.task);
            let _ = tell.send(Heard::Settled);
        };
        match thread::Builder::new().name("task".to_owned()).spawn(tend) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => {
                // The server hands it out again, as it is not held.
                tracing::error!(task, %error, "a thread cannot be started");
                self.core.held().remove(task);
            }
        }
        true
    }

    /// Stops a task because the server said so, if it is held; whether that is news.
    pub(super) fn stop(&self, task: &str) -> Option<bool> {
        let all = self.core.held();
        all.get(task).map(|held| held.stop(Why::Told))
    }

    /// Frees what threads that have ended leave.
    pub(super) fn join(&mut self) {
        let threads = std::mem::take(&mut self.threads);
        for thread in threads {
            if thread.is_finished() {
                let _ = thread.join();
            } else {
                self.threads.push(thread);
            }
        }
    }

    /// Waits for all threads.
    pub(super) fn join_all(&mut self) {
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

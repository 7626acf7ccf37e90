//! Asking the server for tasks, one long poll at a time.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use glovebox_protocol::Ask;

use super::Heard;
use crate::backoff::Backoff;
use crate::core::Core;
use crate::moment::Moment;

/// How long the server may wait before it answers that there is nothing.
const WAIT_SECONDS: u32 = 30;

/// An answer that says nothing new is not asked for again within this time: a server may repeat at once,
/// until a task has stopped, that it is to be stopped.
const LEAST: Duration = Duration::from_millis(500);

/// What came of an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// No answer.
    Failure,
    /// An answer that said nothing new.
    Nothing,
    /// Something to do.
    News,
}

/// The asks of an agent. A newer one makes the server give the older up, so there is one that counts;
/// older ones are only waited for because they may have been answered already.
pub(super) struct Asking {
    core: Arc<Core>,
    tell: Sender<Heard>,
    backoff: Backoff,
    not_before: Moment,
    number: u64,
    /// Those without an answer: their numbers, and for how many tasks they asked.
    open: Vec<(u64, u32)>,
}

impl Asking {
    pub(super) fn new(core: Arc<Core>, tell: Sender<Heard>) -> Self {
        Self {
            core,
            tell,
            backoff: Backoff::new(Duration::from_millis(250), Duration::from_secs(30)),
            not_before: Moment::now(),
            number: 0,
            open: Vec::new(),
        }
    }

    /// Asks for so many tasks, unless an ask is open that says as much.
    ///
    /// An open ask for some is left alone when more could be taken: it is answered as soon as there is
    /// one, and asked again. One for none is not, nor one for some when there are to be none.
    pub(super) fn ask(&mut self, slots: u32) {
        let newest = self.open.iter().find(|(number, _)| *number == self.number);
        if newest.is_some_and(|(_, asked)| (*asked == 0) == (slots == 0)) {
            return;
        }
        let now = Moment::now();
        if !self.not_before.wait_from(now).is_zero() {
            return;
        }
        self.number += 1;
        self.open.push((self.number, slots));
        let ask = Ask {
            agent: self.core.settings.name.clone(),
            slots,
            holds: self.core.held().keys().cloned().collect(),
            wait_seconds: WAIT_SECONDS,
        };
        let server = Arc::clone(&self.core.server);
        let (tell, number) = (self.tell.clone(), self.number);
        let call = move || {
            let sent = Moment::now();
            let answer = server.ask(&ask);
            if let Err(error) = &answer {
                tracing::warn!(%error, "the server did not answer an ask");
            }
            // Nobody listens once the agent has ended.
            let _ = tell.send(Heard::Answered {
                number,
                sent,
                answer: answer.ok(),
            });
        };
        if let Err(error) = thread::Builder::new().name("ask".to_owned()).spawn(call) {
            tracing::error!(%error, "a thread cannot be started");
            self.answered(self.number, now, Brought::Failure);
        }
    }

    /// An ask is over.
    pub(super) fn answered(&mut self, number: u64, sent: Moment, brought: Brought) {
        self.open.retain(|(open, _)| *open != number);
        if brought != Brought::Failure {
            self.backoff.succeeded();
        }
        if number == self.number {
            self.not_before = match brought {
                Brought::Failure => Moment::now().after(self.backoff.failed()),
                Brought::Nothing => sent.after(LEAST),
                Brought::News => sent,
            };
        }
    }

    /// Whether an open ask may still be answered with tasks.
    pub(super) fn may_bring_tasks(&self) -> bool {
        self.open.iter().any(|(_, slots)| *slots > 0)
    }
}

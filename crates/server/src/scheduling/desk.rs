//! The turns of one backend.

use std::{collections::HashMap, time::Duration};

use glovebox_jobs::{AgentId, Backend, Effects, Event, IgnoredBecause, Planned, Stop, Timestamp};
use glovebox_protocol::Task;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{
    CannotCreate, Made, Message, NewRequest, Note, Shared, Who,
    asks::Asks,
    keep, plan, revive,
    switches::{self, Switches},
};
use crate::{audit::Deed, clock, storage::StorageError};

/// How often the machine is stepped at least. Well below `longest_step` of its settings, beyond which
/// time that passes does not count.
const STEP: Duration = Duration::from_secs(5);

/// How many messages one turn takes.
const BATCH: usize = 256;

/// How much newer than what is kept the moment must be at which an agent was last seen.
const SEEN_MS: i64 = 10_000;

/// Serves a backend from what is kept of it, until the server stops or something fails.
pub(super) async fn serve(
    shared: &Shared,
    who: &Who,
    receiver: &mut mpsc::Receiver<Message>,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), StorageError> {
    let settings = shared.settings(&who.slug);
    let longest = STEP.min(settings.longest_step / 2);
    let machine = revive::machine(&shared.database, who, settings).await?;
    let mut desk = Desk {
        shared,
        who,
        kept_flags: (machine.is_paused(), machine.is_under_maintenance()),
        machine,
        asks: Asks::default(),
        seen_at: Timestamp(0),
    };
    let mut look = Instant::now();
    let mut latest = look + longest;
    loop {
        let mut found = Switches::default();
        if Instant::now() >= look {
            found = switches::look(shared, who).await;
            look = Instant::now() + switches::LOOK;
        }
        let next = if found.rows.is_empty() {
            latest
        } else {
            Instant::now()
        };
        let end = desk.asks.next_end().map_or(latest, Instant::from_std);
        let batch = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            first = receiver.recv() => first.map(|first| Batch::of(first, receiver)),
            () = tokio::time::sleep_until(next.min(end)) => Some(Batch::default()),
            () = tokio::time::sleep_until(look) => continue,
        };
        let Some(mut batch) = batch else {
            desk.asks.dismiss();
            return Ok(());
        };
        batch.switches = found;
        desk.turn(batch).await?;
        latest = Instant::now() + longest;
    }
}

/// Messages of one moment; of requests one at most, since the next is planned on what this one made.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    switches: Switches,
}

impl Batch {
    fn of(first: Message, receiver: &mut mpsc::Receiver<Message>) -> Self {
        let mut messages = vec![first];
        while !matches!(messages.last(), Some(Message::Create { .. })) && messages.len() < BATCH {
            match receiver.try_recv() {
                Ok(next) => messages.push(next),
                Err(_) => break,
            }
        }
        Self {
            messages,
            switches: Switches::default(),
        }
    }
}

struct Desk<'s> {
    shared: &'s Shared,
    who: &'s Who,
    machine: Backend,
    asks: Asks,
    /// Whether it is paused and under maintenance, as far as that is kept.
    kept_flags: (bool, bool),
    /// When an agent was last seen, as far as that is kept.
    seen_at: Timestamp,
}

/// Those who are told what became of their events, and which of all these were theirs.
struct Told {
    first: usize,
    count: usize,
    note: Option<Note>,
    deed: Option<Deed>,
    answer: oneshot::Sender<Vec<Option<IgnoredBecause>>>,
}

type Creating = (Box<NewRequest>, oneshot::Sender<Result<Made, CannotCreate>>);

/// What is to be kept of a turn.
pub(super) struct Turn<'t> {
    pub(super) now: Timestamp,
    pub(super) who: &'t Who,
    pub(super) machine: &'t Backend,
    pub(super) effects: &'t Effects,
    /// A request that was planned, with the jobs it makes.
    pub(super) new: Option<(&'t NewRequest, &'t Planned)>,
    pub(super) notes: Vec<&'t Note>,
    pub(super) deeds: Vec<&'t Deed>,
    /// Switches that were found in the database and are now taken, by their rows.
    pub(super) switches: &'t [i64],
    /// Paused and under maintenance, if either changed.
    pub(super) flags: Option<(bool, bool)>,
    /// Whether to keep that an agent was seen just now.
    pub(super) seen: bool,
}

impl Desk<'_> {
    async fn turn(&mut self, batch: Batch) -> Result<(), StorageError> {
        let now = clock::now();
        let mut events: Vec<Event> = Vec::new();
        let mut told: Vec<Told> = Vec::new();
        let mut creating: Option<Creating> = None;
        let mut queues = Vec::new();
        let mut heard = false;
        for message in batch.messages {
            match message {
                Message::Ask { ask, wait, answer } => {
                    heard = true;
                    self.asks.take(ask, wait, answer);
                }
                Message::Tell { tell, answer } => {
                    heard |= tell.note.is_some();
                    told.push(Told {
                        first: events.len(),
                        count: tell.events.len(),
                        note: tell.note,
                        deed: tell.deed,
                        answer,
                    });
                    events.extend(tell.events);
                }
                Message::Create { new, answer } => creating = Some((new, answer)),
                Message::Queue { answer } => queues.push(answer),
            }
        }
        let Switches {
            rows: taken,
            events: wanted,
            deeds: switchings,
        } = batch.switches;
        events.extend(wanted);
        self.asks.hear(&events);

        let (new, refused) = self.plan(creating, now).await?;
        let effects = self.machine.step(now, events, &self.asks.asks());
        let ignored: HashMap<usize, IgnoredBecause> = effects
            .ignored
            .iter()
            .map(|ignored| (ignored.event, ignored.why))
            .collect();
        let counts = |told: &&Told| {
            (told.first..told.first + told.count).any(|event| !ignored.contains_key(&event))
        };
        let flags = (
            self.machine.is_paused(),
            self.machine.is_under_maintenance(),
        );
        let seen = heard && now.0.abs_diff(self.seen_at.0) >= SEEN_MS.unsigned_abs();
        let kept = keep::keep(
            self.shared,
            Turn {
                now,
                who: self.who,
                machine: &self.machine,
                effects: &effects,
                new: new.as_ref().map(|(new, planned, _)| (&**new, planned)),
                notes: told
                    .iter()
                    .filter(counts)
                    .filter_map(|told| told.note.as_ref())
                    .collect(),
                deeds: told
                    .iter()
                    .filter(counts)
                    .filter_map(|told| told.deed.as_ref())
                    .chain(&switchings)
                    .collect(),
                switches: &taken,
                flags: (flags != self.kept_flags).then_some(flags),
                seen,
            },
        )
        .await?;

        self.kept_flags = flags;
        if seen {
            self.seen_at = now;
        }
        for number in &kept.changed {
            self.shared.changes.publish(*number);
        }
        // Everything is kept. Whoever does not wait for an answer any more misses it.
        if let (Some((_, planned, answer)), Some(number)) = (new, kept.created) {
            let nothing_to_do = match planned {
                Planned::NothingToDo(why) => Some(why),
                Planned::Jobs(_) => None,
            };
            let _ = answer.send(Ok(Made {
                number,
                nothing_to_do,
            }));
        }
        if let Some((answer, why)) = refused {
            let _ = answer.send(Err(why));
        }
        for told in told {
            let outcome = (told.first..told.first + told.count)
                .map(|event| ignored.get(&event).copied())
                .collect();
            let _ = told.answer.send(outcome);
        }
        self.answer_asks(kept.tasks, &effects);
        for answer in queues {
            let queue = self.machine.queue();
            let _ = answer.send(queue.into_iter().map(|job| job.id.clone()).collect());
        }
        Ok(())
    }

    /// Plans a request and takes in its jobs, or says why not.
    async fn plan(
        &mut self,
        creating: Option<Creating>,
        now: Timestamp,
    ) -> Result<(Option<Planning>, Option<Refusing>), StorageError> {
        let Some((new, answer)) = creating else {
            return Ok((None, None));
        };
        if answer.is_closed() {
            // Who asked was told already that it was not taken.
            return Ok((None, None));
        }
        let planned = plan::plan(&self.shared.database, self.who, &new, now).await?;
        let taken = match planned {
            Err(refused) => Err(CannotCreate::from(refused)),
            Ok(Planned::Jobs(jobs)) => match self.machine.add(jobs.clone()) {
                Ok(()) => Ok(Planned::Jobs(jobs)),
                Err(conflict) => Err(conflict.into()),
            },
            Ok(nothing) => Ok(nothing),
        };
        Ok(match taken {
            Ok(planned) => (Some((new, planned, answer)), None),
            Err(why) => (None, Some((answer, why))),
        })
    }

    fn answer_asks(&mut self, tasks: Vec<(AgentId, Task)>, effects: &Effects) {
        let mut begin: HashMap<AgentId, Vec<Task>> = HashMap::new();
        for (agent, task) in tasks {
            begin.entry(agent).or_default().push(task);
        }
        let machine = &self.machine;
        self.asks.answer(begin, |agent| {
            let mut stops: Vec<Stop> = machine.stops(agent);
            let now = effects.stops.iter().filter(|stop| stop.agent == *agent);
            stops.extend(now.cloned());
            stops.sort_unstable();
            stops.dedup();
            stops
        });
    }
}

type Planning = (
    Box<NewRequest>,
    Planned,
    oneshot::Sender<Result<Made, CannotCreate>>,
);
type Refusing = (oneshot::Sender<Result<Made, CannotCreate>>, CannotCreate);

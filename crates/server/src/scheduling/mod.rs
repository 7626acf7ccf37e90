//! Running the jobs of backends: each backend is one task that owns a [`glovebox_jobs::Backend`].
//!
//! What agents and people say goes in as [`Message`]s. In each turn the task takes what has come, steps
//! the machine, keeps what changed in one transaction, and only then answers: nobody ever hears of
//! something that a restart would undo.
//!
//! * [`desk`] is that turn, [`asks`] are the agents that wait.
//! * [`keep`] writes, [`revive`] reads at start and [`plan`] before a request.
//! * [`report`] turns what an agent says into events of the machine, [`switches`] what those who run the
//!   service want.
//!
//! A backend whose turn fails, by the database or by a defect, is made anew from the database; those who
//! waited for that turn are told that it failed, and no other backend notices. One server at a time works
//! on a database: [`fence`] sees to it that an older one keeps nothing once a newer one began.

mod asks;
mod desk;
mod fence;
mod keep;
mod message;
mod plan;
mod report;
mod revive;
mod summary;
mod switches;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use sea_orm::EntityTrait as _;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

pub(crate) use message::{CannotCreate, Made, Message, NewRequest, Note, Tell};
pub(crate) use report::events_of;

use crate::{
    changes::Changes,
    storage::{Database, StorageError, entity::backend},
};

/// How many messages wait for a backend that is slow; those who send more wait.
const QUEUE: usize = 1024;

/// How long a backend that failed rests before it begins anew.
const REST: Duration = Duration::from_secs(1);

/// How long a backend may take to answer, when it is busy or begins anew.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A backend did not take or not answer a message: it is beginning anew, or the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the backend cannot be reached at this moment")]
pub(crate) struct Unavailable;

/// All backends at work.
pub(crate) struct Scheduling {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    backends: Mutex<HashMap<i64, Running>>,
}

struct Running {
    sender: mpsc::Sender<Message>,
    task: JoinHandle<()>,
}

/// What all backends use.
struct Shared {
    database: Arc<Database>,
    changes: Changes,
    default: glovebox_jobs::Settings,
    named: HashMap<String, glovebox_jobs::Settings>,
    turn: fence::Turn,
    /// Whether a newer server took the database over.
    superseded: watch::Sender<bool>,
}

impl Shared {
    fn settings(&self, slug: &str) -> glovebox_jobs::Settings {
        self.named.get(slug).unwrap_or(&self.default).clone()
    }
}

/// Which backend a task serves.
#[derive(Debug, Clone)]
struct Who {
    id: i64,
    slug: String,
}

impl Scheduling {
    /// Sets all backends to work, also those that take no requests: leases of theirs may have to lapse.
    pub(crate) async fn start(
        database: Arc<Database>,
        changes: Changes,
        default: glovebox_jobs::Settings,
        named: HashMap<String, glovebox_jobs::Settings>,
    ) -> Result<Self, StorageError> {
        let turn = fence::take(&database).await?;
        let backends = backend::Entity::find().all(&**database).await?;
        let scheduling = Self {
            shared: Arc::new(Shared {
                database,
                changes,
                default,
                named,
                turn,
                superseded: watch::Sender::new(false),
            }),
            stop: watch::Sender::new(false),
            backends: Mutex::default(),
        };
        for backend in backends {
            scheduling.backend(backend.id, &backend.slug);
        }
        Ok(scheduling)
    }

    /// The door to a backend, which is set to work if it is not yet.
    fn backend(&self, id: i64, slug: &str) -> mpsc::Sender<Message> {
        let mut backends = self.backends.lock().unwrap_or_else(PoisonError::into_inner);
        let running = backends.entry(id).or_insert_with(|| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            let who = Who {
                id,
                slug: slug.to_owned(),
            };
            let stop = self.stop.subscribe();
            let task = tokio::spawn(supervise(Arc::clone(&self.shared), who, receiver, stop));
            Running { sender, task }
        });
        running.sender.clone()
    }

    /// Sends a message to a backend and waits for the answer, for as long as a busy backend may take.
    pub(crate) async fn ask<T>(
        &self,
        backend: &backend::Model,
        message: impl FnOnce(oneshot::Sender<T>) -> Message,
    ) -> Result<T, Unavailable> {
        self.ask_within(PATIENCE, backend, message).await
    }

    /// The same, where the answer itself may have to be waited for.
    pub(crate) async fn ask_within<T>(
        &self,
        patience: Duration,
        backend: &backend::Model,
        message: impl FnOnce(oneshot::Sender<T>) -> Message,
    ) -> Result<T, Unavailable> {
        if *self.stop.borrow() {
            return Err(Unavailable);
        }
        let (sender, answer) = oneshot::channel();
        let door = self.backend(backend.id, &backend.slug);
        let exchange = async {
            door.send(message(sender)).await.map_err(|_| Unavailable)?;
            answer.await.map_err(|_| Unavailable)
        };
        let answer = tokio::time::timeout(patience, exchange).await;
        answer.unwrap_or(Err(Unavailable))
    }

    /// Lets all who wait go with nothing. No message is taken from now on.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Turns true when a newer server took the database over: this one can do nothing any more.
    pub(crate) fn superseded(&self) -> watch::Receiver<bool> {
        self.shared.superseded.subscribe()
    }

    /// Turns true when [`Self::stop`] is called.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Waits until every backend has ended its last turn.
    pub(crate) async fn join(&self) {
        let running: Vec<Running> = {
            let mut backends = self.backends.lock().unwrap_or_else(PoisonError::into_inner);
            backends.drain().map(|(_, running)| running).collect()
        };
        for Running { task, .. } in running {
            // A task catches what goes wrong in it, so there is nothing to say about its end.
            let _ = task.await;
        }
    }
}

/// Serves one backend until the server stops, whatever happens.
async fn supervise(
    shared: Arc<Shared>,
    who: Who,
    mut receiver: mpsc::Receiver<Message>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let turns = desk::serve(&shared, &who, &mut receiver, &mut stop);
        match AssertUnwindSafe(turns).catch_unwind().await {
            Ok(Ok(())) => return,
            Ok(Err(error @ StorageError::Superseded)) => {
                tracing::error!(backend = who.slug, %error, "a backend is left to another server");
                shared.superseded.send_replace(true);
                return;
            }
            Ok(Err(error)) => {
                tracing::error!(backend = who.slug, %error, "a backend begins anew");
            }
            Err(_) => tracing::error!(backend = who.slug, "a backend begins anew after a defect"),
        }
        // Those who wait are told now rather than when their patience ends.
        while receiver.try_recv().is_ok() {}
        tokio::select! {
            () = tokio::time::sleep(REST) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

//! Telling those who watch a job request that it changed, and what was made of it that it is old.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::broadcast;

/// How many changes a slow watcher may be behind. One that is further behind is told so, and looks anew.
const BEHIND: usize = 1024;

/// Requests share so many counters: one that changed makes pages of a few others old too, and no more.
const COUNTERS: usize = 1024;

/// Numbers of job requests that changed, as they are kept.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    sender: broadcast::Sender<i64>,
    counters: Arc<[AtomicU64]>,
    all: Arc<AtomicU64>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::channel(BEHIND).0,
            counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(),
            all: Arc::default(),
        }
    }

    /// To be called once the change is kept, so that whoever looks finds it.
    pub(crate) fn publish(&self, number: i64) {
        self.counter(Some(number)).fetch_add(1, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
        // Nobody may be watching.
        let _ = self.sender.send(number);
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<i64> {
        self.sender.subscribe()
    }

    /// A number that is another one once the request changed; without a request, once any did.
    pub(crate) fn so_far(&self, number: Option<i64>) -> u64 {
        self.counter(number).load(Ordering::SeqCst)
    }

    fn counter(&self, number: Option<i64>) -> &AtomicU64 {
        let place = |number: i64| usize::try_from(number.rem_euclid(1024)).unwrap_or_default();
        number.map_or(&*self.all, |number| {
            &self.counters[place(number) % COUNTERS]
        })
    }
}

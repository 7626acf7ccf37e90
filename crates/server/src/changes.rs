//! Telling those who watch a job request that it changed.

use tokio::sync::broadcast;

/// How many changes a slow watcher may be behind. One that is further behind is told so, and looks anew.
const BEHIND: usize = 1024;

/// Numbers of job requests that changed, as they are kept.
#[derive(Debug, Clone)]
pub(crate) struct Changes(broadcast::Sender<i64>);

impl Changes {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BEHIND).0)
    }

    /// To be called once the change is kept, so that whoever looks finds it.
    pub(crate) fn publish(&self, number: i64) {
        // Nobody may be watching.
        let _ = self.0.send(number);
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<i64> {
        self.0.subscribe()
    }
}

//! How many connections or streams there may be, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections, or for streams over them.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    each: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, which is free again when this is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    key: Option<IpAddr>,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Self {
            all: Arc::new(Semaphore::new(all.clamp(1, Semaphore::MAX_PERMITS))),
            each: each.max(1),
            taken: Mutex::default(),
        })
    }

    /// Waits until there is room for one more at all.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// A place for an address, if there is room at all and it has not too many.
    pub(crate) fn try_take(self: &Arc<Self>, key: Option<IpAddr>) -> Option<Place> {
        let room = Arc::clone(&self.all).try_acquire_owned().ok()?;
        self.take(room, key)
    }

    /// A place for a connection from an address, unless it has too many. Without a key, only the number
    /// of all counts.
    pub(super) fn take(
        self: &Arc<Self>,
        of_all: OwnedSemaphorePermit,
        key: Option<IpAddr>,
    ) -> Option<Place> {
        if let Some(key) = key {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let count = taken.entry(key).or_default();
            if *count >= self.each {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            places: Arc::clone(self),
            key,
            _of_all: of_all,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut taken = self
            .places
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&key);
            }
        }
    }
}

//! What all threads of an agent share.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glovebox_sandbox::Sandbox;

use crate::code::Mirrors;
use crate::folder::AgentFolder;
use crate::server::Server;
use crate::settings::Settings;
use crate::task::Held;

/// What all threads of an agent share.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    /// Apart from the rest, so that an ask nobody waits for any more does not keep the folder locked.
    pub(crate) server: Arc<Server>,
    pub(crate) folder: AgentFolder,
    pub(crate) mirrors: Mirrors,
    pub(crate) sandbox: Sandbox,
    /// Raised when the agent is to end at once.
    pub(crate) halting: AtomicBool,
    /// Every task that it has not reported the end of.
    pub(crate) held: Mutex<BTreeMap<String, Arc<Held>>>,
}

impl Core {
    pub(crate) fn held(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The process group of a git: its helpers, which speak with the other side, end with it.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// Kills a group when it is dropped, unless its git was waited for: then the number may be another's.
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group of a child that was started as the first of one.
    pub(super) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// Its git has ended by itself.
    pub(super) fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

//! The watch over what a sandbox writes to disk.
//!
//! It has two halves, each on a thread of its own: one walks over the workspace, which is exact and
//! takes as long as a hostile command likes; the other asks for the free space of its file system,
//! which takes no time and sees everything.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::cgroup::OWN_TASKS_OUTSIDE;
use crate::disk;
use crate::nameless::Nameless;
use crate::processes::Tree;
use crate::room::Room;
use crate::watch::{Line, Verdict, pause_after};
use crate::{Ending, Spec, WorkspaceAccess};

/// How often the workspace is measured.
const TICK: Duration = Duration::from_millis(250);
/// How often free space is asked for: a disk fills at a few gigabytes a second at most.
const ROOM_TICK: Duration = Duration::from_millis(50);
/// The longest it goes unmeasured, however long a walk over it takes.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The watch over the growth of one workspace.
pub(crate) struct DiskWatch<'a> {
    workspace: &'a Path,
    device: u64,
    before: u64,
    limit: u64,
    /// How many tasks to look into at most.
    most_tasks: u64,
    /// Nothing for a workspace that cannot be written to.
    room: Option<Room>,
    /// The growth last measured, files without a name included.
    growth: AtomicU64,
}

impl<'a> DiskWatch<'a> {
    /// Takes the size that the workspace has now.
    pub(crate) fn new(spec: &'a Spec) -> io::Result<Self> {
        let (workspace, limits) = (spec.workspace.as_path(), &spec.limits);
        let room = match spec.access {
            WorkspaceAccess::ReadWrite => Some(Room::at(workspace)?),
            WorkspaceAccess::ReadOnly => None,
        };
        let before = disk::allocated(workspace, u64::MAX)?;
        let device = workspace.metadata()?.dev();
        Ok(Self {
            workspace,
            device,
            before,
            limit: limits.disk,
            most_tasks: limits.processes.saturating_add(OWN_TASKS_OUTSIDE),
            room,
            growth: AtomicU64::new(0),
        })
    }

    /// Whether the workspace holds folders that cannot be measured.
    pub(crate) fn is_unmeasurable(&self) -> bool {
        self.before == u64::MAX
    }

    /// Measures until the workspace is too large or the sandbox has ended. `monitor` is
    /// bubblewrap's, whose descendants may hold files without a name.
    pub(crate) fn run(&self, monitor: i32, line: &Line) {
        let mut pause = TICK;
        let mut nameless = Nameless::on(self.device);
        while line.pause(pause) {
            let start = Instant::now();
            let processes = Tree::measure(monitor, self.most_tasks).ids;
            let nameless = nameless.measure(&processes);
            let growth = self.growth().saturating_add(nameless);
            self.growth.store(growth, Ordering::Relaxed);
            if growth > self.limit {
                let limit = self.limit;
                line.report(Verdict::at_once(Ending::DiskLimit { limit }));
                break;
            }
            pause = pause_after(start.elapsed(), TICK, LONGEST_PAUSE);
        }
    }

    /// Watches the free space until the sandbox has to end for it, or has ended.
    pub(crate) fn run_room(&self, monitor: i32, line: &Line) {
        let Some(mut room) = self.room else {
            return;
        };
        let wrote = || {
            let written = Tree::measure(monitor, self.most_tasks).written();
            written.max(self.growth.load(Ordering::Relaxed))
        };
        while line.pause(ROOM_TICK) {
            if room.is_used_up(self.workspace, wrote) {
                let limit = room.allowed().min(self.limit);
                line.report(Verdict::at_once(Ending::DiskLimit { limit }));
                break;
            }
        }
    }

    /// Bytes that the workspace has grown by. When all processes are gone, that is all there is.
    pub(crate) fn growth(&self) -> u64 {
        let enough = self.before.saturating_add(self.limit);
        // A workspace that is gone has not grown.
        disk::allocated(self.workspace, enough).map_or(0, |now| now.saturating_sub(self.before))
    }
}

//! The watch over what a sandbox writes to disk.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::cgroup::OWN_TASKS_OUTSIDE;
use crate::disk;
use crate::nameless::Nameless;
use crate::processes::Tree;
use crate::watch::{Line, Verdict, pause_after};
use crate::{Ending, Limits};

/// How often the workspace is measured.
const TICK: Duration = Duration::from_millis(250);
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
}

impl<'a> DiskWatch<'a> {
    /// Takes the size that `workspace` has now.
    pub(crate) fn new(workspace: &'a Path, limits: &Limits) -> io::Result<Self> {
        let before = disk::allocated(workspace, u64::MAX)?;
        let device = workspace.metadata()?.dev();
        Ok(Self {
            workspace,
            device,
            before,
            limit: limits.disk,
            most_tasks: limits.processes.saturating_add(OWN_TASKS_OUTSIDE),
        })
    }

    /// Whether the workspace holds folders that cannot be measured.
    pub(crate) fn is_unmeasurable(&self) -> bool {
        self.before == u64::MAX
    }

    /// Measures until the workspace is too large or the sandbox has ended. `root` is bubblewrap's
    /// monitor, whose descendants may hold files without a name.
    pub(crate) fn run(&self, root: i32, line: &Line) {
        let mut pause = TICK;
        let mut nameless = Nameless::on(self.device);
        while line.pause(pause) {
            let start = Instant::now();
            let processes = Tree::measure(root, self.most_tasks).ids;
            let nameless = nameless.measure(&processes);
            if self.growth().saturating_add(nameless) > self.limit {
                let limit = self.limit;
                line.report(Verdict::at_once(Ending::DiskLimit { limit }));
                break;
            }
            pause = pause_after(start.elapsed(), TICK, LONGEST_PAUSE);
        }
    }

    /// Bytes that the workspace has grown by. When all processes are gone, that is all there is.
    pub(crate) fn growth(&self) -> u64 {
        let enough = self.before.saturating_add(self.limit);
        // A workspace that is gone has not grown.
        disk::allocated(self.workspace, enough).map_or(0, |now| now.saturating_sub(self.before))
    }
}

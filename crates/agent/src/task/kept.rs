//! What is kept of a task on disk, so that the agent may die at any moment.
//!
//! ```text
//! tasks/<task>/state.json   begun, or over with what is to be reported; replaced whole
//! tasks/<task>/work         the code and the job's folder; gone when the task is over
//! ```
//!
//! A folder whose state cannot be read was being made or being removed: nothing is owed for it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use glovebox_protocol::{Ended, Happened, Metrics};
use glovebox_runner::{JobName, remove};
use rustix::fs::{CWD, Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::folder::{make_private, write_whole};

const STATE: &str = "state.json";

/// No state of ours is longer, in bytes.
const MOST_BYTES: u64 = 64 << 10;

/// How a task ended, as it is reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Over {
    pub(crate) happened: Happened,
    pub(crate) metrics: Option<Metrics>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Begun,
    Over(Over),
}

/// The folder of a task that is not done with.
#[derive(Debug)]
pub(crate) struct TaskFolder {
    path: PathBuf,
}

impl Over {
    pub(crate) fn ended(ended: Ended) -> Self {
        Self {
            happened: Happened::Ended(ended),
            metrics: None,
        }
    }
}

impl TaskFolder {
    /// Makes the folder of a task that begins, anew if there is one of an earlier time.
    pub(crate) fn begin(tasks: &Path, task: &JobName) -> io::Result<Self> {
        let folder = Self {
            path: tasks.join(task.as_str()),
        };
        folder.forget();
        make_private(&folder.path)?;
        make_private(&folder.work())?;
        folder.write(State::Begun)?;
        Ok(folder)
    }

    /// Where it is worked on.
    pub(crate) fn work(&self) -> PathBuf {
        self.path.join("work")
    }

    /// Keeps how it ended; from here on it is never begun again, only reported.
    pub(crate) fn end(&self, over: Over) -> io::Result<()> {
        self.write(State::Over(over))?;
        remove(&self.work());
        Ok(())
    }

    /// Removes it: nothing more is owed.
    pub(crate) fn forget(&self) {
        // First what says that something is owed, lest that is said again after a crash.
        let _ = fs::remove_file(self.path.join(STATE));
        remove(&self.path);
    }

    fn write(&self, state: State) -> io::Result<()> {
        write_whole(&self.path, STATE, &serde_json::to_vec(&state)?)
    }

    fn read(&self) -> Option<State> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(CWD, self.path.join(STATE), flags, Mode::empty()).ok()?;
        let mut bytes = Vec::new();
        File::from(file)
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// What an earlier agent in the same folder left: what is still to be reported. What was under way is
/// cleared away, and becomes something that may pass.
pub(crate) fn restore(tasks: &Path) -> io::Result<Vec<(String, TaskFolder, Over)>> {
    let mut owed = Vec::new();
    for entry in fs::read_dir(tasks)? {
        let entry = entry?;
        let folder = TaskFolder { path: entry.path() };
        let name = entry
            .file_name()
            .to_str()
            .and_then(|name| JobName::new(name).ok());
        let (Some(name), Some(state)) = (name, folder.read()) else {
            folder.forget();
            continue;
        };
        let over = match state {
            State::Over(over) => {
                // It may have been killed just before this.
                remove(&folder.work());
                over
            }
            State::Begun => {
                let over = Over::ended(Ended::MayPass);
                if let Err(error) = folder.end(over) {
                    // A full disk must not keep the agent from saying it.
                    tracing::error!(%error, "how a task ended cannot be kept");
                }
                over
            }
        };
        owed.push((name.as_str().to_owned(), folder, over));
    }
    Ok(owed)
}

#[cfg(test)]
mod tests {
    use glovebox_protocol::Reason;

    use super::*;

    fn name(text: &str) -> JobName {
        JobName::new(text).unwrap()
    }

    #[test]
    fn what_is_owed_is_restored_and_the_rest_swept() {
        let dir = tempfile::tempdir().unwrap();
        let begun = TaskFolder::begin(dir.path(), &name("begun")).unwrap();
        fs::write(begun.work().join("half"), "x").unwrap();
        let failed = Over::ended(Ended::Failed(Reason::TimedOut));
        let ended = TaskFolder::begin(dir.path(), &name("ended")).unwrap();
        ended.end(failed).unwrap();
        // Killed between the two steps of `end`.
        fs::create_dir(ended.work()).unwrap();
        TaskFolder::begin(dir.path(), &name("done"))
            .unwrap()
            .forget();
        // Killed while it was made, or removed.
        fs::create_dir_all(dir.path().join("empty/work")).unwrap();
        fs::create_dir(dir.path().join("torn")).unwrap();
        fs::write(dir.path().join("torn/state.json"), "{\"ov").unwrap();
        fs::write(dir.path().join("stray"), "").unwrap();

        for _ in 0..2 {
            let mut owed: Vec<_> = restore(dir.path())
                .unwrap()
                .into_iter()
                .map(|(task, folder, over)| {
                    assert!(!folder.work().exists());
                    (task, over)
                })
                .collect();
            owed.sort_by(|a, b| a.0.cmp(&b.0));
            let may_pass = Over::ended(Ended::MayPass);
            assert_eq!(
                owed,
                [("begun".to_owned(), may_pass), ("ended".to_owned(), failed)]
            );
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_task_that_begins_again_finds_nothing_of_the_earlier_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = TaskFolder::begin(dir.path(), &name("t")).unwrap();
        fs::write(first.work().join("half"), "x").unwrap();
        let second = TaskFolder::begin(dir.path(), &name("t")).unwrap();
        assert_eq!(fs::read_dir(second.work()).unwrap().count(), 0);
        assert_eq!(second.read(), Some(State::Begun));
    }
}

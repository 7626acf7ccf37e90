//! The names of jobs, tasks and agents.

use std::{fmt, str::FromStr};

use data_encoding::BASE32;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

/// The name of a job: 16 characters of lower-case base32.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl JobId {
    /// The job of an action in a request: the same whenever it is asked for, so that a request sent
    /// twice makes its jobs once.
    ///
    /// `base32(sha1(request + "\n" + action)[..10])` in lower case, as OpenSAFELY's job-runner names
    /// them. SHA-1 names here and protects nothing.
    pub fn of(request: &str, action: &str) -> Self {
        let digest = Sha1::new()
            .chain_update(request)
            .chain_update("\n")
            .chain_update(action)
            .finalize();
        let mut name = BASE32.encode(&digest[..10]);
        name.make_ascii_lowercase();
        Self(name)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One attempt at a job: `<job>-NNN`.
///
/// The number only grows. It is the fencing token: what an agent says about an attempt counts only
/// while that attempt is the job's newest, so a report that was long on its way changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskId {
    /// The job.
    pub job: JobId,
    /// Which attempt, from 1.
    pub number: u32,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:03}", self.job, self.number)
    }
}

/// A text that names no task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the name of a task: it should be a job, a dash, and a number from 001 on")]
pub struct NotATask;

impl FromStr for TaskId {
    type Err = NotATask;

    fn from_str(text: &str) -> Result<Self, NotATask> {
        let (job, digits) = text.rsplit_once('-').ok_or(NotATask)?;
        let number = digits.parse().map_err(|_| NotATask)?;
        let task = Self {
            job: JobId(job.to_owned()),
            number,
        };
        // One name for each task: `a-1`, `a-+01` and `a-0001` are none.
        if number == 0 || job.is_empty() || task.to_string() != text {
            return Err(NotATask);
        }
        Ok(task)
    }
}

impl TryFrom<String> for TaskId {
    type Error = NotATask;

    fn try_from(text: String) -> Result<Self, NotATask> {
        text.parse()
    }
}

impl From<TaskId> for String {
    fn from(task: TaskId) -> Self {
        task.to_string()
    }
}

/// The name of an agent, distinct among those of its backend and kept when it starts anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(pub String);

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_named_as_in_the_reference() {
        // Computed with hashlib and base64 of Python 3.11.
        let cases = [
            ("abcdefghij234567", "run_all", "wh32ky4gkzvvn3hu"),
            ("", "", "vxedwgphsnerwhdo"),
            ("abcdefghij234567", "é 😀", "ml6mv3plbglswfpl"),
        ];
        for (request, action, id) in cases {
            assert_eq!(JobId::of(request, action).0, id, "{request} {action}");
        }
        assert_ne!(JobId::of("a", "b\nc"), JobId::of("a", "b"));
    }

    #[test]
    fn a_task_has_one_name() {
        let task: TaskId = "abc-012".parse().expect("a task");
        assert_eq!((task.job.0.as_str(), task.number), ("abc", 12));
        assert_eq!(task.to_string(), "abc-012");
        let long: TaskId = "a-b-1000".parse().expect("a task");
        assert_eq!((long.job.0.as_str(), long.number), ("a-b", 1000));
        for text in [
            "",
            "abc",
            "abc-",
            "-001",
            "abc-1",
            "abc-0001",
            "abc-000",
            "abc-+01",
            "abc--01",
            "abc-001-cancel",
            "abc-4294967296",
        ] {
            assert_eq!(text.parse::<TaskId>(), Err(NotATask), "{text:?}");
        }
    }
}

//! Words to tell stories about jobs with.

use glovebox_jobs::{Job, JobId, StatusCode, Timestamp};

pub(crate) struct Told(pub(crate) Job);

/// A job of an action of the same name.
pub(crate) fn job(id: &str) -> Told {
    Told(Job {
        id: JobId(id.to_owned()),
        request: "abcdefghij234567".to_owned(),
        backend: "test".to_owned(),
        workspace: "ws".to_owned(),
        action: id.to_owned(),
        run_command: format!("python:v2 {id}.py"),
        requires_db: false,
        needs: Vec::new(),
        wait_for: Vec::new(),
        time_limit: None,
        code: StatusCode::Created,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        started_at: None,
        completed_at: None,
        tasks: 0,
        faults: 0,
        holder: None,
        cancelled: None,
        exit_code: None,
        withheld: false,
    })
}

//! What happened to a job request, in order of time.

use glovebox_protocol::{Job, JobRequest};
use jiff::Timestamp;
use serde::Serialize;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Happened {
    /// Milliseconds since 1970.
    at: i64,
    event: Event,
    job_request: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    /// The user name of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Why, as a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    message: String,
}

/// In the order in which events of one moment are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    RequestCreated,
    JobStarted,
    JobCancelled,
    JobSucceeded,
    JobFailed,
    RequestEnded,
}

impl Happened {
    /// The event for a person.
    pub(super) fn line(&self) -> String {
        let moment = Timestamp::from_millisecond(self.at).map_or_else(
            |_| self.at.to_string(),
            |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        );
        let message = &self.message;
        let about = self.action.as_deref().unwrap_or("job request");
        format!("{moment}  {about}: {message}")
    }
}

/// All that is known to have happened, the first thing first.
pub(super) fn happened(request: &JobRequest) -> Vec<Happened> {
    let commit: String = request.commit.chars().take(7).collect();
    let (actions, backend) = (request.requested_actions.join(" "), &request.backend);
    let by = &request.created_by;
    let of_request = |at, event, message| Happened {
        at,
        event,
        job_request: request.number,
        job: None,
        action: None,
        by: None,
        code: None,
        message,
    };
    let asked = format!("{by} asked for {actions} on {backend}, at commit {commit}");
    let mut events = vec![Happened {
        by: Some(by.clone()),
        ..of_request(request.created_at, Event::RequestCreated, asked)
    }];
    for job in &request.jobs {
        events.extend(of_job(request.number, job));
    }
    let ended = match (request.status.as_str(), request.completed_at) {
        ("nothing_to_do", at) => Some((at.unwrap_or(request.created_at), "nothing to do")),
        ("succeeded", Some(at)) => Some((at, "succeeded")),
        ("failed", Some(at)) => Some((at, "failed")),
        _ => None,
    };
    if let Some((at, word)) = ended {
        let message = match &request.message {
            Some(more) => format!("{word}: {more}"),
            None => word.to_owned(),
        };
        events.push(Happened {
            code: Some(request.status.clone()),
            ..of_request(at, Event::RequestEnded, message)
        });
    }
    // Jobs of one moment stay in the order of the file.
    events.sort_by_key(|event| (event.at, event.event));
    events
}

fn of_job(request: i64, job: &Job) -> Vec<Happened> {
    let event = |at, event, message| Happened {
        at,
        event,
        job_request: request,
        job: Some(job.id.clone()),
        action: Some(job.action.clone()),
        by: None,
        code: None,
        message,
    };
    let mut events = Vec::new();
    if let Some(at) = job.started_at {
        events.push(event(at, Event::JobStarted, "started".to_owned()));
    }
    if let Some(cancelled) = &job.cancelled {
        events.push(Happened {
            by: Some(cancelled.by.clone()),
            ..event(
                cancelled.at,
                Event::JobCancelled,
                format!("cancelled by {}", cancelled.by),
            )
        });
    }
    let ended = match job.state.as_str() {
        "succeeded" => Some((Event::JobSucceeded, "succeeded")),
        // It is said already.
        "failed" if job.cancelled.is_some() => None,
        "failed" => Some((Event::JobFailed, "failed")),
        _ => None,
    };
    if let (Some((kind, word)), Some(at)) = (ended, job.completed_at) {
        let message = format!("{word}: {}", job.status_message);
        events.push(Happened {
            code: Some(job.status_code.clone()),
            ..event(at, kind, message)
        });
    }
    events
}

#[cfg(test)]
mod tests {
    use glovebox_protocol::Cancelled;

    use super::*;

    fn job(action: &str, state: &str, started_at: Option<i64>, completed_at: Option<i64>) -> Job {
        Job {
            id: format!("{action:a>16}"),
            action: action.to_owned(),
            state: state.to_owned(),
            status_code: format!("{state}_code"),
            status_message: "Why it stands so".to_owned(),
            created_at: 1_000,
            updated_at: 9_000,
            started_at,
            completed_at,
            cancelled: None,
        }
    }

    fn request(status: &str, completed_at: Option<i64>, jobs: Vec<Job>) -> JobRequest {
        JobRequest {
            number: 4168,
            id: "abcdefghij234567".to_owned(),
            path: "/job-requests/4168".to_owned(),
            workspace: "sick-notes".to_owned(),
            backend: "tpp".to_owned(),
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            status: status.to_owned(),
            message: None,
            created_by: "researcher".to_owned(),
            created_at: 1_000,
            completed_at,
            requested_actions: vec!["run_all".to_owned()],
            jobs,
        }
    }

    fn lines(request: &JobRequest) -> Vec<String> {
        happened(request).iter().map(Happened::line).collect()
    }

    #[test]
    fn events_stand_in_order_of_time() {
        let mut cancelled = job("plot", "failed", None, Some(4_000));
        cancelled.cancelled = Some(Cancelled {
            by: "dora".to_owned(),
            at: 4_000,
        });
        let jobs = vec![
            job("count", "failed", Some(3_000), Some(5_000)),
            job("cohort", "succeeded", Some(2_000), Some(3_000)),
            cancelled,
        ];
        assert_eq!(
            lines(&request("failed", Some(5_000), jobs)),
            [
                "1970-01-01 00:00:01 UTC  job request: researcher asked for run_all on tpp, at commit 0123456",
                "1970-01-01 00:00:02 UTC  cohort: started",
                "1970-01-01 00:00:03 UTC  count: started",
                "1970-01-01 00:00:03 UTC  cohort: succeeded: Why it stands so",
                "1970-01-01 00:00:04 UTC  plot: cancelled by dora",
                "1970-01-01 00:00:05 UTC  count: failed: Why it stands so",
                "1970-01-01 00:00:05 UTC  job request: failed",
            ]
        );
    }

    #[test]
    fn what_goes_on_has_no_end() {
        let jobs = vec![job("cohort", "running", Some(2_000), None)];
        assert_eq!(lines(&request("running", None, jobs)).len(), 2);
        let mut nothing = request("nothing_to_do", None, Vec::new());
        nothing.message = Some("all is there".to_owned());
        let lines = lines(&nothing);
        assert_eq!(
            lines.last().map(String::as_str),
            Some("1970-01-01 00:00:01 UTC  job request: nothing to do: all is there")
        );
    }

    #[test]
    fn a_program_finds_who_and_why() {
        let jobs = vec![job("count", "failed", Some(3_000), Some(5_000))];
        let events = happened(&request("failed", Some(5_000), jobs));
        let json: Vec<serde_json::Value> = events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect();
        assert_eq!(json[0]["event"], "request_created");
        assert_eq!(json[0]["by"], "researcher");
        assert_eq!(json[2]["event"], "job_failed");
        assert_eq!(json[2]["code"], "failed_code");
        assert_eq!(json[2]["at"], 5_000);
        assert_eq!(json[3]["event"], "request_ended");
    }
}

//! What a request and its jobs look like to people.

use std::time::Duration;

use glovebox_jobs::{Job, RequestStatus, StatusCode, Summary, Timestamp};

use crate::story::job;

fn ended(code: StatusCode, started: Option<i64>, completed: Option<i64>) -> Job {
    Job {
        code,
        started_at: started.map(Timestamp),
        completed_at: completed.map(Timestamp),
        ..job("a").0
    }
}

#[test]
fn the_runtime_is_what_jobs_ran_in_all() {
    use StatusCode::{Executing, NonzeroExit, Succeeded};
    let cases = [
        (vec![], "-"),
        (vec![ended(Succeeded, Some(0), Some(9_000))], "00:00:09"),
        (vec![ended(Succeeded, Some(0), Some(999))], "-"),
        (vec![ended(Succeeded, None, Some(9_000))], "-"),
        (vec![ended(Succeeded, Some(9_000), Some(0))], "-"),
        (vec![ended(Executing, Some(0), Some(9_000))], "-"),
        (
            vec![
                ended(Succeeded, Some(0), Some(3_600_000)),
                ended(NonzeroExit, Some(0), Some(360_061_000)),
                ended(NonzeroExit, Some(60_000), Some(0)),
            ],
            "101:01:01",
        ),
    ];
    for (jobs, runtime) in cases {
        let summary = Summary::of(RequestStatus::Pending, &jobs);
        assert_eq!(summary.runtime_in_words(), runtime, "{jobs:?}");
    }
}

#[test]
fn a_request_has_ended_when_its_last_job_has() {
    let done = ended(StatusCode::Succeeded, Some(2_000), Some(5_000));
    let failed = ended(StatusCode::TooHeavy, None, Some(7_000));
    let running = ended(StatusCode::Executing, Some(1_000), None);
    let summary = Summary::of(RequestStatus::Pending, [&done, &failed, &running]);
    assert_eq!(summary.status, RequestStatus::Running);
    assert_eq!(summary.jobs, [0, 1, 1, 1]);
    assert_eq!((summary.succeeded(), summary.total()), (1, 3));
    assert_eq!(summary.started_at, Some(Timestamp(1_000)));
    assert_eq!(summary.completed_at, None);
    let summary = Summary::of(RequestStatus::Running, [&failed, &done]);
    assert_eq!(summary.status, RequestStatus::Failed);
    assert_eq!(summary.completed_at, Some(Timestamp(7_000)));
    assert_eq!(summary.runtime, Duration::from_secs(3));
}

#[test]
fn every_code_has_a_sentence_that_says_something_of_its_own() {
    let mut sentences: Vec<&str> = StatusCode::ALL.iter().map(|code| code.sentence()).collect();
    assert!(sentences.iter().all(|sentence| !sentence.ends_with('.')));
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), StatusCode::ALL.len());
}

#[test]
fn exit_codes_of_database_jobs_are_explained() {
    let failed = |requires_db, exit_code| {
        let job = Job {
            requires_db,
            exit_code: Some(exit_code),
            ..ended(StatusCode::NonzeroExit, Some(0), Some(1))
        };
        job.sentence()
    };
    assert_eq!(
        failed(false, 4),
        "The command ended with an error (exit code 4)"
    );
    assert!(failed(true, 4).contains("new data is being loaded"));
    for code in [2, 3, 4, 5, 6, 10, 11, 12, 13, 14] {
        assert!(!failed(true, code).contains("exit code"), "{code}");
    }
    for code in [1, 7, 9, 15, 137, -9] {
        assert!(failed(true, code).contains(&format!("exit code {code}")));
    }
    let withheld = Job {
        withheld: true,
        ..ended(StatusCode::Succeeded, Some(0), Some(1))
    };
    assert!(withheld.sentence().contains("withheld"));
}

#[test]
fn what_is_kept_of_a_job_reads_back() {
    let job = ended(StatusCode::WaitingDbMaintenance, Some(1), None);
    let json = serde_json::to_string(&job).expect("JSON");
    assert!(
        json.contains(r#""code":"waiting_db_maintenance""#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Job>(&json).expect("a job"), job);
}

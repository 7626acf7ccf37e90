//! One pass takes time in proportion to the jobs it looks at. The reference takes 121 s to start
//! 990 of 1,000 jobs, since it counts anew what runs after each.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use glovebox_jobs::{
    Ask, Backend, Job, JobId, JobRequest, Planned, Pools, Settings, Timestamp, plan,
};

use crate::story::{agent, job, settings};

fn backend(jobs: u32, workers: u32) -> Backend {
    let mut backend = Backend::new(Settings {
        pools: Pools {
            workers,
            db_workers: workers,
        },
        ..settings()
    });
    let jobs = (0..jobs).map(|number| Job {
        id: JobId(format!("job{number:013}")),
        workspace: format!("workspace-{}", number % 40),
        requires_db: number % 3 == 0,
        created_at: Timestamp(i64::from(number / 10)),
        ..job("an_action_with_a_name").0
    });
    backend.add(jobs.collect()).expect("new jobs");
    backend
}

/// The quickest of a few.
fn fastest(mut attempt: impl FnMut() -> Duration) -> Duration {
    (0..5).map(|_| attempt()).min().expect("a time")
}

fn start(jobs: u32, workers: u32) -> Duration {
    let mut backend = backend(jobs, workers);
    let ask = Ask {
        agent: agent("one"),
        slots: u32::MAX,
        holds: Vec::new(),
    };
    let begin = Instant::now();
    let effects = backend.step(Timestamp(0), Vec::new(), &[ask]);
    let time = begin.elapsed();
    assert_eq!(effects.handed_out.len(), workers as usize);
    assert_eq!(effects.changed.len(), jobs as usize);
    time
}

#[test]
fn starting_jobs_is_nearly_linear() {
    let thousand = fastest(|| start(1_000, 990));
    let sixteen_thousand = fastest(|| start(16_000, 15_840));
    println!("990 of 1,000 jobs start in {thousand:?}, 15,840 of 16,000 in {sixteen_thousand:?}");
    assert!(thousand < Duration::from_secs(1));
    // Sixteen times the jobs; sorting anew for each would be 256 times the work and more.
    assert!(sixteen_thousand < thousand * 16 * 5);
}

#[test]
fn ten_thousand_jobs_are_planned_and_added_quickly() {
    let mut text = "version: 4\nactions:\n".to_owned();
    for number in 0..2_500 {
        let need = if number > 0 {
            format!("a{}", (number - 1) / 2)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "  a{number}: {{run: python:v2 a{number}.py, needs: [{need}], outputs: {{highly_sensitive: {{o: a{number}.csv}}}}}}"
        );
    }
    let project = glovebox_pipeline::check(&text).outcome.expect("a project");
    let backends = ["one", "two", "three", "four"];
    let time = fastest(|| {
        let begin = Instant::now();
        for (backend, id) in backends.iter().zip('a'..) {
            let request = JobRequest {
                id: id.to_string().repeat(16),
                backend: (*backend).to_owned(),
                workspace: "study".to_owned(),
                database: "default".to_owned(),
                requested_actions: vec!["run_all".to_owned()],
                force_run_dependencies: false,
                codelists_ok: true,
            };
            let planned = plan(&request, &project, &backends, &[], Timestamp(0));
            let Ok(Planned::Jobs(jobs)) = planned else {
                panic!("{planned:?}")
            };
            assert_eq!(jobs.len(), 2_500);
            Backend::new(settings()).add(jobs).expect("new jobs");
        }
        begin.elapsed()
    });
    println!("2,500 actions for 4 backends are 10,000 jobs in {time:?}");
    assert!(time < Duration::from_secs(1));
}

#[test]
fn a_pass_over_ten_thousand_that_wait_is_short() {
    let mut backend = backend(10_000, 10);
    let _ = backend.step(Timestamp(0), Vec::new(), &[]);
    let idle = fastest(|| {
        let begin = Instant::now();
        let _ = backend.step(Timestamp(0), Vec::new(), &[]);
        begin.elapsed()
    });
    let ask = Ask {
        agent: agent("one"),
        slots: 1,
        holds: Vec::new(),
    };
    let begin = Instant::now();
    let effects = backend.step(Timestamp(0), Vec::new(), &[ask]);
    let hand_out = begin.elapsed();
    assert_eq!(effects.handed_out.len(), 1);
    println!("10,000 wait: {idle:?} when nobody asks, {hand_out:?} to hand out one");
    assert!(idle < Duration::from_secs(1) && hand_out < Duration::from_secs(1));
}

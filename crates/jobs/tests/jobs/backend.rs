//! What becomes of the jobs of a backend, told as stories.

use glovebox_jobs::{
    Backend, CancelledAs, CannotAdd, Event, JobId, Pools, Stage, TaskResult, Weight,
};

use crate::story::{Story, agent, cancel, finished, job, settings, stopped, task};

const SECOND: i64 = 1_000;

#[test]
fn the_first_to_cancel_is_the_one_who_did() {
    let mut story = Story::new(settings(), [job("a"), job("b").awaits("a")]);
    let _ = story.ask("one", 1);
    let kill = Event::Cancel {
        job: JobId("a".to_owned()),
        by: "operator".to_owned(),
        role: CancelledAs::Administrator,
    };
    let effects = story.step(vec![
        cancel("a", "researcher"),
        cancel("a", "a colleague"),
        kill.clone(),
    ]);
    let ignored: Vec<usize> = effects
        .ignored
        .iter()
        .map(|ignored| ignored.event)
        .collect();
    assert_eq!(ignored, [1, 2]);
    assert_eq!(
        story.job("a").cancelled.as_ref().map(|c| c.by.as_str()),
        Some("researcher")
    );
    assert_eq!(story.code("a"), "cancelled_by_user");
    assert_eq!(story.code("b"), "dependency_failed");
    assert_eq!(story.stops("one"), ["a-001"]);

    let mut story = Story::new(settings(), [job("a")]);
    let _ = story.step(vec![kill]);
    assert_eq!(story.code("a"), "killed_by_admin");
}

#[test]
fn in_one_moment_a_cancellation_beats_a_success_and_that_beats_maintenance() {
    let result = |exit_code| TaskResult::Exited {
        exit_code,
        unmatched_patterns: false,
        withheld: true,
    };
    for (events, code, stops) in [
        (
            vec![
                finished("one", "a-001", result(0)),
                cancel("a", "researcher"),
            ],
            "cancelled_by_user",
            0,
        ),
        (
            vec![Event::MaintenanceBegan, finished("one", "a-001", result(0))],
            "succeeded",
            0,
        ),
        (
            vec![finished("one", "a-001", result(1)), Event::MaintenanceBegan],
            "waiting_db_maintenance",
            0,
        ),
        (vec![Event::MaintenanceBegan], "waiting_db_maintenance", 1),
        (vec![finished("one", "a-001", result(1))], "nonzero_exit", 0),
    ] {
        let mut story = Story::new(settings(), [job("a").db()]);
        let _ = story.ask("one", 1);
        let effects = story.step(events.clone());
        assert_eq!(
            (story.code("a"), effects.stops.len()),
            (code, stops),
            "{events:?}"
        );
    }
}

#[test]
fn a_job_that_was_stopped_starts_anew_only_once_its_agent_stopped() {
    for (event, over, code) in [
        (
            Event::MaintenanceBegan,
            Event::MaintenanceEnded,
            "waiting_db_maintenance",
        ),
        (Event::PrepareForReboot, Event::Resume, "waiting_on_reboot"),
    ] {
        for by_lease in [false, true] {
            let mut story = Story::new(settings(), [job("a").db()]);
            let _ = story.ask("one", 1);
            let _ = story.step(vec![event.clone()]);
            assert_eq!(story.stops("one"), ["a-001"]);
            let _ = story.step(vec![over.clone()]);
            assert_eq!(story.ask("two", 1), [""; 0], "one may still be at work");
            assert_eq!(story.code("a"), code);
            // What is known of the one that may be at work outlasts the server.
            story.restart();
            assert_eq!(story.ask("two", 1), [""; 0], "one may still be at work");
            if by_lease {
                story.pass_time(180);
            } else {
                let _ = story.step(vec![stopped("two", "a-001")]);
                assert_eq!(story.ask("two", 1), [""; 0], "only one can say so");
                let _ = story.step(vec![stopped("one", "a-001")]);
            }
            assert_eq!(story.ask("two", 1), ["a-002"]);
            assert_eq!(story.job("a").faults, 0, "nobody's fault");
        }
    }
}

#[test]
fn a_restart_of_the_machine_leaves_nothing_running_and_starts_nothing() {
    let mut story = Story::new(settings(), [job("a"), job("b").awaits("a")]);
    let _ = story.ask("one", 9);
    let _ = story.step(vec![Event::PrepareForReboot]);
    let _ = story.step(vec![stopped("one", "a-001")]);
    assert_eq!(story.ask("one", 9), [""; 0]);
    assert_eq!(
        [story.code("a"), story.code("b")],
        ["waiting_on_reboot", "paused"]
    );
}

#[test]
fn jobs_go_to_the_agent_with_most_room_and_wait_when_nobody_asks() {
    let mut story = Story::new(settings(), ["a", "b", "c", "d", "e"].map(job));
    let _ = story.step(Vec::new());
    assert_eq!(story.code("a"), "waiting_on_workers");
    let began = story.ask_together(&[("one", 1), ("two", 3)]);
    assert_eq!(began, ["two a-001", "two b-001", "one c-001", "two d-001"]);
    assert_eq!(story.code("e"), "waiting_on_workers");
}

#[test]
fn the_queue_is_the_order_in_which_jobs_begin() {
    let named = |id: &str, workspace: &str, db: bool| {
        let mut told = job(id);
        told.0.workspace = workspace.to_owned();
        told.0.requires_db = db;
        told
    };
    let jobs = [
        named("a1", "A", false),
        named("a2", "A", true),
        named("a3", "A", false),
        named("b1", "B", false),
        named("a4", "A", false).awaits("a3"),
    ];
    let mut story = Story::new(settings(), jobs);
    let queue: Vec<String> = story
        .backend
        .queue()
        .iter()
        .map(|job| job.id.0.clone())
        .collect();
    assert_eq!(queue, ["a2", "b1", "a1", "a3"]);
    for id in queue {
        // Each asks once.
        let agent = format!("agent of {id}");
        assert_eq!(story.ask(&agent, 1), [format!("{id}-001")]);
    }
}

#[test]
fn what_no_pool_can_hold_is_refused_at_once_and_nothing_waits_for_it() {
    let mut heavy = settings();
    heavy.pools = Pools {
        workers: 2,
        db_workers: 0,
    };
    let weight = Weight::new(2.5).expect("a weight");
    heavy
        .weights
        .add(Some("ws"), "h.*", weight)
        .expect("a rule");
    let jobs = [
        job("h1"),
        job("b").awaits("h1"),
        job("c").awaits("b"),
        job("d").db(),
        job("e"),
    ];
    let mut story = Story::new(heavy.clone(), jobs);
    assert_eq!(story.ask("one", 9), ["e-001"]);
    assert_eq!(
        ["h1", "b", "c", "d"].map(|id| story.code(id)),
        [
            "too_heavy",
            "dependency_failed",
            "dependency_failed",
            "too_heavy"
        ]
    );
    // More workers help those that come afterwards, and those that were not looked at yet.
    let mut story = Story::new(heavy.clone(), [job("h1")]);
    heavy.pools.workers = 3;
    story.backend.change_settings(heavy);
    assert_eq!(story.ask("one", 9), ["h1-001"]);
}

#[test]
fn jobs_are_added_together_or_not_at_all() {
    let mut backend = Backend::new(settings());
    backend.add(vec![job("a").0]).expect("a job");
    let id = |id: &str| JobId(id.to_owned());
    for (jobs, why) in [
        (vec![job("b"), job("a")], CannotAdd::Known(id("a"))),
        (vec![job("b"), job("b")], CannotAdd::Known(id("b"))),
        (
            vec![job("b"), job("c").awaits("c")],
            CannotAdd::Cycle(id("c")),
        ),
        (
            vec![job("x"), job("b").awaits("c"), job("c").awaits("b")],
            CannotAdd::Cycle(id("b")),
        ),
    ] {
        let jobs = jobs.into_iter().map(|job| job.0).collect();
        assert_eq!(backend.add(jobs), Err(why));
        assert_eq!(backend.jobs().count(), 1);
    }
    // The order of jobs that wait for each other is no matter.
    backend
        .add(vec![job("c").awaits("b").0, job("b").awaits("a").0])
        .expect("no cycle");
}

#[test]
fn a_failure_reaches_the_end_of_a_long_chain_in_one_step() {
    let names: Vec<String> = (0..10_000).map(|number| format!("j{number}")).collect();
    let jobs = names.iter().enumerate().map(|(place, name)| match place {
        0 => job(name),
        _ => job(name).awaits(&names[place - 1]),
    });
    let mut story = Story::new(settings(), jobs);
    let effects = story.step(vec![cancel("j0", "researcher")]);
    assert_eq!(effects.changed.len(), 10_000);
    assert_eq!(story.code("j9999"), "dependency_failed");
    assert_eq!(story.backend.jobs().count(), 0);
}

#[test]
fn stages_are_mirrored_and_an_agent_that_starts_anew_may_go_back() {
    let mut story = Story::new(settings(), [job("a")]);
    let _ = story.ask("one", 1);
    let stages = [
        (Stage::Preparing, "preparing"),
        (Stage::Prepared, "prepared"),
        (Stage::Executing, "executing"),
        (Stage::Preparing, "preparing"),
        (Stage::Executed, "executed"),
        (Stage::Finalizing, "finalizing"),
        (Stage::Finalized, "finalized"),
    ];
    let started = story.job("a").started_at;
    for (stage, code) in stages {
        story.jump(1);
        let progress = Event::Progress {
            agent: agent("one"),
            task: task("a-001"),
            stage,
        };
        assert_eq!(story.step(vec![progress]).ignored, []);
        assert_eq!(story.code("a"), code);
        assert_eq!(story.job("a").started_at, started);
    }
    assert_eq!(
        story.job("a").updated_at.0,
        started.expect("started").0 + 7 * SECOND
    );
}

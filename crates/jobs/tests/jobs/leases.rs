//! Leases, faults and clocks, told as stories.

use std::time::Duration;

use glovebox_jobs::{Event, IgnoredBecause, Retries, Settings, TaskResult};

use crate::story::{Story, finished, job, renewed, settings, stopped, success};

#[test]
fn a_lease_that_lapses_lets_another_agent_begin_and_the_first_is_heard_no_more() {
    let mut story = Story::new(settings(), [job("a")]);
    assert_eq!(story.ask("one", 1), ["a-001"]);
    story.pass_time(179);
    assert_eq!(story.ask("two", 1), [""; 0]);
    assert_eq!(story.code("a"), "initiated");
    story.pass_time(1);
    assert_eq!(story.code("a"), "waiting_on_new_task");
    story.pass_time(5);
    assert_eq!(story.ask("two", 1), ["a-002"]);
    for event in [
        finished("one", "a-001", success()),
        renewed("one", "a-001"),
        stopped("one", "a-001"),
        finished("one", "a-002", success()),
        renewed("one", "a-002"),
        finished("two", "a-001", success()),
        finished("two", "a-003", success()),
    ] {
        let effects = story.step(vec![event.clone()]);
        assert_eq!(effects.ignored[0].why, IgnoredBecause::NotHeld, "{event:?}");
        assert_eq!(effects.changed, [], "{event:?}");
    }
    let _ = story.step(vec![finished("two", "a-002", success())]);
    assert_eq!(story.code("a"), "succeeded");
    let effects = story.step(vec![finished("two", "a-002", success())]);
    assert_eq!(effects.ignored[0].why, IgnoredBecause::NotHeld);
}

#[test]
fn a_lease_that_is_renewed_does_not_lapse() {
    let mut story = Story::new(settings(), [job("a")]);
    let _ = story.ask("one", 1);
    for _ in 0..10 {
        story.pass_time(100);
        let effects = story.step(vec![renewed("one", "a-001")]);
        assert_eq!(effects.ignored, []);
        // It shows that its agent is alive.
        assert_eq!(effects.changed.len(), 1);
    }
    assert_eq!(story.code("a"), "initiated");
}

#[test]
fn work_that_ended_before_its_lease_lapsed_is_not_thrown_away() {
    for flags in [vec![], vec![Event::Pause], vec![Event::MaintenanceBegan]] {
        let mut story = Story::new(settings(), [job("a").db()]);
        let _ = story.ask("one", 1);
        let started = story.job("a").started_at;
        story.pass_time(182);
        assert_eq!(story.code("a"), "waiting_on_new_task");
        let _ = story.step(flags.clone());
        let effects = story.step(vec![finished("one", "a-001", success())]);
        assert_eq!(effects.ignored, [], "{flags:?}");
        assert_eq!(story.code("a"), "succeeded", "{flags:?}");
        assert_eq!(story.job("a").started_at, started);
    }
}

#[test]
fn faults_are_retried_later_and_later_and_then_no_more() {
    let retries = Retries {
        attempts: 4,
        first_delay: Duration::from_secs(10),
        longest_delay: Duration::from_secs(15),
        hand_outs: 1,
    };
    let mut story = Story::new(
        Settings {
            retries,
            ..settings()
        },
        [job("a"), job("b").awaits("a")],
    );
    for (attempt, delay) in [(1, 10), (2, 15), (3, 15)] {
        let task = format!("a-00{attempt}");
        assert_eq!(story.ask("one", 9), [task.as_str()]);
        let _ = story.step(vec![finished("one", &task, TaskResult::MayPass)]);
        assert_eq!(story.code("a"), "waiting_on_new_task");
        assert_eq!(story.job("a").started_at, None);
        story.pass_time(delay - 1);
        assert_eq!(story.ask("one", 9), [""; 0], "attempt {attempt}");
        story.pass_time(1);
    }
    assert_eq!(story.ask("one", 9), ["a-004"]);
    let _ = story.step(vec![finished("one", "a-004", TaskResult::MayPass)]);
    assert_eq!(story.code("a"), "internal_error");
    assert_eq!(story.code("b"), "dependency_failed");
}

#[test]
fn a_job_that_runs_too_long_is_stopped() {
    let limited = Settings {
        time_limit: Some(Duration::from_secs(100)),
        ..settings()
    };
    let jobs = [job("a"), job("b").limit(30), job("c").limit(150)];
    let mut story = Story::new(limited, jobs);
    let _ = story.ask("one", 9);
    for (seconds, codes) in [
        (29, ["initiated", "initiated", "initiated"]),
        (30, ["initiated", "time_limit_exceeded", "initiated"]),
        (
            100,
            ["time_limit_exceeded", "time_limit_exceeded", "initiated"],
        ),
        (
            150,
            [
                "time_limit_exceeded",
                "time_limit_exceeded",
                "time_limit_exceeded",
            ],
        ),
    ] {
        story.pass_time_until(seconds);
        assert_eq!(
            ["a", "b", "c"].map(|id| story.code(id)),
            codes,
            "after {seconds} s"
        );
    }
    assert_eq!(story.stops("one"), ["a-001", "b-001", "c-001"]);
    let _ = story.step(vec![
        stopped("one", "a-001"),
        stopped("one", "b-001"),
        stopped("one", "c-001"),
    ]);
    assert_eq!(story.stops("one"), [""; 0]);
}

#[test]
fn no_limit_is_reached_by_a_clock_that_jumps_or_a_server_that_was_away() {
    let mut story = Story::new(settings(), [job("a")]);
    let _ = story.ask("one", 1);
    for jump in [10 * 365 * 86_400, -20 * 365 * 86_400, 86_400] {
        story.jump(jump);
        let _ = story.step(Vec::new());
        assert_eq!(story.code("a"), "initiated", "after {jump} s");
    }
    story.restart();
    story.jump(86_400);
    let _ = story.step(vec![renewed("one", "a-001")]);
    story.pass_time(179);
    assert_eq!(story.code("a"), "initiated");
    story.pass_time(2);
    assert_eq!(story.code("a"), "waiting_on_new_task");
}

#[test]
fn a_clock_set_back_makes_nothing_end_before_it_began() {
    let mut story = Story::new(settings(), [job("a")]);
    let _ = story.ask("one", 1);
    story.jump(-3_600);
    let _ = story.step(vec![finished("one", "a-001", success())]);
    let job = story.job("a");
    assert_eq!(job.completed_at, job.started_at);
}

#[test]
fn what_was_lost_on_the_way_is_handed_out_again_a_few_times() {
    let mut story = Story::new(settings(), [job("a")]);
    assert_eq!(story.ask("one", 1), ["a-001"]);
    assert_eq!(story.ask_holding("one", 1, &["a-001"]), [""; 0]);
    assert_eq!(story.ask("one", 0), [""; 0]);
    assert_eq!(story.ask("one", 1), ["a-001 again"]);
    assert_eq!(story.ask("two", 1), [""; 0]);
    assert_eq!(story.ask("one", 1), ["a-001 again"]);
    assert_eq!(story.ask("one", 1), [""; 0]);
    assert_eq!(story.code("a"), "waiting_on_new_task");
    assert_eq!(story.stops("one"), ["a-001"]);
}

#[test]
fn an_agent_is_told_to_stop_what_is_not_its_own() {
    let mut story = Story::new(settings(), [job("a"), job("b")]);
    let _ = story.ask("one", 1);
    let effects = story.asking("two", 1, &["a-001", "zz-007"]);
    let told: Vec<String> = effects
        .stops
        .iter()
        .map(|stop| stop.task.to_string())
        .collect();
    assert_eq!(told, ["a-001", "zz-007"]);
    assert_eq!(story.code("a"), "initiated");
}

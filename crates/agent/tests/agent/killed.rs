//! `kill -9` of the agent at every point, and another agent in the same folder.

use std::fs;
use std::thread;
use std::time::Duration;

use glovebox_protocol::{Ended, Happened, Stage};

use crate::agents::{Home, runs, until};
use crate::played::{Mood, Server, is_success};
use crate::study::Study;

const MAY_PASS: Happened = Happened::Ended(Ended::MayPass);

/// After a kill: the task ends once, well or as something that may pass; a new attempt succeeds; and
/// nothing is left.
fn goes_on(server: &Server, study: &Study, home: &Home, commit: &str, end: Option<Happened>) {
    let agent = home.spawn();
    let ended = server.end_of("t-001");
    match end {
        Some(end) => assert_eq!(ended, end),
        None => assert!(is_success(ended) || ended == MAY_PASS, "{ended:?}"),
    }
    server.offer(study.task("t-002", "make", commit));
    assert!(is_success(server.end_of("t-002")));
    until("the folders to be gone", || home.tasks().is_empty());
    agent.kill();
    let ends = &server.state().ends;
    let mut names: Vec<&str> = ends.iter().map(|(task, _)| task.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["t-001", "t-002"]);
}

#[test]
fn killed_at_each_stage_it_says_that_the_task_may_pass() {
    for stage in [Stage::Preparing, Stage::Executing] {
        let (server, (study, commit)) = (Server::start(), Study::whole());
        let home = Home::new(&server, &study, "");
        let agent = home.spawn();
        server.offer(study.task("t-001", "slow", &commit));
        server.stage_of("t-001", stage);
        if stage == Stage::Executing {
            until("the script", || runs(&study.slow_script()));
        }
        agent.kill();
        until("the script to end", || !runs(&study.slow_script()));
        assert!(server.state().ends.is_empty());
        goes_on(&server, &study, &home, &commit, Some(MAY_PASS));
    }
}

#[test]
fn killed_while_outputs_are_filed_it_loses_nothing() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.spawn();
    server.offer(study.task("t-001", "make", &commit));
    server.stage_of("t-001", Stage::Finalizing);
    agent.kill();
    goes_on(&server, &study, &home, &commit, None);
}

#[test]
fn killed_before_its_result_was_heard_it_reports_it_afterwards() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.spawn();
    server.offer(study.task("t-001", "make", &commit));
    server.stage_of("t-001", Stage::Executing);
    server.change(|played| played.mood = Mood::Down);
    until("the result", || {
        let state = home.path().join("agent/tasks/t-001/state.json");
        fs::read_to_string(state).is_ok_and(|state| state.contains("succeeded"))
    });
    agent.kill();
    server.change(|played| played.mood = Mood::Well);
    let good = Happened::Ended(Ended::Succeeded { withheld: false });
    goes_on(&server, &study, &home, &commit, Some(good));
    let played = server.state();
    let handed = played.handed.iter().filter(|(task, _)| task == "t-001");
    assert_eq!(handed.count(), 1, "it was not run again");
}

#[test]
fn killed_before_it_knew_that_its_result_was_heard_it_counts_once() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.lose_verdicts = usize::MAX);
    let agent = home.spawn();
    server.offer(study.task("t-001", "make", &commit));
    assert!(is_success(server.end_of("t-001")));
    agent.kill();
    server.change(|played| played.lose_verdicts = 0);
    goes_on(&server, &study, &home, &commit, None);
}

#[test]
fn killed_before_it_heard_of_a_task_it_is_handed_it_again() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.lose_answers = 1);
    let agent = home.spawn();
    server.offer(study.task("t-001", "make", &commit));
    server.until("the hand-out", |played| !played.handed.is_empty());
    agent.kill();
    goes_on(&server, &study, &home, &commit, None);
}

#[test]
fn killed_again_and_again_at_any_moment_it_loses_and_doubles_nothing() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 2\n");
    let mut offered = 0;
    for round in 0..12_u64 {
        for _ in 0..2 {
            offered += 1;
            server.offer(study.task(&format!("r-{offered}"), "make", &commit));
        }
        let agent = home.spawn();
        thread::sleep(Duration::from_millis(40 + round * 53));
        agent.kill();
    }
    let agent = home.spawn();
    server.until("all ends", |played| played.ends.len() == offered);
    until("the folders to be gone", || home.tasks().is_empty());
    agent.kill();
    let played = server.state();
    let mut names: Vec<&String> = played.ends.iter().map(|(task, _)| task).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), offered, "each once");
    let ends = played.ends.iter();
    for (task, end) in ends {
        assert!(is_success(*end) || *end == MAY_PASS, "{task}: {end:?}");
    }
}

#[test]
fn what_a_git_that_was_killed_left_is_in_nobodys_way() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.spawn();
    server.offer(study.task("t-001", "make", &commit));
    assert!(is_success(server.end_of("t-001")));
    agent.kill();
    let mirrors = home.path().join("agent/mirrors");
    let mirror = fs::read_dir(&mirrors).unwrap().next().unwrap().unwrap();
    for lock in ["refs/heads/main.lock", "packed-refs.lock", "HEAD.lock"] {
        fs::write(mirror.path().join(lock), "").unwrap();
    }
    fs::create_dir(mirrors.join(".new-abc")).unwrap();
    study.write("more", "");
    let newer = study.commit();
    let _agent = home.spawn();
    server.offer(study.task("t-002", "make", &newer));
    assert!(is_success(server.end_of("t-002")));
    assert_eq!(fs::read_dir(&mirrors).unwrap().count(), 1);
}

#[test]
fn a_folder_is_used_by_one_agent_at_a_time() {
    let (server, (study, _)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let first = home.spawn();
    server.until("an ask", |played| !played.asks.is_empty());
    let settings = glovebox_agent::Settings::read(&home.settings()).unwrap();
    let second = glovebox_agent::Agent::new(settings);
    assert!(matches!(second, Err(glovebox_agent::StartError::Folder(_))));
    first.kill();
}

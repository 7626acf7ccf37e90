//! Tasks that are stopped: by the server, with the agent, or for want of a lease.

use std::thread;
use std::time::{Duration, Instant};

use glovebox_protocol::{Ended, Happened, Stage};

use crate::agents::{Home, runs, until};
use crate::played::{Mood, Server, is_success};
use crate::study::Study;

const MAY_PASS: Happened = Happened::Ended(Ended::MayPass);

#[test]
fn a_task_that_the_server_stops_is_stopped_and_said_to_be() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let _agent = home.start();
    server.offer(study.task("slow", "slow", &commit));
    server.stage_of("slow", Stage::Executing);
    until("the script", || runs(&study.slow_script()));
    server.change(|played| played.stop = vec!["slow".to_owned(), "unknown".to_owned()]);
    assert_eq!(server.end_of("slow"), Happened::Stopped);
    assert!(
        !runs(&study.slow_script()),
        "it is over before it is said to be"
    );
    // Of a task that it does not hold, too, it says that nothing of it runs.
    server.until("unknown", |played| {
        played.said("unknown").contains(&Happened::Stopped)
    });
    server.change(|played| played.stop.clear());
    until("the folder to be gone", || home.tasks().is_empty());
}

#[test]
fn a_task_that_is_somebody_elses_is_stopped_and_forgotten() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.start();
    let mut task = study.task("slow", "slow", &commit);
    task.lease_seconds = 3;
    server.offer(task);
    server.stage_of("slow", Stage::Executing);
    server.take_away("slow");
    until("the folder to be gone", || home.tasks().is_empty());
    assert!(!runs(&study.slow_script()));
    let said = server.state().said("slow");
    assert!(
        !said
            .iter()
            .any(|said| matches!(said, Happened::Ended(_) | Happened::Stopped))
    );
    agent.drain();
}

#[test]
fn a_lease_is_renewed_while_the_server_hears() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let _agent = home.start();
    let mut task = study.task("slow", "slow", &commit);
    task.lease_seconds = 2;
    server.offer(task);
    server.stage_of("slow", Stage::Executing);
    thread::sleep(Duration::from_secs(4));
    assert!(runs(&study.slow_script()));
    let said = server.state().said("slow");
    let renewals = said
        .iter()
        .filter(|said| **said == Happened::GoesOn)
        .count();
    assert!((4..=8).contains(&renewals), "{said:?}");
}

#[test]
fn a_task_whose_lease_ran_out_stops_by_itself() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let _agent = home.start();
    let mut task = study.task("slow", "slow", &commit);
    task.lease_seconds = 3;
    server.offer(task);
    server.stage_of("slow", Stage::Executing);
    until("the script", || runs(&study.slow_script()));
    let begun = Instant::now();
    server.change(|played| played.mood = Mood::Down);
    until("the script to stop", || !runs(&study.slow_script()));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert!(server.state().ends.is_empty());
    server.change(|played| played.mood = Mood::Well);
    assert_eq!(server.end_of("slow"), MAY_PASS);
}

#[test]
fn asked_once_it_finishes_and_takes_no_more() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    study.write(
        "analysis/nothing.py",
        "import time\ntime.sleep(2)\nopen('output/SECRETNAME_nothing.csv', 'w').write('1')\n",
    );
    study.write("output/.gitkeep", "");
    let waits = study.commit();
    let home = Home::new(&server, &study, "slots = 2\n");
    let agent = home.start();
    server.offer(study.task("waits", "nothing", &waits));
    server.stage_of("waits", Stage::Executing);
    agent.stop.ask();
    server.until("an ask for nothing", |played| {
        played.asks.last().is_some_and(|ask| ask.slots == 0)
    });
    server.offer(study.task("later", "make", &commit));
    agent.join();
    assert!(is_success(server.end_of("waits")));
    assert!(
        server
            .state()
            .handed
            .iter()
            .all(|(task, _)| task != "later")
    );
}

#[test]
fn asked_twice_it_stops_its_tasks_and_says_that_they_may_pass() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.start();
    server.offer(study.task("slow", "slow", &commit));
    server.stage_of("slow", Stage::Executing);
    until("the script", || runs(&study.slow_script()));
    agent.stop.ask();
    thread::sleep(Duration::from_millis(300));
    assert!(runs(&study.slow_script()));
    agent.stop.ask();
    agent.join();
    assert!(!runs(&study.slow_script()));
    assert_eq!(server.end_of("slow"), MAY_PASS);
    assert!(home.tasks().is_empty());
}

#[test]
fn what_was_handed_out_while_it_ended_is_given_back() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.ignores_newer = true);
    let agent = home.start();
    server.until("an ask", |played| !played.asks.is_empty());
    agent.stop.ask();
    server.until("an ask for nothing", |played| {
        played.asks.last().is_some_and(|ask| ask.slots == 0)
    });
    server.offer(study.task("late", "make", &commit));
    agent.join();
    assert_eq!(server.end_of("late"), MAY_PASS);
    assert!(home.tasks().is_empty());
}

#[test]
fn a_task_that_was_long_on_the_way_begins_under_a_new_lease() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.delay = Duration::from_millis(1500));
    let _agent = home.start();
    let mut task = study.task("late", "make", &commit);
    task.lease_seconds = 1;
    server.offer(task);
    assert!(is_success(server.end_of("late")));
    let mut gone = study.task("gone", "slow", &commit);
    gone.lease_seconds = 1;
    server.offer(gone);
    server.until("the hand-out", |played| played.handed.len() == 2);
    server.take_away("gone");
    server.until("gone", |played| played.said("gone").len() == 1);
    until("the folder to be gone", || home.tasks().is_empty());
    assert!(!runs(&study.slow_script()));
}

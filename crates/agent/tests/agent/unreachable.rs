//! A server that cannot be reached, says something else, or whose answers are lost.

use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use glovebox_protocol::{Happened, Stage};

use crate::agents::Home;
use crate::played::{Mood, Server, is_success};
use crate::study::Study;

#[test]
fn whatever_the_server_says_instead_it_is_asked_again() {
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.local_addr().unwrap()
    );
    let moods = [
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\n[1, null]",
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\nconnection: close\r\n\r\n{",
        "no HTTP at all",
        redirect.as_str(),
    ];
    let home = Home::new(&server, &study, "");
    server.change(|played| played.mood = Mood::Down);
    let _agent = home.start();
    for mood in moods {
        let before = server.state().received.len();
        server.change(|played| played.mood = Mood::Says(mood.to_owned()));
        server.until(mood, |played| played.received.len() > before);
    }
    server.change(|played| played.mood = Mood::Well);
    server.offer(study.task("t", "make", &commit));
    assert!(is_success(server.end_of("t")));
    assert!(elsewhere.accept().is_err(), "the token went elsewhere");
}

#[test]
fn a_server_that_is_away_is_not_hammered() {
    let (server, (study, _)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let nothing = "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    server.change(|played| played.mood = Mood::Says(nothing.to_owned()));
    let _agent = home.start();
    thread::sleep(Duration::from_secs(4));
    let calls = server.state().received.len();
    assert!((3..=8).contains(&calls), "{calls} calls");
}

#[test]
fn a_server_that_repeats_itself_is_not_hammered() {
    let (server, (study, _)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.stop = vec!["unknown".to_owned()]);
    let _agent = home.start();
    thread::sleep(Duration::from_secs(3));
    let asks = server.state().asks.len();
    assert!((3..=8).contains(&asks), "{asks} asks");
}

#[test]
fn a_task_whose_hand_out_was_lost_comes_again() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.lose_answers = 2);
    let _agent = home.start();
    server.offer(study.task("t", "make", &commit));
    assert!(is_success(server.end_of("t")));
    let played = server.state();
    let again: Vec<bool> = played.handed.iter().map(|(_, again)| *again).collect();
    assert_eq!(again, [false, true, true]);
    assert_eq!(played.ends.len(), 1);
}

#[test]
fn an_end_is_said_until_it_is_heard_and_counts_once() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    server.change(|played| played.lose_verdicts = 2);
    let agent = home.start();
    server.offer(study.task("t", "make", &commit));
    assert!(is_success(server.end_of("t")));
    agent.drain();
    let played = server.state();
    let ends = played.said("t");
    let ends = ends
        .iter()
        .filter(|said| matches!(said, Happened::Ended(_)));
    assert_eq!(ends.count(), 3);
    assert_eq!(played.ends.len(), 1);
    assert!(home.tasks().is_empty());
}

#[test]
fn a_task_that_ends_while_the_server_is_away_is_reported_later() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.start();
    server.offer(study.task("t", "make", &commit));
    server.stage_of("t", Stage::Preparing);
    server.change(|played| played.mood = Mood::Down);
    let filed = home.workspace("outputs/moderately_sensitive/output/SECRETNAME_table.csv");
    crate::agents::until("the outputs", || filed.exists());
    // Stopped at once it leaves the result where the next agent finds it.
    crate::agents::until("the result", || {
        let state = home.path().join("agent/tasks/t/state.json");
        std::fs::read_to_string(state).is_ok_and(|state| state.contains("succeeded"))
    });
    agent.stop.ask();
    agent.stop.ask();
    agent.join();
    assert!(server.state().ends.is_empty());
    server.change(|played| played.mood = Mood::Well);
    let _agent = home.start();
    assert!(is_success(server.end_of("t")));
    assert_eq!(server.state().handed.len(), 1);
}

//! Tasks that run, and how they end by themselves.

use std::fs;

use glovebox_protocol::{Ended, Happened, Reason, Stage};
use serde_json::Value;

use crate::agents::Home;
use crate::played::Server;
use crate::study::Study;

const GOOD: Happened = Happened::Ended(Ended::Succeeded { withheld: false });

#[test]
fn outputs_are_filed_by_level_and_only_states_and_numbers_leave() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "");
    let agent = home.start();
    server.offer(study.task("make-001", "make", &commit));
    assert_eq!(server.end_of("make-001"), GOOD);
    server.offer(study.task("count-001", "count", &commit));
    assert_eq!(server.end_of("count-001"), GOOD);
    agent.drain();

    let read = |path: &str| fs::read_to_string(home.workspace(path));
    let high = "outputs/highly_sensitive/output/SECRETNAME_";
    let medium = "outputs/moderately_sensitive/output/SECRETNAME_";
    assert!(read(&format!("{high}rows.csv")).is_ok());
    assert!(read(&format!("{medium}rows.csv")).is_err());
    assert!(read(&format!("{medium}table.csv")).is_ok());
    assert_eq!(read(&format!("{medium}count.csv")).unwrap(), "count\n2\n");
    let manifest = read("outputs/moderately_sensitive/manifest.json").unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let record = &manifest["outputs"]["output/SECRETNAME_count.csv"];
    for (key, value) in [
        ("action", "count"),
        ("job_id", "count-001"),
        ("commit", commit.as_str()),
        ("user", "researcher"),
        ("repo", study.url().as_str()),
    ] {
        assert_eq!(record[key], value, "{key}");
    }
    let log = read("jobs/make-001/log.txt").unwrap();
    assert!(log.contains("SECRETLINE one"), "{log}");

    let played = server.state();
    let stages = [Stage::Preparing, Stage::Executing, Stage::Finalizing].map(Happened::Stage);
    let said = played.said("make-001");
    let told: Vec<_> = said
        .iter()
        .filter(|said| matches!(said, Happened::Stage(_)))
        .collect();
    assert!(told.is_sorted_by_key(|stage| stages.iter().position(|known| known == *stage)));
    assert_eq!(said.first(), Some(&stages[0]));
    assert_eq!(said.last(), Some(&GOOD));
    let metrics = played.reports.last().unwrap().metrics.unwrap();
    assert!(metrics.memory_peak > 1 << 20 && metrics.cpu_mean > 0.0);
    assert!((1..=metrics.memory_peak).contains(&metrics.memory_mean));
    assert!(metrics.cpu_peak >= metrics.cpu_mean);
    assert_eq!(home.tasks(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_failure_is_told_by_its_kind_alone() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 1\ndatabase_actions = true\n");
    let agent = home.start();
    let mut slow = study.task("slow", "slow", &commit);
    slow.time_limit_seconds = Some(1);
    let mut extract = study.task("extract", "extract", &commit);
    extract.requires_db = true;
    let failed = |reason| Happened::Ended(Ended::Failed(reason));
    for (task, end) in [
        (
            study.task("fail", "fail", &commit),
            failed(Reason::NonzeroExit),
        ),
        (
            study.task("none", "nothing", &commit),
            failed(Reason::MissingOutputs),
        ),
        (
            study.task("typo", "typo", &commit),
            failed(Reason::MissingScript),
        ),
        (
            study.task("early", "count", &commit),
            failed(Reason::MissingInputs),
        ),
        (slow, failed(Reason::TimedOut)),
        (
            study.task("withheld", "withheld", &commit),
            Happened::Ended(Ended::Succeeded { withheld: true }),
        ),
        (extract, GOOD),
    ] {
        let name = task.task.clone();
        server.offer(task);
        assert_eq!(server.end_of(&name), end, "{name}");
    }
    agent.drain();
    // Dummy data, as there is no patient store.
    let cohort = home.workspace("outputs/highly_sensitive/output/input.csv");
    assert_eq!(fs::read_to_string(cohort).unwrap().lines().count(), 51);
}

#[test]
fn the_agents_own_limits_hold_whatever_the_server_says() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    study.write(
        "analysis/nothing.py",
        "x = bytearray(400 * 1024 * 1024)\nopen('x', 'wb').write(x)\n",
    );
    let hungry = study.commit();
    let home = Home::new(&server, &study, "[limits]\nmemory_mib = 100\n");
    let _agent = home.start();
    let mut task = study.task("hungry", "nothing", &hungry);
    task.time_limit_seconds = Some(u64::MAX);
    server.offer(task);
    let end = server.end_of("hungry");
    assert_eq!(end, Happened::Ended(Ended::Failed(Reason::OutOfMemory)));
    // The earlier commit is there still, and is what it was.
    server.offer(study.task("none", "nothing", &commit));
    let end = server.end_of("none");
    assert_eq!(end, Happened::Ended(Ended::Failed(Reason::MissingOutputs)));
}

#[test]
fn as_many_tasks_run_at_once_as_there_are_slots() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 2\n");
    let _agent = home.start();
    for name in ["a", "b", "c"] {
        server.offer(study.task(name, "slow", &commit));
    }
    server.stage_of("a", Stage::Executing);
    server.stage_of("b", Stage::Executing);
    server.until("an ask for nothing", |played| {
        played.asks.last().is_some_and(|ask| ask.slots == 0)
    });
    assert_eq!(server.state().handed.len(), 2);
    server.change(|played| played.stop.push("a".to_owned()));
    assert_eq!(server.end_of("a"), Happened::Stopped);
    server.stage_of("c", Stage::Executing);
    let asks = &server.state().asks;
    assert!(
        asks.iter()
            .all(|ask| ask.holds.len() <= 2 && ask.agent == "agent-1")
    );
}

#[test]
fn no_more_tasks_run_than_there_are_slots_whatever_the_server_says() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 2\n");
    server.change(|played| played.overfills = true);
    for name in ["a", "b", "c", "d"] {
        server.offer(study.task(name, "slow", &commit));
    }
    let _agent = home.start();
    let may_pass = Happened::Ended(Ended::MayPass);
    assert_eq!(server.end_of("c"), may_pass);
    assert_eq!(server.end_of("d"), may_pass);
    server.stage_of("a", Stage::Executing);
    server.stage_of("b", Stage::Executing);
    assert!(server.state().said("c").len() == 1);
}

#[test]
fn agents_of_one_backend_share_what_their_jobs_made() {
    let (first, second) = (Server::start(), Server::start());
    let (study, commit) = Study::whole();
    let shared = tempfile::tempdir().unwrap();
    let more = format!("workspaces = '{}'\n", shared.path().display());
    let homes = [
        Home::new(&first, &study, &more),
        Home::new(&second, &study, &more),
    ];
    let _agents = homes.each_ref().map(Home::start);
    first.offer(study.task("make", "make", &commit));
    assert_eq!(first.end_of("make"), GOOD);
    second.offer(study.task("count", "count", &commit));
    assert_eq!(second.end_of("count"), GOOD);
    let mut elsewhere = study.task("elsewhere", "count", &commit);
    elsewhere.workspace = "another".to_owned();
    first.offer(elsewhere);
    let missing = Happened::Ended(Ended::Failed(Reason::MissingInputs));
    assert_eq!(first.end_of("elsewhere"), missing);
}

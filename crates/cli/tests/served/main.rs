//! Jobs for others, as somebody does it for the first time: a server and an agent on one machine, one
//! study, one request.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod collector;
mod demo;
mod people;
mod place;
mod service;
mod traces;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use place::{PLANTED, Place, Said};
use service::Service;

/// How long the jobs of the study may take altogether.
const LONGEST: Duration = Duration::from_mins(2);

#[test]
fn a_study_runs_beside_the_data_and_anybody_reads_how_it_went() {
    let place = Place::new();
    place.set_up();
    let server = Service::start(place.server(&["run", "--listen", "127.0.0.1:0"]));
    let url = server.says("http://");
    place.write_agent_settings(&url);
    let agent = Service::start(place.glovebox(&["agent", "--config", "agent.toml"]));

    // Beside a server that runs, and taken by it before the command ends.
    for to in ["pause", "resume", "deactivate", "activate"] {
        let switched = place.server(&["switch", "tpp", to]).output().unwrap();
        assert!(switched.status.success(), "{to}: {switched:?}");
        assert!(switched.stderr.is_empty(), "{to}: {switched:?}");
    }
    assert!(server.log().contains("a backend is switched"));

    let submit = ["submit", "sick-notes", "run_all", "--backend", "tpp"];
    let said = place.say(&submit, &url);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(
        said.stderr.contains("follow it: glovebox logs 1 --follow"),
        "{}",
        said.stderr
    );

    // Whoever follows sees all of it, and the end.
    let followed = place.say(&["logs", "1", "--follow"], &url);
    assert_eq!(followed.code, Some(0), "{}", followed.stderr);
    let request = ended(&place, &url);
    assert_eq!(
        request["status"],
        "succeeded",
        "{request:#}\n{}\n{}",
        server.log(),
        agent.log()
    );
    let jobs = request["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), 6);
    assert!(jobs.iter().all(|job| job["state"] == "succeeded"));

    let short = place::page(&url, request["path"].as_str().unwrap());
    let path = "/sick-notes/sick-notes/1/";
    assert!(short.contains(&format!("location: {path}\r\n")), "{short}");
    let page = place::page(&url, path);
    for words in ["6 of 6 jobs", "Highly sensitive", "Moderately sensitive"] {
        assert!(page.contains(words), "`{words}` is not in:\n{page}");
    }
    assert!(page.to_lowercase().contains("content-security-policy"));
    let job = jobs[5]["id"].as_str().unwrap();
    let pages = [
        page,
        place::page(&url, &format!("{path}{job}/")),
        place::page(&url, "/"),
        place::page(&url, "/event-log/?status=succeeded&backend=tpp"),
        place::page(&url, "/event-log/?before=x&before=y"),
        place::page(&url, "/status/"),
    ];
    assert!(
        pages.iter().all(|page| page.starts_with("HTTP/1.1 200 ")),
        "{pages:#?}"
    );
    for path in ["/nowhere", "/sick-notes/%ff/", "/job-requests/one"] {
        let missing = place::page(&url, path);
        assert!(missing.starts_with("HTTP/1.1 404 "), "{path}: {missing}");
        assert!(missing.contains("<html"), "{path}: {missing}");
    }

    let happened = logs(&place, &url, &followed);
    let agent_log = agent.end();
    // A newer server takes the database over: the older one ends at its next deed, and says so.
    let newer = Service::start(place.server(&["run", "--listen", "127.0.0.1:0"]));
    let newer_url = newer.says("http://");
    let said = place.say(&submit, &url);
    assert_ne!(said.code, Some(0), "{}", said.stderr);
    let server_log = server.ends_by_itself(3);
    assert!(server_log.contains("another server"), "{server_log}");

    an_interrupted_follower_ends(&place, &newer_url);

    let revoked = place.server(&["revoke-tokens", "researcher"]).output();
    assert!(revoked.unwrap().status.success());
    let said = place.say(&submit, &newer_url);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("token"), "{}", said.stderr);
    newer.end();
    let report = "outputs/moderately_sensitive/output/cohorts/matching_report_2020.txt";
    assert!(place.in_workspace(report).is_file());
    only_states_left_the_zone(
        &place,
        &[&pages[..], &happened, &[agent_log, server_log]].concat(),
    );
}

/// What `glovebox logs` says of the request that ended, for people and for programs.
fn logs(place: &Place, url: &str, followed: &Said) -> Vec<String> {
    let human = place.say(&["logs", "1"], url);
    assert_eq!(human.code, Some(0), "{}", human.stderr);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        sorted(&followed.stdout),
        sorted(&human.stdout),
        "each event was followed once"
    );
    let json = place.say(&["logs", "1", "--format", "json"], url);
    let events: Vec<Value> = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let count = |event: &str| events.iter().filter(|line| line["event"] == event).count();
    assert_eq!(count("job_started"), 6, "{}", json.stdout);
    assert_eq!(count("job_succeeded"), 6, "{}", json.stdout);
    assert_eq!(events[0]["event"], "request_created");
    assert_eq!(events[0]["by"], "researcher");
    assert_eq!(events[13]["event"], "request_ended");
    assert_eq!(events.len(), 14);
    let times: Vec<i64> = events
        .iter()
        .map(|line| line["at"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let missing = place.say(&["logs", "99"], url);
    assert_eq!(missing.code, Some(1), "{}", missing.stderr);
    vec![human.stdout, json.stdout]
}

/// No agent is there, so the request stands still; Ctrl-C ends only the looking.
fn an_interrupted_follower_ends(place: &Place, url: &str) {
    let submit = ["submit", "sick-notes", "matching_2020", "--backend", "tpp"];
    let said = place.say(&submit, url);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let number = said.stderr.split_whitespace().nth(2).unwrap();
    let number = number.trim_end_matches(':').to_owned();
    let mut follower = place
        .asking(&["logs", &number, "--follow"], url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let stdout = follower.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut first).unwrap();
    assert!(
        first.contains("researcher asked for matching_2020"),
        "{first}"
    );
    assert!(follower.try_wait().unwrap().is_none(), "it goes on");
    kill_process(Pid::from_child(&follower), Signal::INT).unwrap();
    assert_eq!(follower.wait().unwrap().code(), Some(130));
    let said = place.say(&["cancel", &number], url);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let said = place.say(&["logs", &number, "--follow"], url);
    assert_eq!(said.code, Some(1), "what was cancelled did not succeed");
    assert!(
        said.stdout.contains("cancelled by researcher"),
        "{}",
        said.stdout
    );
}

/// Polls `glovebox status` until nothing more will change.
fn ended(place: &Place, url: &str) -> Value {
    let began = Instant::now();
    loop {
        let said = place.say(&["status", "1", "--json"], url);
        let request: Value = serde_json::from_str(&said.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", said.stdout, said.stderr));
        let is_over = !["pending", "running"].contains(&request["status"].as_str().unwrap());
        if is_over || began.elapsed() > LONGEST {
            return request;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Neither a row of a cohort nor a line of a log is in anything that the server keeps or says, nor in
/// what the agent says of itself.
fn only_states_left_the_zone(place: &Place, said: &[String]) {
    let cohort = "outputs/highly_sensitive/output/cohorts/input_covid_2020.csv";
    let cohort = fs::read_to_string(place.in_workspace(cohort)).unwrap();
    let mut lines = cohort.lines();
    let (header, row) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(header.contains("patient_id"), "{header}");
    let is_logged = place.job_logs().iter().any(|log| log.contains(PLANTED));
    assert!(is_logged, "the planted line is beside the data");

    let kept = place.server_files();
    assert!(kept.iter().any(|(path, _)| path.ends_with("server.sqlite")));
    let said = said.iter().map(|text| ("what is said", text.as_bytes()));
    let kept = kept
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    for (place, bytes) in kept.chain(said) {
        for marker in [row, header, "patient_id,", PLANTED] {
            let is_there = bytes
                .windows(marker.len())
                .any(|window| window == marker.as_bytes());
            assert!(!is_there, "`{marker}` is in {place}");
        }
    }
}

//! Jobs for others, as somebody does it for the first time: a server and an agent on one machine, one
//! study, one request.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod people;
mod place;
mod service;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use place::{PLANTED, Place};
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
        said.stderr.contains("follow it: glovebox status 1"),
        "{}",
        said.stderr
    );

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

    let agent_log = agent.end();
    // A newer server takes the database over: the older one ends at its next deed, and says so.
    let newer = Service::start(place.server(&["run", "--listen", "127.0.0.1:0"]));
    let newer_url = newer.says("http://");
    let said = place.say(&submit, &url);
    assert_ne!(said.code, Some(0), "{}", said.stderr);
    let server_log = server.ends_by_itself(3);
    assert!(server_log.contains("another server"), "{server_log}");

    let revoked = place.server(&["revoke-tokens", "researcher"]).output();
    assert!(revoked.unwrap().status.success());
    let said = place.say(&submit, &newer_url);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("token"), "{}", said.stderr);
    newer.end();
    let report = "outputs/moderately_sensitive/output/cohorts/matching_report_2020.txt";
    assert!(place.in_workspace(report).is_file());
    only_states_left_the_zone(&place, &[&pages[..], &[agent_log, server_log]].concat());
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

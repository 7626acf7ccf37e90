//! What server and agent tell a collector of traces, and what they never do.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::collector::{Collector, holds};
use crate::ended;
use crate::place::{self, Place};
use crate::service::Service;

fn traced(mut command: Command, collector: &Collector) -> Command {
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .env("OTEL_BSP_SCHEDULE_DELAY", "100");
    command
}

#[test]
fn a_job_request_is_one_trace_from_the_server_to_the_agent() {
    let (place, collector) = (Place::new(), Collector::start());
    place.set_up();
    let run = place.server(&["run", "--listen", "127.0.0.1:0"]);
    let server = Service::start(traced(run, &collector));
    let url = server.says("http://");
    place::page(&url, "/status/?SECRETQUERY=1");
    place::page(
        &url,
        "/SECRETPATH/ HTTP/1.1\r\nx-header: SECRETHEADER\r\nx-rest:",
    );
    place.write_agent_settings(&url);
    // Nothing is run: this agent allows another repository only.
    let settings = place.path().join("agent.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let lines = text.lines().map(|line| match line.split_once(" = ") {
        Some(("repositories", _)) => "repositories = [\"file:///nowhere\"]",
        _ => line,
    });
    let text: Vec<&str> = lines.collect();
    fs::write(&settings, text.join("\n")).unwrap();
    let run = place.glovebox(&["agent", "--config", "agent.toml"]);
    let agent = Service::start(traced(run, &collector));

    let submit = ["submit", "sick-notes", "run_all", "--backend", "tpp"];
    let said = place.say(&submit, &url);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let request: Value = ended(&place, &url);
    assert_eq!(request["status"], "failed", "{request:#}");
    let id = request["id"].as_str().unwrap();

    collector.hears(b"/status/");
    // What is left to be sent is sent at the end.
    agent.end();
    server.end();
    let sent = collector.sent();
    for text in [
        "glovebox-server",
        "glovebox-agent",
        "call",
        "job_request",
        "task",
    ] {
        assert!(holds(&sent, text.as_bytes()), "{text}");
    }
    // The first field of a span is the name of its trace, 16 bytes long; the second that of the span, and
    // the fourth that of the span it belongs to, 8 bytes each.
    let of_request = [b"\x0a\x10", id.as_bytes(), b"\x12\x08", &id.as_bytes()[..8]].concat();
    assert!(holds(&sent, &of_request), "the span in which it was made");
    let below = [b"\x22\x08", &id.as_bytes()[..8]].concat();
    assert!(holds(&sent, &below), "one of an agent below it");

    let token = fs::read_to_string(place.path().join("backend.token")).unwrap();
    let secrets = [
        "SECRETQUERY",
        "SECRETPATH",
        "SECRETHEADER",
        "Bearer",
        token.trim(),
    ];
    for secret in secrets {
        assert!(!holds(&sent, secret.as_bytes()), "{secret}");
    }
    for name in ["run_all", "generate_study_population", "file://"] {
        assert!(!holds(&sent, name.as_bytes()), "{name}");
    }
}

#[test]
fn a_collector_that_is_none_is_said_and_one_that_is_away_holds_nothing_up() {
    let place = Place::new();
    place.set_up();
    let mut run = place.server(&["run", "--listen", "127.0.0.1:0"]);
    run.env("OTEL_EXPORTER_OTLP_ENDPOINT", "no address");
    let said = run.output().unwrap();
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(
        String::from_utf8_lossy(&said.stderr).contains("traces"),
        "{said:?}"
    );

    let mut run = place.server(&["run", "--listen", "127.0.0.1:0"]);
    run.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .env("OTEL_BSP_SCHEDULE_DELAY", "100");
    let server = Service::start(run);
    let url = server.says("http://");
    for _ in 0..3 {
        assert!(place::page(&url, "/status/").starts_with("HTTP/1.1 200 "));
    }
    let log = server.end();
    assert!(log.contains("collector of traces"), "{log}");
}

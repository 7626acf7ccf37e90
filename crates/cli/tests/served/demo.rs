//! The demonstration, as a newcomer meets it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::place::page;
use crate::service::Service;

fn demo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glovebox"));
    command
        .args(["demo", "--port", "0"])
        .args(args)
        .env_remove("GLOVEBOX_DATABASE_URL")
        .stdin(Stdio::null());
    command
}

/// The address at the end of the line that begins so: server and path.
fn address(service: &Service, start: &str) -> (String, String) {
    let line = service.says(start);
    let (_, rest) = line.split_once("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    (format!("http://{host}/"), format!("/{path}"))
}

/// Sends a form, and gives the answer.
fn send(url: &str, path: &str) -> String {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 0\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn six_actions_succeed_and_it_serves_until_it_is_interrupted() {
    let service = Service::start(demo(&[]));
    let (url, short) = address(&service, "The job request");
    let (_, sign_in) = address(&service, "Sign in as its researcher");
    service.says("✔ succeeded: 6 of 6 jobs");
    service.says("It goes on serving");
    let moved = page(&url, &short);
    assert!(moved.starts_with("HTTP/1.1 308 "), "{moved}");
    let request = page(&url, "/sick-notes/long-covid-sick-notes/1/");
    for words in ["6 of 6 jobs", "nobody may view", "releasable after review"] {
        assert!(request.contains(words), "`{words}` is not in:\n{request}");
    }
    assert!(request.contains(">Sign in<"), "a visitor is not signed in");
    let signed_in = send(&url, &sign_in);
    assert!(signed_in.starts_with("HTTP/1.1 303 "), "{signed_in}");
    assert!(signed_in.contains("set-cookie: glovebox="), "{signed_in}");
    let said = service.interrupt();
    for level in ["highly sensitive", "moderately sensitive"] {
        assert!(said.contains(level), "{said}");
    }
}

#[test]
fn a_demonstration_is_gone_on_with_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("a-demo");
    for number in 1..=2 {
        let args = ["--exit-when-done", "--data-dir", data_dir.to_str().unwrap()];
        let output = demo(&args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{complained}");
        let wanted = format!("/job-requests/{number}");
        assert!(said.contains(&wanted), "{said}");
    }
}

#[test]
fn what_cannot_be_used_is_said_to_be() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("a demo");
    let cases = [
        (["demo", "--port", &port], "cannot listen at"),
        (
            ["demo", "--data-dir", odd.to_str().unwrap()],
            "name another folder",
        ),
    ];
    for (args, wanted) in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_glovebox"))
            .args(args)
            .output();
        let output = output.unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{complained}");
        assert!(complained.contains(wanted), "{complained}");
    }
}

//! How people are entered, and given a password.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::place::{Place, Said};
use crate::service::Service;

const GOOD: &str = "a bucket of green rain";

#[test]
fn a_password_is_read_and_never_an_argument() {
    let place = Place::new();
    place.set_up();
    // The arguments, standard input, the exit code, and what is said.
    let cases = [
        (&["researcher"][..], GOOD, 0, ""),
        (&["researcher"], "a bucket of green rain\r\n", 0, ""),
        (&["researcher"], "short\n", 2, "at least 12 characters"),
        (&["researcher"], "", 2, "at least 12 characters"),
        (&["researcher"], "the researcher rains\n", 2, "user name"),
        (&["nobody"], GOOD, 2, "there is no person"),
        (&["researcher", GOOD], "", 2, "unexpected argument"),
    ];
    for (args, input, code, said) in cases {
        let mut command = place.server(&[&["set-password"], args].concat());
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = streams.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // One that refuses its arguments reads nothing.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(
            ended.status.code(),
            Some(code),
            "{args:?} {input:?}: {stderr}"
        );
        assert!(stderr.contains(said), "{args:?} {input:?}: {stderr}");
    }
}

#[test]
fn a_password_that_is_typed_is_not_shown() {
    let place = Place::new();
    place.set_up();
    for (again, code) in [(GOOD, 0), ("a bucket of grey rain", 2)] {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let other = rustix::fs::open(name, flags, Mode::empty()).unwrap();
        let mut terminal = std::fs::File::from(terminal);
        let mut command = place.server(&["set-password", "researcher"]);
        command.stdin(other);
        let service = Service::start(command);
        for (prompt, typed) in [("New password", GOOD), ("The same again", again)] {
            service.says(prompt);
            writeln!(terminal, "{typed}").unwrap();
        }
        service.ends_by_itself(code);
        let mut shown = Vec::new();
        // It ends with an error: nothing has the other end open.
        let _ = terminal.read_to_end(&mut shown);
        let shown = String::from_utf8_lossy(&shown);
        assert!(!shown.contains("bucket"), "{shown}");
    }
}

#[test]
fn an_address_and_an_identity_are_one_persons() {
    let place = Place::new();
    place.set_up();
    let issuer = ["--issuer", "https://id.example.org"];
    let identity = |user, subject| {
        let mut args = vec!["link-identity", user];
        args.extend(issuer);
        args.extend(["--subject", subject]);
        args
    };
    let other = ["create", "person", "other", "Another", "--email"];
    let with = |address| [&other[..], &[address]].concat();
    let cases = [
        (
            vec!["set-email", "researcher", "No address"],
            2,
            "no email address",
        ),
        (vec!["set-email", "researcher", "r@example.org"], 0, ""),
        (with("R@example.org"), 2, "already"),
        (with("no address"), 2, "no email address"),
        (with("o@example.org"), 0, ""),
        (vec!["set-email", "other", "r@example.org"], 2, "already"),
        (vec!["set-email", "researcher"], 0, ""),
        (vec!["set-email", "other", "r@example.org"], 0, ""),
        (identity("researcher", "1"), 0, ""),
        (identity("other", "1"), 2, "already"),
        (identity("nobody", "2"), 2, "there is no person"),
        (identity("other", ""), 2, "an identity is"),
    ];
    for (args, code, said) in cases {
        let ended = Said::of(&mut place.server(&args));
        assert_eq!(ended.code, Some(code), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    }
}

//! `glovebox ledger`, as whoever checks a ledger uses it.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use glovebox_ledger::{Log, Published, Signer};
use serde_json::Value;
use tempfile::TempDir;

const NAME: &str = "example.org/ledger";

/// A folder with a ledger, its key, and a file with the public one.
struct Place(TempDir);

impl Place {
    fn new(size: u64) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.grow(size);
        let key = place.signer().verifier_key().to_string();
        fs::write(place.path("ledger.pub"), key + "\n").unwrap();
        place
    }

    fn signer(&self) -> Signer {
        Signer::load_or_create(&self.path("ledger.key"), NAME).unwrap()
    }

    fn grow(&self, by: u64) {
        let mut log = Log::open(&self.path("ledger"), self.signer()).unwrap();
        let from = log.size();
        let entries: Vec<String> = (from..from + by)
            .map(|number| format!(r#"{{"number":{number}}}"#))
            .collect();
        log.append(&entries).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn say(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_glovebox"))
            .arg("ledger")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    fn verify(&self, more: &[&str]) -> Output {
        self.say(&[&["verify", "ledger", "--key-file", "ledger.pub"], more].concat())
    }

    /// Changes one digit of an entry, in place.
    fn change(&self, bundle: &str, from: &str, to: &str) {
        let path = self.path(bundle);
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains(from));
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for found in fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy_folder(&found.path(), &target);
        } else {
            fs::copy(found.path(), target).unwrap();
        }
    }
}

#[test]
fn a_ledger_is_verified_in_words_and_as_json() {
    let place = Place::new(100);
    let output = place.verify(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    insta::assert_snapshot!(stderr(&output), @"ledger is the ledger example.org/ledger, as it was signed with 100 entries.");

    copy_folder(&place.path("ledger"), &place.path("kept"));
    place.grow(400);
    for kept in ["kept", "kept/checkpoint"] {
        let output = place.verify(&["--against", kept, "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let answer = json(&output);
        let facts = (&answer["ok"], &answer["size"], &answer["kept"]);
        assert_eq!(facts, (&true.into(), &500.into(), &100.into()));
        assert_eq!(answer["origin"], NAME);
        assert_eq!(answer["fault"], Value::Null);
    }
    let key = fs::read_to_string(place.path("ledger.pub")).unwrap();
    let output = place.say(&["verify", "ledger", "--key", key.trim_end()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn a_changed_entry_is_named() {
    let place = Place::new(300);
    place.change(
        "ledger/tile/entries/000",
        "{\"number\":77}",
        "{\"number\":78}",
    );
    let output = place.verify(&[]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stderr(&output), @"
    ledger is not what was signed.
      - entry 77 was changed, in tile/entries/000 [entry-changed]
    ");
    let output = place.verify(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r#"{"ok":false,"origin":null,"size":null,"root":null,"kept":null,"fault":{"code":"entry-changed","entry":77,"file":"tile/entries/000","message":"entry 77 was changed, in tile/entries/000"}}"#);
}

#[test]
fn a_history_that_its_keeper_rewrote_is_found_with_a_copy() {
    let place = Place::new(300);
    copy_folder(&place.path("ledger"), &place.path("kept"));
    fs::remove_dir_all(place.path("ledger")).unwrap();
    let mut log = Log::open(&place.path("ledger"), place.signer()).unwrap();
    log.append(&["only this ever happened"]).unwrap();
    assert_eq!(place.verify(&[]).status.code(), Some(0));
    let output = place.verify(&["--against", "kept"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stderr(&output), @"
    ledger is not what was signed.
      - the history was rewritten: the first 300 entries are not those of the copy that was kept; the first that differs is entry 0 [rewritten]
    ");
}

#[test]
fn a_wrong_command_line_is_told_from_a_wrong_ledger() {
    let place = Place::new(1);
    fs::write(place.path("bad.pub"), "no key\n").unwrap();
    fs::create_dir(place.path("empty")).unwrap();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.unwrap().success());
    let good = ["--key-file", "ledger.pub"];
    for (arguments, word) in [
        (&["verify", "ledger"][..], "--key"),
        (&["verify", "ledger", "--key", "x"], "it is no key"),
        (
            &["verify", "ledger", "--key-file", "bad.pub"],
            "it is no key",
        ),
        (
            &["verify", "ledger", "--key-file", "none"],
            "none cannot be read",
        ),
        (
            &["verify", "ledger", "--key-file", "pipe"],
            "no regular file",
        ),
        (
            &["verify", "ledger", "--key-file", "ledger.key"],
            "it is no key",
        ),
        (
            &[&["verify", "none"][..], &good].concat(),
            "holds no ledger",
        ),
        (
            &[&["verify", "empty"][..], &good].concat(),
            "holds no ledger",
        ),
        (
            &[&["verify", "ledger", "--against", "none"][..], &good].concat(),
            "none cannot be read",
        ),
        (
            &[&["verify", "ledger", "--against", "empty"][..], &good].concat(),
            "holds no ledger",
        ),
        (
            &[&["verify", "ledger", "--against", "pipe"][..], &good].concat(),
            "no regular file",
        ),
        (&["show", "none"], "holds no ledger"),
        (
            &[&["copy", "http://example.org/ledger", "copy"][..], &good].concat(),
            "https://",
        ),
    ] {
        let output = place.say(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!said.contains("PRIVATE+KEY"), "{said}");
    }
}

#[test]
fn entries_are_shown_as_lines_that_cannot_act_on_a_terminal() {
    let place = Place::new(258);
    let mut log = Log::open(&place.path("ledger"), place.signer()).unwrap();
    log.append(&["\u{1b}[2Jx"]).unwrap();
    let output = place.say(&["show", "ledger", "--from", "255"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"number\":255}\n{\"number\":256}\n{\"number\":257}\n\u{fffd}[2Jx\n"
    );
    let output = place.say(&["show", "ledger", "--from", "18446744073709551615"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}

/// Gives away a folder's ledger on loopback, for as long as the test lives.
fn publish(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let path = first.split(' ').nth(1).unwrap();
            let path = path.strip_prefix("/ledger/").unwrap_or_default();
            let file = Published::open(&folder).unwrap().file(path).unwrap();
            let (status, bytes) = match file {
                Some(file) => ("200 OK", file.bytes),
                None => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                bytes.len()
            );
            stream
                .write_all(&[head.into_bytes(), bytes].concat())
                .unwrap();
        }
    });
    format!("http://{address}/ledger")
}

#[test]
fn a_copy_is_fetched_brought_up_to_date_and_never_rewritten() {
    let place = Place::new(300);
    let url = publish(place.path("ledger"));
    let copy = ["copy", url.as_str(), "copy", "--key-file", "ledger.pub"];
    for (new, size) in [(300, 300), (0, 300), (500, 800)] {
        if size > 300 {
            place.grow(new);
        }
        let output = place.say(&copy);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let said = stderr(&output);
        let expected = format!("with {size} entries, {new} of them new");
        assert!(said.contains(&expected), "{said}");
        let output = place.verify(&["--against", "copy"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    fs::remove_dir_all(place.path("ledger")).unwrap();
    place.grow(3);
    let output = place.say(&copy);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("entries 3 to 799 were removed"),
        "{}",
        stderr(&output)
    );
    let output = place.say(&["verify", "copy", "--key-file", "ledger.pub"]);
    assert!(
        stderr(&output).contains("800 entries"),
        "{}",
        stderr(&output)
    );

    let nowhere = url.replace("/ledger", "/elsewhere");
    let output = place.say(&["copy", &nowhere, "copy", "--key-file", "ledger.pub"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("no ledger is published there"),
        "{}",
        stderr(&output)
    );
}

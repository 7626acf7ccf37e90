//! `glovebox runtimes`, with a `python3` that is a script: no network, nothing of the machine's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const TABLE: &str = r#"
[environments.python]
kind = "python"
lock = "a.txt"
imports = []
program = "python"
[environments.r]
kind = "r"
program = "Rscript"
packages = ["r-cran-here"]
[images.python]
environment = "python"
versions = ["latest", "v2"]
[images.ehrql]
unavailable = "it is not here yet"
"#;

/// Plays Python. Its pip waits as long as there is a file `hang` beside the table.
const PYTHON: &str = r#"#!/bin/sh
case "$*" in
*glovebox-interpreter*)
    echo "glovebox-interpreter: {\"implementation\": \"CPython\", \"version\": \"3.11.2\", \
\"major\": 3, \"minor\": 11, \"architecture\": \"x86_64\", \"cache_tag\": \"cpython-311\", \
\"abi_flags\": \"\", \"executable\": \"$0\", \"prefix\": \"/usr\"}" ;;
*"-m venv"*)
    for folder; do :; done
    mkdir -p "$folder/bin" "$folder/lib/python3.11/site-packages"
    ln -s "$0" "$folder/bin/python"
    echo 'home = /usr/bin' > "$folder/pyvenv.cfg" ;;
*"-m pip"*)
    echo "Collecting a==1.0 (from somewhere)"
    touch "$HANG.reached"
    while [ -e "$HANG" ]; do sleep 0.05; done
    [ -z "$FAIL" ] || { echo "$FAIL"; exit 1; } ;;
esac
"#;

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(TempDir::new().expect("a temporary folder"));
        fs::create_dir(machine.path("bin")).expect("a folder");
        fs::create_dir(machine.path("study")).expect("a folder");
        let python = machine.path("bin/python3");
        fs::write(&python, PYTHON).expect("a script");
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("an executable");
        fs::write(machine.path("a.txt"), "a==1.0 --hash=sha256:00\n").expect("a lock");
        fs::write(machine.path("table.toml"), TABLE).expect("a table");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glovebox"));
        command
            .arg("runtimes")
            .args(words)
            .arg("--table")
            .arg(self.path("table.toml"))
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("bin").display()),
            )
            .env("GLOVEBOX_CACHE_DIR", self.path("cache"))
            .env("HANG", self.path("hang"))
            .current_dir(self.path("study"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("glovebox starts")
    }

    /// Starts an installation and waits until it is in the middle of it.
    fn start_installing(&self) -> std::process::Child {
        fs::write(self.path("hang"), "").expect("a file");
        let child = self
            .command(&["install"])
            .stderr(Stdio::null())
            .spawn()
            .expect("glovebox starts");
        let started = Instant::now();
        while !self.path("hang.reached").exists() {
            assert!(started.elapsed() < Duration::from_secs(20), "it installs");
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    }

    fn cached(&self, prefix: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path("cache"))
            .into_iter()
            .flatten()
            .flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(prefix)).collect()
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn rows(output: &Output) -> Vec<(String, String)> {
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(row, "image"), text(row, "state")))
        .collect()
}

#[test]
fn installing_changes_the_state_from_installable_to_ready() {
    let machine = Machine::new();
    let states = |expected: &str| {
        let output = machine.run(&["list", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let named = |image: &str, state: &str| (image.to_owned(), state.to_owned());
        assert_eq!(
            rows(&output),
            [named("python", expected), named("ehrql", "unavailable")]
        );
    };
    states("installable");
    let output = machine.run(&["install", "python:v2"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(output.stdout.is_empty());
    assert!(
        errors(&output).contains("python:v2: ready in"),
        "{}",
        errors(&output)
    );
    states("ready");
    let table = String::from_utf8_lossy(&machine.run(&[]).stdout).into_owned();
    for word in [
        "python",
        "latest v2",
        "ready",
        "ehrql",
        "it is not here yet",
    ] {
        assert!(table.contains(word), "{word} in {table}");
    }
}

#[test]
fn what_is_wrong_is_told_apart_by_the_exit_code() {
    let machine = Machine::new();
    for (words, code, message) in [
        (&["install", "pyton"][..], 2, "did you mean `python`?"),
        (
            &["install", "python:v9"],
            2,
            "its versions here are latest, v2",
        ),
        (
            &["install", "ehrql:v1"],
            2,
            "ehrql is not available here: it is not here yet",
        ),
        (&["install", "--no-such-option"], 2, "unexpected argument"),
    ] {
        let output = machine.run(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(
            errors(&output).contains(message),
            "{words:?}: {}",
            errors(&output)
        );
    }
    let refused = machine
        .command(&["install"])
        .env("FAIL", "ERROR: refused")
        .output();
    let refused = refused.expect("glovebox starts");
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        errors(&refused).contains("ERROR: refused"),
        "{}",
        errors(&refused)
    );
    fs::write(machine.path("table.toml"), "images = 1").expect("a file");
    let output = machine.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        errors(&output).contains("the table of runtimes is wrong"),
        "{}",
        errors(&output)
    );
}

#[test]
fn a_killed_installation_is_started_anew() {
    let machine = Machine::new();
    let mut child = machine.start_installing();
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(machine.cached("python-").len(), 0);
    fs::remove_file(machine.path("hang")).expect("a file");
    let output = machine.run(&["install"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(
        (machine.cached("python-").len(), machine.cached(".").len()),
        (1, 0)
    );
}

#[test]
fn a_stopped_installation_leaves_nothing() {
    let machine = Machine::new();
    let mut child = machine.start_installing();
    let stopped = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(stopped.expect("kill").success());
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    assert_eq!(
        (machine.cached("python-").len(), machine.cached(".").len()),
        (0, 0)
    );
}

#[test]
fn files_of_the_study_do_not_run_while_installing() {
    let machine = Machine::new();
    // The machine's own Python asks and compiles here; only its packages come from nowhere.
    let marker = machine.path("was-run");
    let hostile = format!(
        "open({:?}, 'w')\nraise SystemExit(1)\n",
        marker.display().to_string()
    );
    for module in [
        "pip",
        "venv",
        "json",
        "platform",
        "compileall",
        "sitecustomize",
    ] {
        fs::write(machine.path("study").join(format!("{module}.py")), &hostile).expect("a file");
    }
    fs::write(machine.path("study/.python-version"), "no-such-version\n").expect("a file");
    let found = Path::new("/usr/bin/python3");
    let python = if found.exists() {
        found.display().to_string()
    } else {
        "python3".to_owned()
    };
    let output = machine
        .command(&["install"])
        .env("GLOVEBOX_PYTHON", python)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PIP_NO_INDEX", "1")
        .output()
        .expect("glovebox starts");
    // There is no package to install; what matters is what ran on the way.
    assert_eq!(output.status.code(), Some(3), "{}", errors(&output));
    assert!(!marker.exists(), "{}", errors(&output));
}

//! Agents of the tests: in this process, or as one of their own that can be killed.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use glovebox_agent::{Agent, Settings, Stop};
use tempfile::TempDir;

use crate::played::{PATIENCE, Server, TOKEN};
use crate::study::Study;

/// The program that is an agent, and that starts the sandboxes of every agent here.
const PROGRAM: &str = env!("CARGO_BIN_EXE_agent-alone");

/// Where agents of one test keep their things.
pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    /// Settings for the study, with more lines after them.
    pub(crate) fn new(server: &Server, study: &Study, more: &str) -> Self {
        Self::allowing(server, &study.url(), more)
    }

    pub(crate) fn allowing(server: &Server, repository: &str, more: &str) -> Self {
        Self::named("agent-1", server.address, repository, more)
    }

    pub(crate) fn named(name: &str, server: SocketAddr, repository: &str, more: &str) -> Self {
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let token = home.path().join("token");
        fs::write(&token, format!("{TOKEN}\n")).unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
        let text = format!(
            "server = 'http://{server}'\ntoken_file = 'token'\nname = '{name}'\nfolder = 'agent'\n\
             repositories = ['{repository}']\nruntimes = ['python:v2', 'cohortextractor']\n\
             file_repositories = true\n{more}"
        );
        fs::write(home.settings(), text).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.path().join("agent.toml")
    }

    /// A path in the workspace of every task here.
    pub(crate) fn workspace(&self, path: &str) -> PathBuf {
        self.path().join("agent/workspaces/sick-notes").join(path)
    }

    /// What is left of tasks.
    pub(crate) fn tasks(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join("agent/tasks")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// An agent in this process.
    pub(crate) fn start(&self) -> Running {
        let settings = Settings::read(&self.settings()).unwrap();
        let agent = Agent::launched_by(settings, PROGRAM.into()).unwrap();
        let stop = Stop::new();
        let asked = stop.clone();
        let thread = thread::spawn(move || agent.run(&asked).unwrap());
        Running {
            stop,
            thread: Some(thread),
        }
    }

    /// An agent as a process of its own.
    pub(crate) fn spawn(&self) -> Process {
        let child = Command::new(PROGRAM).arg(self.settings()).spawn().unwrap();
        Process { child }
    }
}

/// An agent in this process; halted when dropped.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Waits until it has ended.
    pub(crate) fn join(mut self) {
        let thread = self.thread.take().unwrap();
        let begun = Instant::now();
        while !thread.is_finished() {
            assert!(begun.elapsed() < PATIENCE, "the agent does not end");
            thread::sleep(Duration::from_millis(10));
        }
        thread.join().unwrap();
    }

    /// Stops it in order, and waits.
    pub(crate) fn drain(self) {
        self.stop.ask();
        self.join();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.ask();
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An agent as a process; killed when dropped.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether some process on this machine was started with these words.
pub(crate) fn runs(words: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        fs::read(process.path().join("cmdline")).is_ok_and(|line| {
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(words)
        })
    })
}

/// Waits until something holds.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

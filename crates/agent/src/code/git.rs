//! One run of the git command: bounded in time, stoppable, and cut off from the machine's settings.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running git is looked at: soon at first, as most of its commands take no time.
const TICKS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// How often what it brings is measured, where that is bounded.
const MEASURE: Duration = Duration::from_millis(200);

/// How much of what git says in an error is kept, in bytes.
const MOST_SAID: u64 = 2048;

/// Settings of every run. Those of the system, the user and the environment are not read.
const SETTINGS: &[&str] = &[
    "protocol.version=2",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=true",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "advice.detachedHead=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "credential.helper=",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    // Objects that attack a checkout are refused; those that old programs wrote badly are not.
    "transfer.fsckObjects=true",
    "fetch.fsck.badTimezone=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.zeroPaddedDate=ignore",
    // Nothing goes on after the command has ended.
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
];

/// Variables of the agent that git needs to get out of a network, or to trust its own authority.
const KEPT: &[&str] = &[
    "PATH",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
];

/// Why git did not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// It is not installed, or cannot be started.
    #[error("git cannot be started: {0}")]
    Start(#[source] io::Error),
    /// It ended badly.
    #[error("git {verb} failed ({status}): {said}")]
    Failed {
        /// Which of its commands.
        verb: String,
        /// How it ended.
        status: ExitStatus,
        /// The last it said.
        said: String,
    },
    /// It took too long.
    #[error("git {0} took too long")]
    TooLong(String),
    /// The repository came to hold more than it may.
    #[error("the repository has more than {0} bytes")]
    TooLarge(u64),
    /// The agent wanted it stopped.
    #[error("git was stopped")]
    Stopped,
}

/// How git is run.
pub(super) struct Git<'a> {
    /// The repository, bare.
    pub(super) repository: &'a Path,
    /// Protocols that may be spoken, separated by colons.
    pub(super) protocols: &'a str,
    /// Raised to stop it.
    pub(super) stop: &'a AtomicBool,
    /// How long one command may take.
    pub(super) longest: Duration,
    /// How many bytes the repository may come to hold. Git itself bounds what is pushed to it, and not
    /// what it fetches.
    pub(super) most_bytes: Option<u64>,
}

/// Where files are laid out, and from which index.
pub(super) struct WorkTree<'a> {
    pub(super) root: &'a Path,
    pub(super) index: &'a Path,
}

impl Git<'_> {
    /// Runs one of git's commands; what it printed, up to `most` bytes.
    pub(super) fn run(
        &self,
        arguments: &[&str],
        tree: Option<&WorkTree<'_>>,
        most: u64,
    ) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        command.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("HOME", "/nonexistent")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "/bin/false")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_ALLOW_PROTOCOL", self.protocols);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg("--git-dir").arg(self.repository);
        command.current_dir("/");
        if let Some(tree) = tree {
            command.arg("--work-tree").arg(tree.root);
            command.env("GIT_INDEX_FILE", tree.index);
            command.current_dir(tree.root);
        }
        // Its own group, so that its helpers end with it.
        let mut child = command
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::Start)?;
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        thread::scope(|scope| {
            let printed = scope.spawn(move || read(stdout, most));
            let said = scope.spawn(move || read(stderr, MOST_SAID));
            let verb = arguments.first().copied().unwrap_or_default();
            let ended = self.wait(&mut child, verb);
            let printed = printed.join().unwrap_or_default();
            let said = said.join().unwrap_or_default();
            let status = ended?;
            if status.success() {
                return self.check_size().map(|()| printed);
            }
            Err(GitError::Failed {
                verb: verb.to_owned(),
                status,
                said: String::from_utf8_lossy(&said).trim().to_owned(),
            })
        })
    }

    fn check_size(&self) -> Result<(), GitError> {
        match self.most_bytes {
            Some(most) if bytes_below(self.repository) > most => Err(GitError::TooLarge(most)),
            _ => Ok(()),
        }
    }

    fn wait(&self, child: &mut Child, verb: &str) -> Result<ExitStatus, GitError> {
        let begun = Instant::now();
        let [mut tick, longest] = TICKS;
        let mut measure_at = begun;
        let ended = loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if self.stop.load(Ordering::Acquire) => break GitError::Stopped,
                Ok(None) if begun.elapsed() > self.longest => {
                    break GitError::TooLong(verb.to_owned());
                }
                Ok(None) => {
                    if measure_at <= Instant::now() {
                        if let Err(too_large) = self.check_size() {
                            break too_large;
                        }
                        measure_at = Instant::now() + MEASURE;
                    }
                    thread::sleep(tick);
                    tick = (tick * 2).min(longest);
                }
                Err(error) => break GitError::Start(error),
            }
        };
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(ended)
    }
}

/// The lengths of all files below a folder. What goes while it is read counts as nothing, and links are
/// not followed.
fn bytes_below(folder: &Path) -> u64 {
    let mut bytes: u64 = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => bytes = bytes.saturating_add(found.len()),
                Err(_) => {}
            }
        }
    }
    bytes
}

/// Reads all there is, and keeps the beginning: nobody who prints much is kept waiting.
fn read(from: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(most).read_to_end(&mut kept);
        let _ = io::copy(&mut from, &mut io::sink());
    }
    kept
}

/// Whether git said no, rather than that it could not.
pub(super) fn said_no(error: &GitError) -> bool {
    matches!(error, GitError::Failed { status, .. } if status.signal().is_none())
}

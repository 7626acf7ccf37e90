//! Running an installing program: quietly, where no study file can reach it, and stoppable.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{IoContext as _, PrepareError};
use crate::machine::Machine;

/// How often a running program is looked at for its end or a request to stop.
const POLL: Duration = Duration::from_millis(50);
/// How many of a program's last lines a message shows.
const KEPT_LINES: usize = 15;
/// Longer lines are cut into lines of this many bytes.
const LINE_LIMIT: u64 = 8 * 1024;

/// How a program ended.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    /// Its last lines on both outputs, joined.
    pub(crate) output: String,
}

/// A command of this machine that starts in `folder`, which must be one of ours: the current
/// folder is the study's, and both Python and version managers load files from there.
pub(crate) fn command(machine: &Machine, program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(machine.variables())
        .current_dir(folder);
    for variable in [
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PYTHONINSPECT",
        "PYTHONUSERBASE",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs `command` to its end and gives each line it prints to `line`. When `cancel` is set, or
/// `limit` has passed, it and all its children are killed.
pub(crate) fn run(
    mut command: Command,
    mut limit: Option<Duration>,
    cancel: &AtomicBool,
    mut line: impl FnMut(&str),
) -> Result<Finished, PrepareError> {
    let program = Path::new(command.get_program()).to_path_buf();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Its own group, so that it can be stopped with its children, and so that Ctrl-C reaches
        // it through us and not at the same time as us.
        .process_group(0)
        .spawn()
        .at(&program)?;
    let mut child = Group(child);
    let (sender, lines) = mpsc::channel();
    if let Some(stdout) = child.0.stdout.take() {
        read_lines(stdout, sender.clone());
    }
    if let Some(stderr) = child.0.stderr.take() {
        read_lines(stderr, sender);
    }
    let started = Instant::now();
    let mut tail = VecDeque::with_capacity(KEPT_LINES);
    let mut keep = |text: String| {
        if tail.len() == KEPT_LINES {
            tail.pop_front();
        }
        tail.push_back(text);
    };
    let status = loop {
        match lines.recv_timeout(POLL) {
            Ok(text) => {
                line(&text);
                keep(text);
            }
            Err(RecvTimeoutError::Timeout) => {}
            // Both outputs are closed, so it is ending, unless it closed them itself.
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(POLL.min(Duration::from_millis(2)));
            }
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(PrepareError::Cancelled);
        }
        if limit.is_some_and(|limit| started.elapsed() > limit) {
            keep(format!(
                "(stopped: no answer after {} s)",
                started.elapsed().as_secs()
            ));
            child.kill();
            limit = None;
        }
        if let Some(status) = child.0.try_wait().at(&program)? {
            break status;
        }
    };
    // What is still in the pipes; a grandchild that holds them open is not waited for.
    while let Ok(text) = lines.recv_timeout(POLL) {
        line(&text);
        keep(text);
    }
    Ok(Finished {
        status,
        output: Vec::from(tail).join("\n"),
    })
}

/// A child and its process group; both end with this value.
struct Group(Child);

impl Group {
    fn kill(&self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.kill();
            let _ = self.0.wait();
        }
    }
}

fn read_lines(output: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            match (&mut output).take(LINE_LIMIT).read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                    if sender.send(text).is_err() {
                        return;
                    }
                }
            }
        }
    });
}

//! A program that runs until it is stopped.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a service may take to begin.
const LONGEST_START: Duration = Duration::from_secs(30);

/// How long it may take to end.
const LONGEST_END: Duration = Duration::from_secs(15);

const TICK: Duration = Duration::from_millis(20);

pub(crate) struct Service {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Service {
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let readers = vec![
            hear(child.stdout.take().unwrap(), &lines),
            hear(child.stderr.take().unwrap(), &lines),
        ];
        Self {
            child,
            lines,
            readers,
        }
    }

    /// The first line that it says that begins so.
    pub(crate) fn says(&self, start: &str) -> String {
        let began = Instant::now();
        loop {
            let lines = self.lines.lock().unwrap();
            if let Some(line) = lines.iter().find(|line| line.starts_with(start)) {
                return line.clone();
            }
            drop(lines);
            assert!(
                began.elapsed() < LONGEST_START,
                "it says no {start}:\n{}",
                self.log()
            );
            thread::sleep(TICK);
        }
    }

    /// All that it said until now.
    pub(crate) fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Stops it as an operator does, and gives all that it said.
    pub(crate) fn end(self) -> String {
        self.end_by(Signal::TERM)
    }

    /// Stops it as a person does at a terminal, and gives all that it said.
    pub(crate) fn interrupt(self) -> String {
        self.end_by(Signal::INT)
    }

    fn end_by(mut self, signal: Signal) -> String {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
        self.ends_with(0)
    }

    /// Waits until it ends of itself with a code, and gives all that it said.
    pub(crate) fn ends_by_itself(mut self, code: i32) -> String {
        self.ends_with(code)
    }

    fn ends_with(&mut self, expected: i32) -> String {
        let status = self.wait();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let log = self.log();
        let code = status.and_then(|status| status.code());
        assert_eq!(code, Some(expected), "{status:?}\n{log}");
        log
    }

    fn wait(&mut self) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < LONGEST_END {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(TICK);
        }
        // The reader would go on for as long as it does.
        self.child.kill().unwrap();
        None
    }
}

fn hear(from: impl Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let heard = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            heard.lock().unwrap().push(line);
        }
    })
}

/// A test that failed leaves nothing running.
impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The server, as an agent sees it: played over loopback, with everything that can go wrong on call.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use glovebox_protocol::{
    Answer, Ask, Ended, Happened, PATH_ASK, PATH_REPORT, Report, Stage, Task, Verdict,
};

use crate::request::read_request;

/// What the test's studies put into the names of their files and what they print, which never may leave.
pub(crate) const MARKERS: &[&str] = &["SECRETNAME", "SECRETLINE"];

/// The token of every test.
pub(crate) const TOKEN: &str = "token-of-the-backend";

/// How long anything is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// What the server does with the next calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// All is well.
    #[default]
    Well,
    /// Connections are closed without a word, before anything is heard.
    Down,
    /// It answers with this text instead.
    Says(String),
}

#[derive(Default)]
pub(crate) struct Played {
    pub(crate) mood: Mood,
    /// Tasks that nobody was handed yet.
    queue: VecDeque<Task>,
    /// Handed out, and not over.
    active: BTreeMap<String, Task>,
    /// Tasks that the agent is to stop.
    pub(crate) stop: Vec<String>,
    /// Tasks that are somebody else's now.
    not_theirs: Vec<String>,
    /// Answers to this many asks that hand something out are lost on the way.
    pub(crate) lose_answers: usize,
    /// Answers to this many reports of an end are lost on the way.
    pub(crate) lose_verdicts: usize,
    /// More is handed out than was asked for.
    pub(crate) overfills: bool,
    /// An ask is answered although a newer one came, and is kept waiting for longer.
    pub(crate) ignores_newer: bool,
    /// How long answers that hand something out are on the way.
    pub(crate) delay: Duration,
    /// Everything that was sent, as it came: heads and bodies.
    pub(crate) received: Vec<String>,
    pub(crate) asks: Vec<Ask>,
    pub(crate) reports: Vec<Report>,
    /// How each task ended, each time that it counted.
    pub(crate) ends: Vec<(String, Happened)>,
    pub(crate) handed: Vec<(String, bool)>,
}

/// A played server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    played: Mutex<Played>,
    changed: Condvar,
    closed: AtomicBool,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            played: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                let stream = stream.unwrap();
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self {
            address,
            shared,
            thread: Some(thread),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Played> {
        self.shared.played.lock().unwrap()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Played)) {
        change(&mut self.state());
        self.shared.changed.notify_all();
    }

    /// Offers a task.
    pub(crate) fn offer(&self, task: Task) {
        self.change(|played| played.queue.push_back(task));
    }

    /// Gives a task to somebody else.
    pub(crate) fn take_away(&self, task: &str) {
        self.change(|played| {
            played.active.remove(task);
            played.not_theirs.push(task.to_owned());
        });
    }

    /// Waits until something holds.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Played) -> bool) {
        let begun = Instant::now();
        let mut played = self.state();
        while !holds(&played) {
            assert!(
                begun.elapsed() < PATIENCE,
                "waited in vain for {what}; {:?} {:?}",
                played.reports,
                played.asks.last()
            );
            let wait = Duration::from_millis(50);
            played = self.shared.changed.wait_timeout(played, wait).unwrap().0;
        }
    }

    /// Waits for the end of a task, and answers it.
    pub(crate) fn end_of(&self, task: &str) -> Happened {
        self.until(task, |played| played.end(task).is_some());
        self.state().end(task).unwrap()
    }

    /// Waits until a task has come to a stage.
    pub(crate) fn stage_of(&self, task: &str, stage: Stage) {
        self.until(&format!("{task} {stage:?}"), |played| {
            played.said(task).contains(&Happened::Stage(stage))
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if !thread::panicking() {
            self.state().tells_nothing();
        }
    }
}

impl Played {
    fn end(&self, task: &str) -> Option<Happened> {
        let mut ends = self.ends.iter();
        ends.find(|(ended, _)| ended == task).map(|(_, how)| *how)
    }

    /// What was said of a task.
    pub(crate) fn said(&self, task: &str) -> Vec<Happened> {
        let of_task = self.reports.iter().filter(|report| report.task == task);
        of_task.map(|report| report.happened).collect()
    }

    /// Nothing that was received holds a marker, and all of it came with the token, which is nowhere else.
    fn tells_nothing(&self) {
        for received in &self.received {
            for marker in MARKERS {
                assert!(!received.contains(marker), "{received}");
            }
            let (head, body) = received.split_once("\r\n\r\n").unwrap();
            let token = format!("Bearer {TOKEN}");
            assert!(head.contains(&token), "{head}");
            assert!(!body.contains(TOKEN), "{body}");
        }
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        if self.played.lock().unwrap().mood == Mood::Down {
            return;
        }
        let Some(request) = read_request(&mut stream) else {
            return;
        };
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let body = body.to_owned();
        let mood = {
            let mut played = self.played.lock().unwrap();
            played.received.push(request);
            played.mood.clone()
        };
        let answer = match mood {
            Mood::Well if path == PATH_ASK => {
                let ask: Ask = serde_json::from_str(&body).unwrap();
                self.hear_ask(&ask)
                    .map(|said| serde_json::to_string(&said).unwrap())
            }
            Mood::Well if path == PATH_REPORT => {
                let report: Report = serde_json::from_str(&body).unwrap();
                self.hear_report(report)
                    .map(|said| serde_json::to_string(&said).unwrap())
            }
            Mood::Well => panic!("a call of {path}"),
            Mood::Down => None,
            Mood::Says(text) => {
                let _ = stream.write_all(text.as_bytes());
                return;
            }
        };
        if let Some(body) = answer {
            let mut text = String::new();
            write!(
                text,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            let _ = stream.write_all(text.as_bytes());
        }
    }

    /// Answers at once if there is something to say, else when there is, or after a while.
    fn hear_ask(&self, ask: &Ask) -> Option<Answer> {
        let begun = Instant::now();
        let mut played = self.played.lock().unwrap();
        let longest = Duration::from_millis(if played.ignores_newer { 10_000 } else { 500 });
        let wait = Duration::from_secs(ask.wait_seconds.into()).min(longest);
        let number = played.asks.len();
        played.asks.push(ask.clone());
        self.changed.notify_all();
        loop {
            let mut answer = Answer {
                begin: Vec::new(),
                stop: played.stop.clone(),
            };
            let given_up = played.asks.len() > number + 1 && !played.ignores_newer;
            let mut slots = if given_up { 0 } else { ask.slots };
            if played.overfills && slots > 0 {
                slots = u32::MAX;
            }
            let lost = played.active.values();
            let lost: Vec<Task> = lost
                .filter(|task| !ask.holds.contains(&task.task))
                .cloned()
                .collect();
            for mut task in lost {
                if slots > 0 {
                    task.again = true;
                    answer.begin.push(task);
                    slots -= 1;
                }
            }
            while slots > 0
                && let Some(task) = played.queue.pop_front()
            {
                played.active.insert(task.task.clone(), task.clone());
                answer.begin.push(task);
                slots -= 1;
            }
            let is_late = begun.elapsed() >= wait;
            if !answer.begin.is_empty() || !answer.stop.is_empty() || is_late || given_up {
                let handed = answer.begin.iter();
                let handed: Vec<_> = handed.map(|task| (task.task.clone(), task.again)).collect();
                let loses = !handed.is_empty() && played.lose_answers > 0;
                played.handed.extend(handed);
                self.changed.notify_all();
                if loses {
                    played.lose_answers -= 1;
                    return None;
                }
                let delay = played.delay;
                drop(played);
                if !answer.begin.is_empty() {
                    thread::sleep(delay);
                }
                return Some(answer);
            }
            let tick = Duration::from_millis(20);
            played = self.changed.wait_timeout(played, tick).unwrap().0;
        }
    }

    fn hear_report(&self, report: Report) -> Option<Verdict> {
        let mut played = self.played.lock().unwrap();
        played.reports.push(report.clone());
        self.changed.notify_all();
        let is_end = matches!(report.happened, Happened::Ended(_) | Happened::Stopped);
        if played.not_theirs.contains(&report.task) {
            return Some(Verdict::NotYours);
        }
        let is_active = played.active.contains_key(&report.task);
        if is_end && is_active {
            played.active.remove(&report.task);
            played.stop.retain(|task| *task != report.task);
            played.ends.push((report.task, report.happened));
        }
        if is_end && played.lose_verdicts > 0 {
            played.lose_verdicts -= 1;
            return None;
        }
        Some(if is_active {
            Verdict::Noted
        } else {
            Verdict::Over
        })
    }
}

/// Whether a task succeeded.
pub(crate) fn is_success(happened: Happened) -> bool {
    matches!(happened, Happened::Ended(Ended::Succeeded { .. }))
}

//! Agents against the state machine that decides in the server, killed again and again: no job is lost, and
//! all succeed.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use glovebox_jobs::{
    AgentId, Backend, Effects, Event, IgnoredBecause, Job, JobRequest, Leases, Planned, Retries,
    Settings, TaskId, TaskResult, Timestamp, plan,
};
use glovebox_protocol::{
    Answer, Ask, Ended, Happened, PATH_ASK, Reason, Report, Stage, Task, Verdict,
};
use serde::Serialize;

use crate::agents::{Home, Process, until};
use crate::request::read_request;
use crate::study::Study;

const PROJECT: &str = "
version: 3
expectations: {population_size: 10}
actions:
  make:
    run: python:v2 python step.py output/make.csv
    outputs: {highly_sensitive: {rows: output/make.csv}}
  left:
    run: python:v2 python step.py output/left.csv output/make.csv
    needs: [make]
    outputs: {highly_sensitive: {rows: output/left.csv}}
  right:
    run: python:v2 python step.py output/right.csv output/make.csv
    needs: [make]
    outputs: {highly_sensitive: {rows: output/right.csv}}
  both:
    run: python:v2 python step.py output/both.csv output/left.csv output/right.csv
    needs: [left, right]
    outputs: {moderately_sensitive: {rows: output/both.csv}}
";

const STEP: &str = "
import os, sys, time
time.sleep(0.1)
os.makedirs('output', exist_ok=True)
lines = sum(len(open(path).readlines()) for path in sys.argv[2:])
open(sys.argv[1], 'w').write('n\\n' + '1\\n' * lines)
";

/// The server's machine behind the two calls of an agent.
struct Machine {
    backend: Mutex<Backend>,
    ended: Mutex<Vec<Job>>,
    asks: AtomicU64,
    repo: String,
    commit: String,
}

impl Machine {
    fn start(study: &Study, commit: &str) -> (Arc<Self>, SocketAddr) {
        let request = JobRequest {
            id: "abcdefghij234567".to_owned(),
            backend: "tpp".to_owned(),
            workspace: "sick-notes".to_owned(),
            database: "default".to_owned(),
            requested_actions: vec!["run_all".to_owned()],
            force_run_dependencies: false,
            codelists_ok: true,
        };
        let project = glovebox_pipeline::check(PROJECT).outcome.unwrap();
        let Planned::Jobs(jobs) = plan(&request, &project, &["tpp"], &[], now()).unwrap() else {
            panic!("there is something to do");
        };
        let mut backend = Backend::new(Settings {
            retries: Retries {
                attempts: 1000,
                first_delay: Duration::from_millis(10),
                longest_delay: Duration::from_millis(50),
                hand_outs: 1000,
            },
            leases: Leases {
                length: Duration::from_secs(2),
                grace: Duration::from_secs(1),
            },
            ..Settings::default()
        });
        backend.add(jobs).unwrap();
        let machine = Arc::new(Self {
            backend: Mutex::new(backend),
            ended: Mutex::default(),
            asks: AtomicU64::new(0),
            repo: study.url(),
            commit: commit.to_owned(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Arc::clone(&machine);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.serve(stream.unwrap()));
            }
        });
        (machine, address)
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read_request(&mut stream) else {
            return;
        };
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        if head.split(' ').nth(1) == Some(PATH_ASK) {
            answer(
                &mut stream,
                &self.hear_ask(serde_json::from_str(body).unwrap()),
            );
        } else {
            answer(
                &mut stream,
                &self.hear_report(serde_json::from_str(body).unwrap()),
            );
        }
    }

    fn step(&self, events: Vec<Event>, asks: &[glovebox_jobs::Ask]) -> Effects {
        let mut backend = self.backend.lock().unwrap();
        let effects = backend.step(now(), events, asks);
        let ended = effects.changed.iter().filter(|job| job.state().is_final());
        self.ended.lock().unwrap().extend(ended.cloned());
        effects
    }

    fn hear_ask(&self, ask: Ask) -> Answer {
        let number = self.asks.fetch_add(1, Ordering::SeqCst) + 1;
        let heard = Instant::now();
        let asks = [glovebox_jobs::Ask {
            agent: AgentId(ask.agent),
            slots: ask.slots,
            holds: ask.holds.iter().map(|task| task.parse().unwrap()).collect(),
        }];
        loop {
            let effects = self.step(Vec::new(), &asks);
            let given_up = self.asks.load(Ordering::SeqCst) > number + 1;
            let is_late = heard.elapsed() > Duration::from_millis(300);
            if !effects.handed_out.is_empty() || !effects.stops.is_empty() || is_late || given_up {
                let begin = effects.handed_out.iter();
                return Answer {
                    begin: begin
                        .map(|out| self.task(&out.task, out.again, out.lease))
                        .collect(),
                    stop: effects
                        .stops
                        .iter()
                        .map(|stop| stop.task.to_string())
                        .collect(),
                };
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn task(&self, task: &TaskId, again: bool, lease: Duration) -> Task {
        let backend = self.backend.lock().unwrap();
        let job = backend.job(&task.job).unwrap();
        Task {
            task: task.to_string(),
            again,
            lease_seconds: lease.as_secs(),
            time_limit_seconds: None,
            workspace: job.workspace.clone(),
            repo: self.repo.clone(),
            commit: self.commit.clone(),
            action: job.action.clone(),
            requires_db: job.requires_db,
            request: job.request.clone(),
            requested_by: "researcher".to_owned(),
        }
    }

    fn hear_report(&self, report: Report) -> Verdict {
        let (agent, task) = (AgentId(report.agent), report.task.parse().unwrap());
        let stage = |stage| Event::Progress {
            agent: agent.clone(),
            task: TaskId::clone(&task),
            stage,
        };
        let event = match report.happened {
            Happened::Stage(Stage::Preparing) => stage(glovebox_jobs::Stage::Preparing),
            Happened::Stage(Stage::Executing) => stage(glovebox_jobs::Stage::Executing),
            Happened::Stage(Stage::Finalizing) => stage(glovebox_jobs::Stage::Finalizing),
            Happened::GoesOn => Event::Renewed { agent, task },
            Happened::Stopped => Event::Stopped { agent, task },
            Happened::Ended(ended) => Event::Finished {
                agent,
                task,
                result: result(ended),
            },
        };
        let effects = self.step(vec![event], &[]);
        match effects.ignored.first().map(|ignored| ignored.why) {
            None => Verdict::Noted,
            Some(IgnoredBecause::NotHeld) => Verdict::NotYours,
            Some(IgnoredBecause::NotActive | IgnoredBecause::StoppedBefore) => Verdict::Over,
        }
    }
}

fn result(ended: Ended) -> TaskResult {
    match ended {
        Ended::Succeeded { withheld } => TaskResult::Exited {
            exit_code: 0,
            unmatched_patterns: false,
            withheld,
        },
        Ended::Failed(Reason::NonzeroExit) => TaskResult::Exited {
            exit_code: 1,
            unmatched_patterns: false,
            withheld: false,
        },
        Ended::Failed(_) => TaskResult::WillNotPass,
        Ended::MayPass => TaskResult::MayPass,
    }
}

fn answer(stream: &mut TcpStream, said: &impl Serialize) {
    let body = serde_json::to_string(said).unwrap();
    // Whoever asked may have been killed.
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn now() -> Timestamp {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(passed.as_millis().try_into().unwrap())
}

#[test]
fn every_job_succeeds_however_often_the_agents_are_killed() {
    let study = Study::new();
    study.write("project.yaml", PROJECT);
    study.write("step.py", STEP);
    let commit = study.commit();
    let (machine, address) = Machine::start(&study, &commit);
    let shared = tempfile::tempdir().unwrap();
    let more = format!("slots = 1\nworkspaces = '{}'\n", shared.path().display());
    let homes = ["agent-1", "agent-2"].map(|name| Home::named(name, address, &study.url(), &more));
    for round in 0..8 {
        let agents = homes.each_ref().map(Home::spawn);
        thread::sleep(Duration::from_millis(60 + round * 20));
        agents.into_iter().for_each(Process::kill);
    }
    let agents = homes.each_ref().map(Home::spawn);
    until("the end of all jobs", || {
        machine.ended.lock().unwrap().len() == 4
    });
    until("the folders to be gone", || {
        homes.iter().all(|home| home.tasks().is_empty())
    });
    agents.into_iter().for_each(Process::kill);
    let ended = machine.ended.lock().unwrap();
    for job in ended.iter() {
        assert_eq!(job.code.as_str(), "succeeded", "{job:?}");
    }
    let faults: u32 = ended.iter().map(|job| job.faults).sum();
    assert!(faults > 0, "no agent was killed at work");
    let made = shared
        .path()
        .join("sick-notes/outputs/moderately_sensitive/output/both.csv");
    assert_eq!(fs::read_to_string(made).unwrap(), "n\n1\n1\n1\n1\n");
}

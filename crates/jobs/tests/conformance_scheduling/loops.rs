//! Lines of kind `loop`: jobs, and what the reference made of them pass after pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use glovebox_jobs::{
    AgentId, Ask, Backend, CancelledAs, Event, Job, JobId, Leases, Pools, Retries, Settings, Stage,
    StatusCode, TaskId, TaskResult, Timestamp, Weight, Weights,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    jobs: Vec<Given>,
    max_workers: u32,
    max_db_workers: u32,
    /// By workspace, then by pattern.
    weights: BTreeMap<String, BTreeMap<String, f64>>,
    flags: Vec<(String, Option<String>)>,
    trace: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    id: String,
    ws: String,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    db: bool,
    #[serde(default)]
    wait: Vec<String>,
    action: Option<String>,
    run_command: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(rename = "step")]
    what: Value,
    #[serde(default)]
    new_tasks: Vec<String>,
    #[serde(default)]
    jobs: BTreeMap<String, (String, String)>,
    results: Option<Value>,
}

/// One agent without limits, that stops at once what it is told to stop.
struct World {
    backend: Backend,
    agent: AgentId,
    holds: BTreeSet<TaskId>,
    now: i64,
    /// What happened since the last pass.
    events: Vec<Event>,
    jobs: BTreeMap<String, Job>,
    /// Those that the reference lets wait for ever.
    refused: BTreeSet<String>,
}

pub(crate) fn run(case: Value) -> Result<(), String> {
    let case: Case = serde_json::from_value(case).map_err(|error| error.to_string())?;
    let mut world = World::new(&case)?;
    for (name, value) in &case.flags {
        world.flag(name, value.as_deref())?;
    }
    for (place, step) in case.trace.iter().enumerate() {
        world
            .take(step)
            .map_err(|fault| format!("step {place}: {fault}"))?;
    }
    Ok(())
}

impl World {
    fn new(case: &Case) -> Result<Self, String> {
        let pools = Pools {
            workers: case.max_workers,
            db_workers: case.max_db_workers,
        };
        let mut weights = Weights::default();
        for (workspace, rules) in &case.weights {
            for (pattern, weight) in rules {
                let weight = Weight::new(*weight).ok_or("not a weight")?;
                let workspace = (workspace != "default").then_some(workspace.as_str());
                weights
                    .add(workspace, pattern, weight)
                    .map_err(|error| error.to_string())?;
            }
        }
        let jobs: Vec<Job> = case.jobs.iter().map(job).collect();
        let mut refused = BTreeSet::new();
        for _ in &jobs {
            for job in &jobs {
                let weight = weights.weigh(&job.workspace, &job.action, &job.run_command);
                let awaits_refused = job.wait_for.iter().any(|id| refused.contains(&id.0));
                if awaits_refused || !pools.can_hold(weight, job.requires_db) {
                    refused.insert(job.id.0.clone());
                }
            }
        }
        // The reference tries again in the next pass, as often as it takes.
        let mut backend = Backend::new(Settings {
            pools,
            weights,
            retries: Retries {
                attempts: u32::MAX,
                first_delay: Duration::ZERO,
                longest_delay: Duration::ZERO,
                hand_outs: 1,
            },
            leases: Leases {
                length: Duration::from_hours(1),
                grace: Duration::ZERO,
            },
            time_limit: None,
            longest_step: Duration::from_secs(1),
        });
        backend
            .add(jobs.clone())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            backend,
            agent: AgentId("agent".to_owned()),
            holds: BTreeSet::new(),
            now: 1_000,
            events: Vec::new(),
            jobs: jobs
                .into_iter()
                .map(|job| (job.id.0.clone(), job))
                .collect(),
            refused,
        })
    }

    fn take(&mut self, step: &Step) -> Result<(), String> {
        let words = match &step.what {
            Value::String(word) if word == "loop" => return self.pass(step),
            Value::Array(words) => words,
            other => return Err(format!("an unknown step {other}")),
        };
        let word = |place: usize| words.get(place).and_then(Value::as_str);
        match (word(0), word(1)) {
            (Some("agent"), Some(id)) => {
                let stage = word(2).ok_or("no stage")?;
                self.agent_says(id, stage, words.get(3) == Some(&Value::Bool(true)), step)
            }
            (Some("cancel"), Some(id)) => {
                self.events.push(Event::Cancel {
                    job: JobId(id.to_owned()),
                    by: "somebody".to_owned(),
                    role: CancelledAs::User,
                });
                Ok(())
            }
            (Some("flag"), Some(name)) => self.flag(name, word(2)),
            (Some("reboot" | "prepare_for_reboot"), _) => {
                self.events.push(Event::PrepareForReboot);
                Ok(())
            }
            _ => Err(format!("an unknown step {}", step.what)),
        }
    }

    fn flag(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        self.events.push(match (name, value) {
            ("paused", Some(value)) if value.eq_ignore_ascii_case("true") => Event::Pause,
            ("paused", _) => Event::Resume,
            ("mode", Some("db-maintenance")) => Event::MaintenanceBegan,
            ("mode", _) => Event::MaintenanceEnded,
            // Who looks for maintenance is none of the loop's business.
            ("manual-db-maintenance", _) => return Ok(()),
            _ => return Err(format!("an unknown flag {name}")),
        });
        Ok(())
    }

    fn agent_says(
        &mut self,
        id: &str,
        stage: &str,
        complete: bool,
        step: &Step,
    ) -> Result<(), String> {
        let task = self.jobs.get(id).and_then(Job::task).ok_or("no task")?;
        let agent = self.agent.clone();
        if !complete {
            let stage = Value::String(stage.to_owned());
            // What is no stage leaves the job as it is.
            if let Ok(stage) = serde_json::from_value::<Stage>(stage) {
                self.events.push(Event::Progress { agent, task, stage });
            }
            return Ok(());
        }
        let results = step.results.as_ref().ok_or("no results")?;
        let flag = |name: &str| results[name] == true;
        let result = match &results["error"] {
            Value::Null | Value::Bool(false) => TaskResult::Exited {
                exit_code: match &results["exit_code"] {
                    Value::String(text) => text.parse().map_err(|_| "no exit code")?,
                    Value::Number(number) => {
                        let number = number.as_i64().and_then(|code| i32::try_from(code).ok());
                        number.ok_or("no exit code")?
                    }
                    _ => return Err("no exit code".to_owned()),
                },
                unmatched_patterns: flag("has_unmatched_patterns"),
                withheld: flag("has_level4_excluded_files"),
            },
            // The one error that the reference holds to be beyond repair.
            Value::String(text) if text.contains("test_job_failure") => TaskResult::WillNotPass,
            _ => TaskResult::MayPass,
        };
        self.holds.remove(&task);
        self.events.push(Event::Finished {
            agent,
            task,
            result,
        });
        Ok(())
    }

    fn pass(&mut self, step: &Step) -> Result<(), String> {
        self.now += 1_000;
        let ask = Ask {
            agent: self.agent.clone(),
            slots: u32::MAX,
            holds: self.holds.iter().cloned().collect(),
        };
        let events = std::mem::take(&mut self.events);
        let effects = self.backend.step(Timestamp(self.now), events, &[ask]);
        for job in effects.changed {
            self.jobs.insert(job.id.0.clone(), job);
        }
        let mut tasks = BTreeSet::new();
        let mut begun = Vec::new();
        for hand_out in effects.handed_out {
            begun.push(hand_out.task.to_string());
            self.holds.insert(hand_out.task);
        }
        for stop in effects.stops {
            tasks.insert(format!("{}-cancel", stop.task));
            self.holds.remove(&stop.task);
            self.events.push(Event::Stopped {
                agent: stop.agent,
                task: stop.task,
            });
        }
        // Every hour without a word of the agent would be one lease.
        for task in &self.holds {
            self.events.push(Event::Renewed {
                agent: self.agent.clone(),
                task: task.clone(),
            });
        }
        let (cancels, starts): (Vec<String>, Vec<String>) = step
            .new_tasks
            .iter()
            .filter(|task| !task.starts_with("dbstatus") && !task.starts_with("dbdatacheck"))
            .cloned()
            .partition(|task| task.ends_with("-cancel"));
        if begun != starts {
            return Err(format!("begins {begun:?}, not {starts:?}"));
        }
        if tasks != cancels.iter().cloned().collect() {
            return Err(format!("stops {tasks:?}, not {cancels:?}"));
        }
        for (id, (state, code)) in &step.jobs {
            let job = self.jobs.get(id).ok_or_else(|| format!("{id} is lost"))?;
            if self.refused.contains(id) && code.starts_with("waiting_on_") {
                let refused = [StatusCode::TooHeavy, StatusCode::DependencyFailed];
                if !refused.contains(&job.code) {
                    return Err(format!("{id} is {}, though it can never start", job.code));
                }
            } else if (job.state().as_str(), job.code.as_str()) != (state, code) {
                return Err(format!("{id} is {}, not {code}", job.code));
            }
        }
        Ok(())
    }
}

fn job(given: &Given) -> Job {
    let action = given.action.clone().unwrap_or_else(|| given.id.clone());
    Job {
        id: JobId(given.id.clone()),
        request: "abcdefghij234567".to_owned(),
        backend: "test".to_owned(),
        workspace: given.ws.clone(),
        run_command: given
            .run_command
            .clone()
            .unwrap_or_else(|| format!("python:v2 {action}.py")),
        action,
        requires_db: given.db,
        needs: Vec::new(),
        wait_for: given.wait.iter().cloned().map(JobId).collect(),
        time_limit: None,
        code: StatusCode::Created,
        created_at: Timestamp(given.created),
        updated_at: Timestamp(given.created),
        started_at: None,
        completed_at: None,
        tasks: 0,
        faults: 0,
        holder: None,
        cancelled: None,
        exit_code: None,
        withheld: false,
    }
}

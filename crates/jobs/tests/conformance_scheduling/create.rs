//! Lines of kind `create`: a project, what was run before, a request, and the jobs it makes.

use std::collections::{BTreeMap, BTreeSet};

use glovebox_jobs::{
    EarlierJob, JobId, JobRequest, NothingToDo, Planned, Refused, State, Timestamp, plan,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    project_yaml: String,
    prior: Vec<Prior>,
    request: Request,
    outcome: Outcome,
    detail: Option<String>,
    #[serde(default)]
    jobs: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prior {
    action: String,
    state: State,
    workspace: Option<String>,
    backend: Option<String>,
    #[serde(default)]
    cancelled: bool,
    /// In the order of the list, unless it says otherwise.
    #[serde(alias = "created_at")]
    created: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    requested_actions: Vec<String>,
    #[serde(default)]
    force_run_dependencies: bool,
    #[serde(default = "yes")]
    codelists_ok: bool,
    workspace: Option<String>,
    backend: Option<String>,
    database_name: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Created,
    NothingToDo,
    Error,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
    action: String,
    wait_for: BTreeSet<String>,
    needs: Vec<String>,
    requires_db: bool,
    run_command: String,
    state: String,
    status_code: String,
}

const WORKSPACE: &str = "workspace";
const BACKEND: &str = "test";
const BACKENDS: &[&str] = &["test", "tpp", "emis"];

pub(crate) fn run(case: Value) -> Result<(), String> {
    let case: Case = serde_json::from_value(case).map_err(|error| error.to_string())?;
    let (outcome, detail, jobs) = outcome(&case);
    if outcome != case.outcome {
        return Err(format!("{outcome:?} {detail:?}, not {:?}", case.outcome));
    }
    // Details of the reference that are the name of an exception say no more than `error` does.
    let said = case.detail.filter(|detail| detail.contains('-'));
    if said.is_some() && said.as_deref() != detail {
        return Err(format!("{detail:?}, not {said:?}"));
    }
    let by_action = |jobs: Vec<Expected>| -> BTreeMap<String, Expected> {
        jobs.into_iter()
            .map(|job| (job.action.clone(), job))
            .collect()
    };
    let (found, expected) = (by_action(jobs), by_action(case.jobs));
    if found == expected {
        Ok(())
    } else {
        Err(format!("made {found:?}, not {expected:?}"))
    }
}

fn outcome(case: &Case) -> (Outcome, Option<&'static str>, Vec<Expected>) {
    let Ok(project) = glovebox_pipeline::check(&case.project_yaml).outcome else {
        return (Outcome::Error, None, Vec::new());
    };
    let text = |value: &Option<String>, otherwise: &str| -> String {
        value.clone().unwrap_or_else(|| otherwise.to_owned())
    };
    let earlier: Vec<EarlierJob> = case
        .prior
        .iter()
        .zip(0_i64..)
        .map(|(prior, place)| EarlierJob {
            id: JobId(format!("prior:{}", prior.action)),
            backend: text(&prior.backend, BACKEND),
            workspace: text(&prior.workspace, WORKSPACE),
            action: prior.action.clone(),
            state: prior.state,
            cancelled: prior.cancelled,
            created_at: Timestamp(prior.created.unwrap_or(place)),
        })
        .collect();
    let request = JobRequest {
        id: "abcdefghij234567".to_owned(),
        backend: text(&case.request.backend, BACKEND),
        workspace: text(&case.request.workspace, WORKSPACE),
        database: text(&case.request.database_name, "default"),
        requested_actions: case.request.requested_actions.clone(),
        force_run_dependencies: case.request.force_run_dependencies,
        codelists_ok: case.request.codelists_ok,
    };
    match plan(&request, &project, BACKENDS, &earlier, Timestamp(1_000)) {
        Ok(Planned::Jobs(jobs)) => {
            let actions: BTreeMap<&JobId, &str> = jobs
                .iter()
                .map(|job| (&job.id, job.action.as_str()))
                .collect();
            let named = |id: &JobId| {
                actions
                    .get(id)
                    .map_or_else(|| id.0.clone(), ToString::to_string)
            };
            let jobs = jobs
                .iter()
                .map(|job| Expected {
                    action: job.action.clone(),
                    wait_for: job.wait_for.iter().map(named).collect(),
                    needs: job.needs.clone(),
                    requires_db: job.requires_db,
                    run_command: job.run_command.clone(),
                    state: job.state().to_string(),
                    status_code: job.code.to_string(),
                })
                .collect();
            (Outcome::Created, None, jobs)
        }
        Ok(Planned::NothingToDo(NothingToDo::AllDone)) => {
            (Outcome::NothingToDo, Some("all-done"), Vec::new())
        }
        Ok(Planned::NothingToDo(NothingToDo::AlreadyScheduled)) => {
            (Outcome::NothingToDo, Some("already-scheduled"), Vec::new())
        }
        Err(Refused::StaleCodelists(_)) => (Outcome::Error, Some("stale-codelists"), Vec::new()),
        Err(_) => (Outcome::Error, None, Vec::new()),
    }
}

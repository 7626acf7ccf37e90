//! What requests make of projects, beyond the cases of the reference.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use glovebox_jobs::{
    EarlierJob, Job, JobId, JobRequest, NothingToDo, Planned, Refused, State, StatusCode,
    Timestamp, plan,
};
use glovebox_pipeline::Project;
use proptest::prelude::*;

fn project(actions: &[(&str, &[&str])]) -> Project {
    let mut text = "version: 4\nactions:\n".to_owned();
    for (name, needs) in actions {
        let _ = writeln!(
            text,
            "  {name}:\n    run: python:v2 {name}.py\n    needs: [{}]\n    outputs: {{highly_sensitive: {{o: {name}.csv}}}}",
            needs.join(", ")
        );
    }
    glovebox_pipeline::check(&text).outcome.expect("a project")
}

fn request(actions: &[&str]) -> JobRequest {
    JobRequest {
        id: "abcdefghij234567".to_owned(),
        backend: "tpp".to_owned(),
        workspace: "study".to_owned(),
        database: "default".to_owned(),
        requested_actions: actions.iter().map(ToString::to_string).collect(),
        force_run_dependencies: false,
        codelists_ok: true,
    }
}

fn earlier(action: &str, state: State, created_at: i64) -> EarlierJob {
    EarlierJob {
        id: JobId(format!("{action}-{created_at}")),
        backend: "tpp".to_owned(),
        workspace: "study".to_owned(),
        action: action.to_owned(),
        state,
        cancelled: false,
        created_at: Timestamp(created_at),
    }
}

fn actions(planned: Result<Planned, Refused>) -> Vec<String> {
    match planned.expect("a request in order") {
        Planned::Jobs(jobs) => jobs.into_iter().map(|job| job.action).collect(),
        Planned::NothingToDo(why) => vec![format!("{why:?}")],
    }
}

const CHAIN: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &["b"])];

/// What it is about, what was run before, what is requested, what runs.
type Case<'c> = (&'c str, Vec<EarlierJob>, &'c [&'c str], &'c [&'c str]);

#[test]
fn what_was_run_before_decides_what_runs() {
    use State::{Failed, Pending, Running, Succeeded};
    let cancelled = |job: EarlierJob| EarlierJob {
        cancelled: true,
        ..job
    };
    let cases: Vec<Case> = vec![
        (
            "the newest counts",
            vec![earlier("a", Failed, 1), earlier("a", Succeeded, 2)],
            &["b"],
            &["b"],
        ),
        (
            "in any order",
            vec![earlier("a", Succeeded, 2), earlier("a", Failed, 1)],
            &["b"],
            &["b"],
        ),
        (
            "a cancelled one does not",
            vec![
                earlier("a", Succeeded, 1),
                cancelled(earlier("a", Failed, 2)),
            ],
            &["b"],
            &["b"],
        ),
        (
            "nor while it still runs",
            vec![cancelled(earlier("a", Running, 2))],
            &["a"],
            &["a"],
        ),
        (
            "beyond a need that stands nothing is looked at",
            vec![earlier("a", Failed, 1), earlier("b", Succeeded, 2)],
            &["c"],
            &["c"],
        ),
        (
            "what depends on a rerun is left",
            vec![earlier("c", Succeeded, 2)],
            &["a"],
            &["a"],
        ),
        (
            "an action that is gone",
            vec![earlier("gone", Running, 2)],
            &["a"],
            &["a"],
        ),
        (
            "run_all after a failure",
            vec![earlier("a", Succeeded, 1), earlier("b", Failed, 2)],
            &["run_all"],
            &["b", "c"],
        ),
        (
            "run_all beside a name unknown",
            vec![earlier("a", Succeeded, 1)],
            &["nothing", "run_all"],
            &["b", "c"],
        ),
        (
            "all about to run",
            vec![earlier("a", Pending, 1), earlier("b", Running, 1)],
            &["a", "b"],
            &["AlreadyScheduled"],
        ),
    ];
    let project = project(CHAIN);
    for (what, before, requested, expected) in cases {
        let planned = plan(
            &request(requested),
            &project,
            &["tpp"],
            &before,
            Timestamp(9),
        );
        assert_eq!(actions(planned), expected, "{what}");
    }
}

#[test]
fn a_request_out_of_order_is_refused_with_a_reason() {
    let with = |change: fn(&mut JobRequest)| {
        let mut request = request(&["a"]);
        change(&mut request);
        request
    };
    let cases: Vec<(JobRequest, &str)> = vec![
        (with(|r| r.id = "ABCDEFGHIJ234567".to_owned()), "BadId"),
        (with(|r| r.id.push('a')), "BadId"),
        (with(|r| r.backend = "emis".to_owned()), "UnknownBackend"),
        (with(|r| r.workspace = "a/b".to_owned()), "BadWorkspace"),
        (with(|r| r.workspace = "é".to_owned()), "BadWorkspace"),
        (with(|r| r.database = String::new()), "UnknownDatabase"),
        (with(|r| r.requested_actions.clear()), "NoActions"),
        (
            with(|r| r.requested_actions.push("x".to_owned())),
            "UnknownAction",
        ),
        (
            with(|r| r.requested_actions.push("A".to_owned())),
            "UnknownAction",
        ),
    ];
    let project = project(CHAIN);
    for (request, kind) in cases {
        let refused = plan(&request, &project, &["tpp"], &[], Timestamp(0)).expect_err(kind);
        assert!(
            format!("{refused:?}").starts_with(kind),
            "{refused:?}, not {kind}"
        );
    }
}

#[test]
fn stale_codelists_concern_only_jobs_that_read_the_database() {
    let text = "
version: 4
actions:
  extract:
    run: ehrql:v1 generate-dataset d.py --output d.csv
    outputs: {highly_sensitive: {o: d.csv}}
  describe:
    run: python:v2 d.py
    needs: [extract]
    outputs: {moderately_sensitive: {o: t.csv}}
";
    let project = glovebox_pipeline::check(text).outcome.expect("a project");
    let request = JobRequest {
        codelists_ok: false,
        ..request(&["describe"])
    };
    let stands = [earlier("extract", State::Succeeded, 1)];
    let planned = plan(&request, &project, &["tpp"], &stands, Timestamp(2));
    assert_eq!(actions(planned), ["describe"]);
    let refused = plan(&request, &project, &["tpp"], &[], Timestamp(2));
    assert_eq!(refused, Err(Refused::StaleCodelists("extract".to_owned())));
}

#[test]
fn the_same_request_makes_the_same_jobs() {
    let project = project(CHAIN);
    let jobs = |now| match plan(&request(&["c"]), &project, &["tpp"], &[], Timestamp(now)) {
        Ok(Planned::Jobs(jobs)) => jobs.into_iter().map(|job| job.id).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(jobs(1), jobs(2));
    assert_eq!(jobs(1)[0], JobId::of("abcdefghij234567", "a"));
}

#[test]
fn a_chain_as_long_as_a_file_can_hold_needs_no_stack() {
    let names: Vec<String> = (0..5_000).map(|number| format!("a{number}")).collect();
    let mut text = "version: 4\nactions:\n".to_owned();
    for (place, name) in names.iter().enumerate() {
        let need = place
            .checked_sub(1)
            .map_or("", |before| names[before].as_str());
        let _ = writeln!(
            text,
            "  {name}: {{run: python:v2 {name}, needs: [{need}], outputs: {{highly_sensitive: {{o: {name}.csv}}}}}}"
        );
    }
    let project = glovebox_pipeline::check(&text).outcome.expect("a project");
    let planned = plan(&request(&["a4999"]), &project, &["tpp"], &[], Timestamp(0));
    assert_eq!(actions(planned), names);
}

/// Projects whose actions need only those before them.
fn projects() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(
        prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        1..12,
    )
    .prop_map(|actions| {
        actions
            .iter()
            .enumerate()
            .map(|(place, needs)| {
                let before = needs.iter().filter(|_| place > 0);
                before.map(|need| need.index(place)).collect()
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_job_can_start_once_those_before_it_have_ended(
        needs in projects(),
        before in prop::collection::vec((0..12_usize, 0..4_usize), 0..10),
        requested in prop::collection::vec(0..12_usize, 1..4),
        force in any::<bool>(),
    ) {
        let names: Vec<String> = (0..needs.len()).map(|place| format!("a{place}")).collect();
        let owned: Vec<(&str, Vec<&str>)> = needs
            .iter()
            .enumerate()
            .map(|(place, needs)| {
                let needs = needs.iter().map(|need| names[*need].as_str()).collect();
                (names[place].as_str(), needs)
            })
            .collect();
        let borrowed: Vec<(&str, &[&str])> =
            owned.iter().map(|(name, needs)| (*name, needs.as_slice())).collect();
        let project = project(&borrowed);
        let before: Vec<EarlierJob> = before
            .iter()
            .enumerate()
            .filter(|(_, (action, _))| *action < names.len())
            .map(|(age, (action, state))| {
                earlier(&names[*action], State::ALL[*state], i64::try_from(age).expect("small"))
            })
            .collect();
        let requested: Vec<&str> =
            requested.iter().map(|place| names[place % names.len()].as_str()).collect();
        let request = JobRequest { force_run_dependencies: force, ..request(&requested) };
        let planned = plan(&request, &project, &["tpp"], &before, Timestamp(99));
        let jobs = match planned.expect("a request in order") {
            Planned::Jobs(jobs) => jobs,
            Planned::NothingToDo(why) => {
                prop_assert_eq!(why, NothingToDo::AlreadyScheduled);
                Vec::new()
            }
        };
        let unfinished: HashMap<&JobId, &EarlierJob> = before
            .iter()
            .filter(|job| !job.state.is_final())
            .map(|job| (&job.id, job))
            .collect();
        let mut made: HashSet<&JobId> = HashSet::new();
        let mut of: HashMap<&str, &Job> = HashMap::new();
        for job in &jobs {
            for awaited in &job.wait_for {
                prop_assert!(made.contains(awaited) || unfinished.contains_key(awaited));
            }
            prop_assert!(made.insert(&job.id), "{} twice", job.action);
            prop_assert!(of.insert(&job.action, job).is_none());
            prop_assert_eq!(job.code, StatusCode::Created);
        }
        // What a job needs stands, or it waits for it.
        for job in &jobs {
            for need in &job.needs {
                let newest = before.iter().rev().find(|earlier| earlier.action == *need);
                let stands = newest.is_some_and(|job| job.state == State::Succeeded);
                prop_assert!(stands || !job.wait_for.is_empty(), "{} lacks {}", job.action, need);
            }
        }
        for name in requested {
            let newest = before.iter().rev().find(|earlier| earlier.action == name);
            let active = newest.is_some_and(|job| !job.state.is_final());
            prop_assert_eq!(of.contains_key(name), !active, "{} was requested", name);
        }
    }
}

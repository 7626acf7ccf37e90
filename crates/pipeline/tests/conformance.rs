//! The cases of `pipeline.jsonl`: what the OpenSAFELY library makes of a file, and where Glovebox
//! is stricter.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use glovebox_pipeline::{Project, check};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    yaml: String,
    expect: Expect,
    kind: Option<String>,
    actions: Option<Vec<String>>,
    needs: Option<BTreeMap<String, Vec<String>>>,
    db_actions: Option<Vec<String>>,
    run_parts: Option<BTreeMap<String, Vec<String>>>,
    expectations: Option<i64>,
    run_all: Option<Vec<String>>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Accept,
    Reject,
}

#[test]
fn conformance_pipeline() {
    let folder = env::var_os("GLOVEBOX_CASES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance")),
        PathBuf::from,
    );
    let path = folder.join("pipeline.jsonl");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Case> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(!cases.is_empty(), "{} has no lines", path.display());

    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| fault(case).map(|fault| format!("{}: {fault}", case.name)))
        .collect();
    println!("pipeline.jsonl: {} lines", cases.len());
    assert!(
        faults.is_empty(),
        "{} of {} lines fail:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

fn fault(case: &Case) -> Option<String> {
    match check(&case.yaml).outcome {
        Ok(project) if case.expect == Expect::Accept => differences(case, &project),
        Ok(_) => Some("accepted".to_owned()),
        Err(rejected) if case.expect == Expect::Accept => Some(rejected.to_string()),
        Err(rejected) => {
            let kind = rejected.errors.first().map(|error| error.kind.as_str());
            let expected = case.kind.as_deref();
            (expected.is_some() && kind != expected)
                .then(|| format!("{rejected}, but {expected:?} should come first"))
        }
    }
}

fn differences(case: &Case, project: &Project) -> Option<String> {
    fn differ<T: PartialEq + std::fmt::Debug>(
        what: &str,
        found: &T,
        expected: Option<&T>,
    ) -> Option<String> {
        expected
            .filter(|expected| *expected != found)
            .map(|expected| format!("{what} are {found:?}, not {expected:?}"))
    }
    let actions = project.actions();
    let names = actions.iter().map(|action| action.name.clone()).collect();
    let needs = actions
        .iter()
        .map(|action| (action.name.clone(), action.needs.clone()))
        .collect();
    let database = actions
        .iter()
        .filter(|action| action.is_database_action)
        .map(|action| action.name.clone())
        .collect();
    let parts = actions
        .iter()
        .map(|action| (action.name.clone(), action.run.parts.clone()))
        .collect();
    let run_all = project
        .run_all()
        .map(|action| action.name.clone())
        .collect();
    differ("actions", &names, case.actions.as_ref())
        .or_else(|| differ("needs", &needs, case.needs.as_ref()))
        .or_else(|| differ("database actions", &database, case.db_actions.as_ref()))
        .or_else(|| differ("parts", &parts, case.run_parts.as_ref()))
        .or_else(|| differ("run_all", &run_all, case.run_all.as_ref()))
        .or_else(|| {
            (project.population_size() != case.expectations).then(|| {
                format!(
                    "the population size is {:?}, not {:?}",
                    project.population_size(),
                    case.expectations
                )
            })
        })
}

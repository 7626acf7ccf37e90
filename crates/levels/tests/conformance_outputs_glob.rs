//! Which files the reference collects for which patterns, with its escapes closed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use glovebox_levels::{Level, collect};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    files: Vec<String>,
    dirs: Vec<String>,
    links: Vec<(String, String)>,
    patterns: Vec<(String, Level)>,
    outputs: BTreeMap<String, Level>,
    unmatched_patterns: BTreeSet<String>,
}

fn cases() -> PathBuf {
    std::env::var_os("GLOVEBOX_CASES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance")),
        PathBuf::from,
    )
}

fn make_parent(path: &Path) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
}

#[test]
fn conformance_outputs_glob() {
    let path = cases().join("outputs.jsonl");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut ran = 0;
    let mut wrong = Vec::new();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if value["kind"] != "glob" {
            continue;
        }
        let case: Case = serde_json::from_value(value).expect("a case");
        ran += 1;

        // One directory further down, so that a case with `../` makes its files in the sandbox too.
        let outside = tempfile::tempdir().expect("a directory");
        let workspace = outside.path().join("workspaces/this");
        fs::create_dir_all(&workspace).expect("directories");
        for directory in &case.dirs {
            fs::create_dir_all(workspace.join(directory)).expect("directories");
        }
        for file in &case.files {
            make_parent(&workspace.join(file));
            fs::write(workspace.join(file), "x").expect("a file");
        }
        for (link, target) in &case.links {
            make_parent(&workspace.join(link));
            symlink(target, workspace.join(link)).expect("a link");
        }

        let handle = File::open(&workspace).expect("the workspace");
        let collected = collect(&handle, &case.patterns, u64::MAX);
        let outputs: BTreeMap<String, Level> = collected
            .files
            .iter()
            .map(|file| (file.path.clone(), file.level))
            .collect();
        let unmatched: BTreeSet<String> = collected
            .unmatched
            .iter()
            .map(|unmatched| unmatched.pattern.clone())
            .collect();
        if outputs != case.outputs || unmatched != case.unmatched_patterns {
            wrong.push(format!("{}: {collected:?}", case.name));
        }
    }
    println!("ran {ran} cases of kind glob");
    assert!(ran > 0, "{path:?} has no case of kind glob");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

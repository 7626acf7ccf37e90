//! The arrows between crates run downwards only, as ARCHITECTURE.md draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Each crate and the crates of this workspace that it may depend on: what it may know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("beneath", &[]),
    ("ui", &[]),
    ("pages", &["jobs", "levels", "pipeline", "ui"]),
    ("protocol", &[]),
    ("ledger", &["beneath"]),
    ("outbound", &[]),
    ("levels", &["beneath"]),
    ("matching", &[]),
    ("dummy", &[]),
    ("sandbox", &[]),
    ("runtimes", &[]),
    ("pipeline", &["levels"]),
    ("jobs", &["levels", "pipeline"]),
    ("cohortextractor", &["dummy"]),
    (
        "runner",
        &[
            "beneath",
            "cohortextractor",
            "dummy",
            "levels",
            "pipeline",
            "runtimes",
            "sandbox",
        ],
    ),
    (
        "agent",
        &[
            "beneath", "levels", "outbound", "pipeline", "protocol", "runner", "runtimes",
            "sandbox",
        ],
    ),
    (
        "server",
        &[
            "jobs", "ledger", "levels", "outbound", "pages", "pipeline", "protocol", "ui",
        ],
    ),
    (
        "cli",
        &[
            "agent", "jobs", "ledger", "levels", "matching", "outbound", "pipeline", "protocol",
            "runner", "runtimes", "sandbox", "server",
        ],
    ),
];

/// What pure crates must never reach: files by handle, processes, the network, clocks.
const PURE: &[(&str, &[&str])] = &[
    ("pipeline", &["rustix", "tempfile", "jiff", "tokio"]),
    ("jobs", &["rustix", "tempfile", "jiff", "tokio"]),
];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let names = dependencies
                .iter()
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| dependency["name"].as_str().expect("name").to_owned());
            (
                short(package["name"].as_str().expect("name")),
                names.collect(),
            )
        })
        .collect()
}

fn short(name: &str) -> String {
    name.strip_prefix("glovebox-").unwrap_or(name).to_owned()
}

#[test]
fn no_crate_knows_what_it_must_not() {
    let dependencies = dependencies();
    let known: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    let present: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(
        present, known,
        "a new crate is entered here and in ARCHITECTURE.md"
    );
    for (name, may_know) in MAY_KNOW {
        for dependency in &dependencies[*name] {
            if let Some(inner) = dependency.strip_prefix("glovebox-") {
                assert!(
                    may_know.contains(&inner),
                    "{name} must not depend on {inner}"
                );
            }
        }
    }
}

#[test]
fn pure_crates_stay_pure() {
    let dependencies = dependencies();
    for (name, forbidden) in PURE {
        for crate_name in *forbidden {
            assert!(
                !dependencies[*name].contains(*crate_name),
                "{name} must not use {crate_name}"
            );
        }
    }
}

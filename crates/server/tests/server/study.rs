//! The study that tests run, and what is said about it.

use std::{path::Path, process::Command};

use glovebox_protocol::{CreateRequest, Ended, Happened, JobRequest};

pub(crate) const PROJECT: &str = "\
version: '4.0'
actions:
  cohort:
    run: ehrql:v1 generate-dataset analysis/dataset.py --output output/cohort.csv.gz
    outputs: {highly_sensitive: {cohort: output/cohort.csv.gz}}
  count:
    run: python:latest python analysis/count.py
    needs: [cohort]
    outputs: {moderately_sensitive: {table: output/count.csv}}
  plot:
    run: python:latest python analysis/plot.py
    needs: [cohort]
    outputs: {moderately_sensitive: {plot: output/plot.csv}}
";

pub(crate) const SUCCESS: Happened = Happened::Ended(Ended::Succeeded { withheld: false });

pub(crate) fn asked(backend: &str, actions: &[&str]) -> CreateRequest {
    CreateRequest {
        workspace: "long-covid".to_owned(),
        backend: backend.to_owned(),
        git_ref: None,
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        force_run_dependencies: false,
        notify: false,
    }
}

/// The state and code of the job of an action.
pub(crate) fn stands(request: &JobRequest, action: &str) -> (String, String) {
    let job = request.jobs.iter().find(|job| job.action == action);
    let job = job.expect("a job for the action");
    (job.state.clone(), job.status_code.clone())
}

/// Makes an empty repository.
pub(crate) fn init(folder: &Path) {
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
}

/// Changes the project file of a repository, and gives the commit.
pub(crate) fn commit(folder: &Path, project: &str) -> String {
    std::fs::write(folder.join("project.yaml"), project).unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "change"]);
    git(folder, &["rev-parse", "HEAD"])
}

/// Changes the project file in the newest commit itself, and gives the commit that it becomes.
pub(crate) fn commit_instead(folder: &Path, project: &str) -> String {
    std::fs::write(folder.join("project.yaml"), project).unwrap();
    git(folder, &["add", "."]);
    git(
        folder,
        &["commit", "--quiet", "--amend", "--message", "instead"],
    );
    git(folder, &["rev-parse", "HEAD"])
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=researcher",
            "-c",
            "user.email=researcher@example.org",
        ])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

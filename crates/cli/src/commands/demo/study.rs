//! The example study, part of the program: it is laid out as a repository, for the demonstration.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../../studies/long-covid-sick-notes/", $path)))),*]
    };
}

/// Each file of the study: its path there, and what it holds.
const FILES: &[(&str, &str)] = files![
    ".gitignore",
    "README.md",
    "analysis/codelists.py",
    "analysis/match_running.py",
    "analysis/study_definition_covid_2020.py",
    "analysis/study_definition_general_2019.py",
    "analysis/study_definition_general_2020.py",
    "analysis/study_definition_pneumonia_2019.py",
    "analysis/variables.py",
    "codelists/asthma.csv",
    "codelists/cancer.csv",
    "codelists/chronic-respiratory.csv",
    "codelists/covid-hospital.csv",
    "codelists/covid-primary-care.csv",
    "codelists/dementia.csv",
    "codelists/diabetes.csv",
    "codelists/ethnicity.csv",
    "codelists/fit-notes.csv",
    "codelists/heart-disease.csv",
    "codelists/hiv.csv",
    "codelists/hypertension.csv",
    "codelists/immunosuppression.csv",
    "codelists/pneumonia.csv",
    "codelists/prednisolone.csv",
    "codelists/smoking.csv",
    "project.yaml",
];

/// The branch that the study is on.
pub(super) const BRANCH: &str = "main";

/// Its `project.yaml`.
pub(super) fn project_yaml() -> &'static str {
    let found = FILES.iter().find(|(path, _)| *path == "project.yaml");
    found.map_or("", |(_, text)| text)
}

/// Lays the study out in a folder, and commits it. A folder that is a repository already stays as it is:
/// somebody may have gone on with the study.
pub(super) fn lay_out(folder: &Path) -> io::Result<()> {
    if folder.join(".git").is_dir() {
        return Ok(());
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)?;
        }
        fs::write(path, text)?;
    }
    git(folder, &["init", "--quiet"])?;
    // Older ones have no option for the branch of `init`.
    git(
        folder,
        &["symbolic-ref", "HEAD", &format!("refs/heads/{BRANCH}")],
    )?;
    git(folder, &["add", "."])?;
    git(
        folder,
        &["commit", "--quiet", "--message", "The example study"],
    )
}

/// Settings of this machine, such as signing commits or hooks, are not for this repository.
fn git(folder: &Path, args: &[&str]) -> io::Result<()> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A researcher"])
        .args(["-c", "user.email=researcher@example.org"])
        .args(["-c", "commit.gpgsign=false"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it said nothing");
    Err(io::Error::other(format!("git: {first}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_study_is_here_and_it_becomes_a_repository() {
        let study =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/long-covid-sick-notes");
        let mut there = Vec::new();
        for folder in ["", "analysis", "codelists"] {
            for entry in fs::read_dir(study.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let name = entry.file_name().into_string().unwrap();
                    there.push(Path::new(folder).join(name).display().to_string());
                }
            }
        }
        there.sort();
        let here: Vec<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(here, there);

        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path()).unwrap();
        let head = folder.path().join(".git/refs/heads").join(BRANCH);
        let commit = fs::read_to_string(&head).unwrap();
        lay_out(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&head).unwrap(), commit);
    }
}

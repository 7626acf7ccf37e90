//! Studies in real repositories.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use glovebox_protocol::Task;
use tempfile::TempDir;

/// A repository with commits of a study.
pub(crate) struct Study {
    dir: TempDir,
}

/// An action that prints a marker, and makes two files whose names hold one: one that only jobs may read,
/// and one for people.
pub(crate) const WHOLE: &str = "
version: 3
expectations: {population_size: 50}
actions:
  make:
    run: python:v2 python analysis/make.py
    outputs:
      highly_sensitive: {rows: output/SECRETNAME_rows.csv}
      moderately_sensitive: {table: output/SECRETNAME_table.csv}
  count:
    run: python:v2 python analysis/count.py
    needs: [make]
    outputs:
      moderately_sensitive: {count: output/SECRETNAME_count.csv}
  withheld:
    run: python:v2 python analysis/withheld.py
    outputs:
      moderately_sensitive: {rows: output/SECRETNAME_withheld.csv}
  fail:
    run: python:v2 python analysis/fail.py
    outputs:
      highly_sensitive: {rows: output/SECRETNAME_fail.csv}
  slow:
    run: python:v2 python analysis/slow_TAG.py
    outputs:
      highly_sensitive: {rows: output/SECRETNAME_slow.csv}
  nothing:
    run: python:v2 python analysis/nothing.py
    outputs:
      highly_sensitive: {rows: output/SECRETNAME_nothing.csv}
  typo:
    run: python:v2 python analysis/SECRETNAME_typo.py
    outputs:
      highly_sensitive: {rows: output/typo.csv}
  extract:
    run: cohortextractor:latest generate_cohort --study-definition study_definition
    outputs:
      highly_sensitive: {cohort: output/input.csv}
";

const MAKE: &str = "
import os
print('SECRETLINE one')
os.makedirs('output', exist_ok=True)
open('output/SECRETNAME_rows.csv', 'w').write('patient_id,age\\n1,40\\n')
open('output/SECRETNAME_table.csv', 'w').write('age,count\\n40,100\\n')
";

const COUNT: &str = "
rows = len(open('output/SECRETNAME_rows.csv').readlines())
open('output/SECRETNAME_count.csv', 'w').write(f'count\\n{rows}\\n')
";

const WITHHELD: &str = "
import os
os.makedirs('output', exist_ok=True)
open('output/SECRETNAME_withheld.csv', 'w').write('patient_id,age\\n1,40\\n')
";

const FAIL: &str = "
raise ValueError('SECRETLINE in SECRETNAME')
";

/// Runs longer than any test waits.
const SLOW: &str = "
import time
print('SECRETLINE waits', flush=True)
time.sleep(600)
";

const DEFINITION: &str = "
from cohortextractor import StudyDefinition, patients
study = StudyDefinition(
    default_expectations={'date': {'earliest': '1900-01-01', 'latest': 'today'}},
    population=patients.all(),
    age=patients.age_as_of('2020-01-01', return_expectations={'int': {'distribution': 'population_ages'}, 'rate': 'universal'}),
)
";

impl Study {
    /// A repository without commits.
    pub(crate) fn new() -> Self {
        let study = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        study.git(&["init", "--quiet", "-b", "main"]);
        study
    }

    /// A repository with the whole study in one commit; and that commit.
    pub(crate) fn whole() -> (Self, String) {
        let study = Self::new();
        for (path, text) in [
            ("project.yaml", WHOLE.replace("TAG", &study.tag()).as_str()),
            ("analysis/make.py", MAKE),
            ("analysis/count.py", COUNT),
            ("analysis/withheld.py", WITHHELD),
            ("analysis/fail.py", FAIL),
            (study.slow_script().as_str(), SLOW),
            ("analysis/nothing.py", ""),
            ("analysis/study_definition.py", DEFINITION),
            ("codelists/codelists.txt", ""),
        ] {
            study.write(path, text);
        }
        let commit = study.commit();
        (study, commit)
    }

    /// Tells its processes from those of other tests.
    fn tag(&self) -> String {
        let name = self.dir.path().file_name().unwrap().to_str().unwrap();
        name.trim_start_matches('.').to_owned()
    }

    /// The script of the action that does not end; no other test has one of this name.
    pub(crate) fn slow_script(&self) -> String {
        format!("analysis/slow_{}.py", self.tag())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn link(&self, path: &str, to: &Path) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        symlink(to, path).unwrap();
    }

    /// Commits all there is.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "study"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.dir.path())
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
            .args([
                "-c",
                "protocol.file.allow=always",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.dir.path().display())
    }

    /// A task for an action at a commit.
    pub(crate) fn task(&self, name: &str, action: &str, commit: &str) -> Task {
        Task {
            task: name.to_owned(),
            again: false,
            lease_seconds: 60,
            time_limit_seconds: None,
            workspace: "sick-notes".to_owned(),
            repo: self.url(),
            commit: commit.to_owned(),
            action: action.to_owned(),
            requires_db: false,
            request: "abcdefghij234567".to_owned(),
            requested_by: "researcher".to_owned(),
        }
    }
}

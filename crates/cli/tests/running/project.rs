//! A project folder made for one test, and what `glovebox` says when it runs there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A project folder that vanishes with the test.
pub(crate) struct Project {
    dir: TempDir,
}

/// One ended `glovebox` command.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// A folder with these files: path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A project with one Python action `act`, its script, and one highly sensitive output.
    pub(crate) fn of_script(script: &str, output: &str) -> Self {
        let yaml = format!(
            "version: 4\nactions:\n  act:\n    run: python:v2 python analysis/act.py\n    outputs:\n      highly_sensitive: {{out: '{output}'}}\n"
        );
        Self::new(&[("project.yaml", &yaml), ("analysis/act.py", script)])
    }

    /// A project with one extraction `extract`, whose study definition is this text.
    pub(crate) fn of_definition(definition: &str) -> Self {
        Self::new(&[
            (
                "project.yaml",
                "version: 3\nexpectations: {population_size: 100}\nactions:\n  extract:\n    run: cohortextractor:latest generate_cohort --study-definition study_definition --output-dir=output\n    outputs:\n      highly_sensitive: {cohort: output/input.csv}\n",
            ),
            ("analysis/study_definition.py", definition),
            ("codelists/codelists.txt", ""),
        ])
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a written file");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A `glovebox` command in this folder.
    pub(crate) fn glovebox(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glovebox"));
        command
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .env("NO_COLOR", "1");
        command
    }

    /// Runs it to its end.
    pub(crate) fn say(&self, args: &[&str]) -> Said {
        Said::from(self.glovebox(args).output().expect("glovebox starts"))
    }

    /// `glovebox run … --format json`, and the report.
    pub(crate) fn run(&self, args: &[&str]) -> (Said, Value) {
        let said = self.say(&[&["run", "--format", "json"], args].concat());
        let report = serde_json::from_str(&said.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", said.stdout, said.stderr));
        (said, report)
    }

    /// Whether nothing of a job is left behind but its log and record.
    pub(crate) fn assert_clean(&self) {
        let left: Vec<_> = fs::read_dir(self.file(".glovebox/work"))
            .expect("the private folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The report of one action.
pub(crate) fn action<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["actions"]
        .as_array()
        .and_then(|actions| actions.iter().find(|action| action["action"] == name))
        .unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

/// Runs the only action of a project that must fail, and checks how.
#[track_caller]
pub(crate) fn fails(project: &Project, args: &[&str], kind: &str, says: &[&str]) {
    let (said, report) = project.run(&[&["run_all"], args].concat());
    assert_eq!(said.code, Some(1), "{}\n{report:#}", said.stderr);
    let failed = &report["actions"][0];
    assert_eq!(failed["state"], "failed", "{report:#}");
    assert_eq!(failed["failure"]["kind"], kind, "{report:#}");
    assert_eq!(
        failed["outputs"].as_array().map(Vec::len),
        Some(0),
        "{report:#}"
    );
    let text = format!("{report:#}\n{}", said.stderr);
    for words in says {
        assert!(text.contains(words), "`{words}` is not in:\n{text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    project.assert_clean();
    assert!(
        !project.file("output").exists(),
        "an output of a failed action was filed"
    );
}

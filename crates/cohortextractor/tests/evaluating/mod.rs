//! Running the Python package as the runner does, but without its sandbox.

use std::path::Path;
use std::process::Command;

use glovebox_cohortextractor::{DummyCohort, DummyOptions, Problem, parse_document, plan_dummy};

/// What one evaluation printed.
pub(crate) struct Evaluation {
    pub(crate) code: Option<i32>,
    pub(crate) document: Vec<u8>,
    pub(crate) log: String,
}

/// Evaluates a study folder with these arguments.
pub(crate) fn evaluate(folder: &Path, arguments: &[&str]) -> Evaluation {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
    let output = Command::new("python3")
        .args(["-m", "cohortextractor"])
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONPATH", package)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 is needed for this test");
    Evaluation {
        code: output.status.code(),
        document: output.stdout,
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Plans dummy data of 1 000 rows, unless the arguments said otherwise, with today in 2024.
pub(crate) fn plan(folder: &Path, document: &[u8]) -> Result<Vec<DummyCohort>, Vec<Problem>> {
    let options = DummyOptions {
        population: 1_000,
        seed: 7,
        today: jiff::civil::date(2024, 5, 17),
    };
    plan_dummy(
        &parse_document(document).expect("the document is sound"),
        options,
        &|path| Ok(Box::new(std::fs::File::open(folder.join(path))?)),
    )
}

/// A folder with one study definition.
pub(crate) fn folder(code: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("codelists")).unwrap();
    std::fs::create_dir_all(folder.path().join("analysis")).unwrap();
    let code = format!("from cohortextractor import *\n{code}");
    std::fs::write(folder.path().join("analysis/study_definition.py"), code).unwrap();
    folder
}
